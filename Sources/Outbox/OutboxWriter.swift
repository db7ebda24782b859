package import Chat
package import MongoDB

/// How a node writes what its batches cause into the outbox, within their transactions.
package struct OutboxWriter: Sendable {
    package let mode: @Sendable () -> EffectMode
    /// The node's, which numbers everything that it writes to the outbox.
    package let order: WriteOrder
    package let now: @Sendable () -> Timestamp

    package init(
        mode: @escaping @Sendable () -> EffectMode,
        order: WriteOrder,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.mode, self.order, self.now) = (mode, order, now)
    }

    /// The writes that put effects into the outbox, each unless it is there already; none while effects are off.
    package func writes(_ effects: [Effect]) -> [MongoUpdate] {
        guard !effects.isEmpty else { return [] }
        let (mode, now) = (mode(), now())
        return effects.compactMap { $0.outboxWrite(mode, order: order.next(at: now), at: now) }
    }
}
