package import Chat
package import History
package import MongoDB
package import Outbox

/// What the rules decided about a batch, as writes to the outbox.
package struct DecisionEffects: EffectSource {
    private let mode: @Sendable () -> EffectMode
    private let order: WriteOrder
    private let now: @Sendable () -> Timestamp

    /// - Parameter order: the node's, which numbers everything that it writes to the outbox.
    package init(
        mode: @escaping @Sendable () -> EffectMode,
        order: WriteOrder,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.mode, self.order, self.now) = (mode, order, now)
    }

    package func outboxWrites(of batch: BatchFold) -> [MongoUpdate] {
        guard !batch.judgement.effects.isEmpty else { return [] }
        let (mode, now) = (mode(), now())
        return batch.judgement.effects.compactMap { $0.outboxWrite(mode, order: order.next(at: now), at: now) }
    }
}
