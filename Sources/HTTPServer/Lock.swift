import Glibc

/// A value that one thread at a time may use.
///
/// Not `Synchronization.Mutex`: on Linux that one waits in a part of the runtime that the thread sanitizer cannot see into,
/// so that each contended use of it is reported as a race. POSIX locks the sanitizer knows.
///
/// `@unchecked Sendable`: the value is touched with the POSIX lock held, and nowhere else.
final class Lock<Value>: @unchecked Sendable {
    private var value: Value
    /// On the heap, because a POSIX lock must not move.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init(_ value: sending Value) {
        self.value = value
        lock.initialize(to: pthread_mutex_t())
        pthread_mutex_init(lock, nil)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    func withLock<Result>(_ body: (inout Value) -> sending Result) -> sending Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body(&value)
    }
}
