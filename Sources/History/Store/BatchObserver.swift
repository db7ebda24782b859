/// Is told of every batch that is stored.
package protocol BatchObserver: Sendable {
    /// Called once the transaction is committed, on the writer's thread: must be quick.
    func stored(_ batch: BatchFold)
}
