import Chat
package import History
package import MongoDB
package import Outbox
import Provider

/// Items of the provider's review queue that are told of only after moderators have decided here: they are marked as reviewed
/// there, as those are that were known when it was decided.
package struct LateItems: EffectSource {
    private let ownUserID: String
    private let outbox: OutboxWriter

    /// - Parameter ownUserID: under whose name they are marked.
    package init(ownUserID: String, outbox: OutboxWriter) { (self.ownUserID, self.outbox) = (ownUserID, outbox) }

    package func outboxWrites(of batch: BatchFold) -> [MongoUpdate] {
        var told: Set<String> = []
        let effects = batch.events.flatMap { logged in
            logged.received.claims.reviewItems.compactMap { item in
                told.insert(item.id).inserted ? effect(item.id, of: logged.received, in: batch) : nil
            }
        }
        return outbox.writes(effects)
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
