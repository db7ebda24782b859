import Synchronization

/// A value that one thread at a time may use, such as a database connection.
///
/// `@unchecked Sendable`: the value is only reached through the lock. `Mutex` alone would also prove that nothing leaks
/// out of the closure, but then refuses every closure that itself takes a closure; ours give back `Sendable` results.
final class Locked<Value>: @unchecked Sendable {
    private let lock = Mutex(())
    private var value: Value

    init(_ value: Value) { self.value = value }

    func withLock<Result: Sendable, Failure>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try lock.withLock { _ throws(Failure) in try body(&value) }
    }
}
