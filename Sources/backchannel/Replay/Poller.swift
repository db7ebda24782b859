import CEpoll
import Foundation

/// Waits for many descriptors at once.
///
/// Belongs to one thread.
struct Poller: ~Copyable {
    struct Event {
        let index: Int
        let isWritable: Bool
        /// Readable, closed or broken: reading will tell.
        let isReadable: Bool
    }

    /// As many as the C side takes at once.
    private static let batch = 512
    private let descriptor: Int32
    private var ready = [poll_event](repeating: poll_event(), count: batch)

    init() throws(ReplayFault) {
        descriptor = poll_create()
        guard descriptor >= 0 else {
            throw ReplayFault("create an epoll instance: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    /// Watches a new descriptor, for being writable too when asked.
    ///
    /// Closing the descriptor ends this.
    func add(_ descriptor: Int32, index: Int, forWriting: Bool) {
        poll_watch(self.descriptor, descriptor, UInt64(index), forWriting, false)
    }

    func change(_ descriptor: Int32, index: Int, forWriting: Bool) {
        poll_watch(self.descriptor, descriptor, UInt64(index), forWriting, true)
    }

    /// What is ready, after at most `nanoseconds`.
    mutating func wait(nanoseconds: UInt64) -> [Event] {
        let count = poll_wait(descriptor, &ready, Int32(Self.batch), Int64(clamping: nanoseconds))
        return ready.prefix(max(0, Int(count))).map {
            Event(index: Int($0.tag), isWritable: $0.is_writable, isReadable: $0.is_readable)
        }
    }
}
