import Blocking
import Glibc
import Synchronization

/// Everything that other threads tell the server's thread: answers, what streams have got to send, and to stop.
///
/// The thread is woken only if it sleeps, and once for all that is posted before it looks: a thousand answers cost at most
/// one system call.
final class Mailbox: Sendable {
    struct Answer: Sendable {
        let connection: Connection
        let response: HTTPResponse
    }

    private struct Contents {
        var answers: [Answer] = []
        /// Streams that were found empty, and are no longer.
        var streams: [StreamedBody] = []
        /// Set once the server is asked to stop, until its thread has seen it.
        var drainSeconds: Int?
        var waiters: [CheckedContinuation<Void, Never>] = []
        /// The thread is waiting, or about to, and nobody has woken it yet.
        var asleep = false
        /// The thread is gone.
        var closed = false

        var isEmpty: Bool { answers.isEmpty && streams.isEmpty && drainSeconds == nil }
    }

    let openConnections = Atomic(0)
    let wakeup: Wakeup
    private let contents = Locked(Contents())
    /// The server's thread, as `pthread_self()` names it; 0 before it runs.
    private let thread = Atomic<UInt>(0)

    init() throws(HTTPServerError) { wakeup = try Wakeup() }

    // MARK: from any thread

    /// Whether the caller is the server's thread.
    var isOwnThread: Bool { thread.load(ordering: .relaxed) == pthread_self() }

    func post(_ answer: Answer) {
        change { $0.answers.append(answer) }
    }

    func post(_ stream: StreamedBody) {
        change { $0.streams.append(stream) }
    }

    /// Asks for the end within `drainSeconds`; of several requests the shortest counts.
    func requestStop(drainSeconds: Int) {
        change { $0.drainSeconds = min($0.drainSeconds ?? drainSeconds, drainSeconds) }
    }

    /// Returns once the server's thread is gone.
    func untilClosed() async {
        await withCheckedContinuation { continuation in
            let closed = contents.withLock { contents in
                if !contents.closed { contents.waiters.append(continuation) }
                return contents.closed
            }
            if closed { continuation.resume() }
        }
    }

    // MARK: from the server's thread

    func open() { thread.store(pthread_self(), ordering: .relaxed) }

    /// Whether to go to sleep: not if there is something to take.
    func fallAsleep() -> Bool {
        contents.withLock { contents in
            contents.asleep = contents.isEmpty
            return contents.asleep
        }
    }

    /// Takes what is there.
    ///
    /// - Parameters:
    ///   - answers: an empty array to fill; its memory is used for the next answers.
    ///   - streams: the same.
    /// - Returns: the seconds within which to stop, if that was asked for since the last call.
    func take(_ answers: inout [Answer], _ streams: inout [StreamedBody]) -> Int? {
        contents.withLock { contents in
            contents.asleep = false
            swap(&contents.answers, &answers)
            swap(&contents.streams, &streams)
            defer { contents.drainSeconds = nil }
            return contents.drainSeconds
        }
    }

    /// Drops what is there and what comes later.
    func close() {
        let left = contents.withLock { contents in
            contents.closed = true
            defer { contents = Contents(closed: true) }
            return (waiters: contents.waiters, answers: contents.answers, streams: contents.streams)
        }
        for waiter in left.waiters { waiter.resume() }
    }

    private func change(_ body: (inout Contents) -> Void) {
        let mustRing = contents.withLock { contents in
            guard !contents.closed else { return false }
            body(&contents)
            defer { contents.asleep = false }
            return contents.asleep
        }
        if mustRing { wakeup.ring() }
    }
}
