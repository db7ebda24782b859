import Glibc

/// A value that one thread at a time may use, such as a database connection.
///
/// Not `Synchronization.Mutex`: it refuses every closure that itself takes a closure, because nothing then proves that
/// the value does not leak; and on Linux the thread sanitizer takes each contended use of it for a race.
///
/// `@unchecked Sendable`: the value is touched with the POSIX lock held, and what comes out is `Sendable`.
package final class Locked<Value>: @unchecked Sendable {
    private var value: Value
    /// On the heap, because a POSIX lock must not move.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    package init(_ value: sending Value) {
        self.value = value
        lock.initialize(to: pthread_mutex_t())
        pthread_mutex_init(lock, nil)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    package func withLock<Result: Sendable, Failure>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&value)
    }
}
