package import Chat
package import History
package import MongoDB
package import Outbox
import Provider

/// Items of the provider's review queue that are told of only after moderators have decided here: they are marked as reviewed
/// there, as those are that were known when it was decided.
package struct LateItems: EffectSource {
    private let ownUserID: String
    private let mode: @Sendable () -> EffectMode
    private let order: WriteOrder
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - ownUserID: under whose name they are marked.
    ///   - order: the node's, which numbers everything that it writes to the outbox.
    package init(
        ownUserID: String,
        mode: @escaping @Sendable () -> EffectMode,
        order: WriteOrder,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.ownUserID, self.mode, self.order, self.now) = (ownUserID, mode, order, now)
    }

    package func outboxWrites(of batch: BatchFold) -> [MongoUpdate] {
        var told: Set<String> = []
        let effects = batch.events.flatMap { logged in
            logged.received.claims.reviewItems.compactMap { item in
                told.insert(item.id).inserted ? effect(item.id, of: logged.received, in: batch) : nil
            }
        }
        guard !effects.isEmpty else { return [] }
        let (mode, now) = (mode(), now())
        return effects.compactMap { $0.outboxWrite(mode, order: order.next(at: now), at: now) }
    }

    /// `nil` for an item that was known before, that is reviewed, or about which nothing was decided here.
    private func effect(_ item: String, of event: ReceivedEvent, in batch: BatchFold) -> Effect? {
        guard batch.reviewItems.before[item]?.item == nil, let record = batch.reviewItems[item], !record.isReviewed,
            let review = record.item?.value.subject.flatMap({ batch.reviews[$0] }), !review.isOpen,
            review.sources.contains(where: { $0.by == item && review.isDecidedHere($0) })
        else { return nil }
        let user = review.author.flatMap { Pseudonym.isPseudonym($0) ? nil : $0 }
        let call = ProviderCall.markReviewed(.init(item: item, by: ownUserID, cid: review.cid, user: user))
        return Effect(
            key: Effect.EffectKey(entity: item, version: "told late", cause: "review", action: call.name),
            destination: .provider,
            lane: call.lane,
            action: call.name,
            payload: call.json,
            cause: .init(.event, event.id.description),
            eventTime: event.time
        )
    }
}
