package import MongoDB

/// Decides what a batch of events causes in the outside world.
package protocol EffectSource: Sendable {
    /// Writes to the outbox, part of the batch's transaction: new effects, and what becomes of waiting ones.
    ///
    /// A pure function of the batch but for the time of day: the same batch may be asked about more than once.
    func outboxWrites(of batch: BatchFold) -> [MongoUpdate]
}
