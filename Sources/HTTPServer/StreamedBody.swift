import Blocking

/// Between the producer of a body, in a task of its own, and the server's thread: what waits to be sent, within a bound.
final class StreamedBody: Sendable {
    enum Taken {
        case bytes(Int)
        /// The producer has nothing yet; the mailbox gets this body when that has changed.
        case nothing
        case end
        /// The producer failed, or nobody reads any more.
        case broken
    }

    let connection: Connection
    private let source: HTTPStream
    private let limit: Int
    private let mailbox: Mailbox
    private let state = Locked(State())

    private struct State {
        var pieces: [[UInt8]] = []
        /// Of the first piece.
        var sent = 0
        var count = 0
        var producer: Task<Void, Never>?
        var outcome: Outcome?
        /// The server's thread was told that there is nothing, and sends nothing until it is told otherwise.
        var isAwaited = false
        var isStopping = false
        var waiters: [CheckedContinuation<Void, Never>] = []

        enum Outcome { case finished, failed, closed }

        mutating func end(_ outcome: Outcome) {
            if self.outcome == nil || outcome == .closed { self.outcome = outcome }
            guard outcome == .closed else { return }
            (pieces, sent, count) = ([], 0, 0)
        }
    }

    init(_ source: HTTPStream, of connection: Connection, limit: Int, mailbox: Mailbox) {
        (self.source, self.connection, self.limit, self.mailbox) = (source, connection, limit, mailbox)
    }

    // MARK: from the producer

    var backlog: Int { state.withLock { $0.count } }

    func write(_ piece: [UInt8]) async throws(HTTPStreamClosed) {
        while true {
            switch append(piece) {
            case .taken: return
            case .noRoom: await untilRoom(for: piece.count)
            case .closed: throw HTTPStreamClosed()
            }
        }
    }

    private enum Appended { case taken, noRoom, closed }

    private func append(_ piece: [UInt8]) -> Appended {
        change { (state: inout State) -> Appended in
            guard state.outcome == nil else { return .closed }
            guard !piece.isEmpty else { return .taken }
            guard hasRoom(state, for: piece.count) else { return .noRoom }
            state.pieces.append(piece)
            state.count += piece.count
            return .taken
        }
    }

    private func hasRoom(_ state: State, for count: Int) -> Bool {
        state.count == 0 || state.count + count <= limit || state.outcome != nil
    }

    private func untilRoom(for count: Int) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isThere = state.withLock { (state: inout State) -> Bool in
                if hasRoom(state, for: count) { return true }
                state.waiters.append(continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func end(_ outcome: State.Outcome) {
        change { (state: inout State) -> Void in
            state.end(outcome)
            state.producer = nil
        }
    }

    /// Tells the server's thread if it waits for what has changed.
    private func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        let (result, mustPost) = state.withLock { (state: inout State) -> (Result, Bool) in
            let result = body(&state)
            let mustPost = state.isAwaited && (state.count > 0 || state.outcome != nil)
            if mustPost { state.isAwaited = false }
            return (result, mustPost)
        }
        if mustPost { mailbox.post(self) }
        return result
    }

    // MARK: from the server's thread

    /// Begins to produce when called first.
    func take(into buffer: UnsafeMutableRawBufferPointer) -> Taken {
        typealias Waiters = [CheckedContinuation<Void, Never>]
        let (taken, waiters) = state.withLock { (state: inout State) -> (Taken, Waiters) in
            if state.producer == nil, state.outcome == nil {
                state.producer = start()
                if state.isStopping { state.producer?.cancel() }
            }
            let taken = Self.take(from: &state, into: buffer)
            guard case .bytes = taken else { return (taken, []) }
            defer { state.waiters = [] }
            return (taken, state.waiters)
        }
        for waiter in waiters { waiter.resume() }
        return taken
    }

    private func start() -> Task<Void, Never> {
        Task {
            do {
                try await source.produce(HTTPBodyWriter(body: self))
                end(.finished)
            } catch {
                end(.failed)
            }
        }
    }

    private static func take(from state: inout State, into buffer: UnsafeMutableRawBufferPointer) -> Taken {
        guard state.count > 0 else {
            switch state.outcome {
            case .finished: return .end
            case .failed, .closed: return .broken
            case nil:
                state.isAwaited = true
                return .nothing
            }
        }
        var (filled, used) = (0, 0)
        while filled < buffer.count, used < state.pieces.count {
            let piece = state.pieces[used]
            let length = min(piece.count - state.sent, buffer.count - filled)
            buffer[filled..<(filled + length)].copyBytes(from: piece[state.sent..<(state.sent + length)])
            filled += length
            state.sent += length
            guard state.sent == piece.count else { break }
            (used, state.sent) = (used + 1, 0)
        }
        state.pieces.removeFirst(used)
        state.count -= filled
        return .bytes(filled)
    }

    /// Nobody reads any more: cancels the producer, and drops what was not sent.
    func close() {
        let (producer, waiters) = state.withLock { state -> (Task<Void, Never>?, [CheckedContinuation<Void, Never>]) in
            state.end(.closed)
            state.isAwaited = false
            defer { (state.producer, state.waiters) = (nil, []) }
            return (state.producer, state.waiters)
        }
        producer?.cancel()
        for waiter in waiters { waiter.resume() }
    }

    func serverIsStopping() {
        guard source.isEndless else { return }
        let producer = state.withLock { state in
            state.isStopping = true
            return state.producer
        }
        producer?.cancel()
    }
}
