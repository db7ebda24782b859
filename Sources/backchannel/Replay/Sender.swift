import Foundation
import Limits

/// Sends a plan's deliveries over several keep-alive connections, one outstanding on each, from a single thread.
///
/// Closed loop: the next delivery goes out when an answer comes in. At a rate: deliveries have due times, and latency
/// counts from these, so that a stall is not hidden by sending less.
struct Sender: ~Copyable {
    private static let tick: UInt64 = 20_000_000
    private let job: ReplayJob
    private let addresses: [SocketAddress]
    private let writer: RequestWriter
    private let watch: ReplayWatch
    private let connections: [Connection]
    private var plan: DeliveryPlan
    private var poller: Poller
    private var acknowledged: AcknowledgedFile?
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    private var report = ReplayReport()

    /// Connected and without a delivery.
    private var idle: [Int] = []
    /// Deliveries that connections hold.
    private var carried = 0
    private var planHasEnded = false
    private var hasConnected = false
    private var lastLoss = "no connection"
    private var startedAt: UInt64 = 0
    private var lastAnswer: UInt64 = 0

    /// Opens the input and looks the host up, blocking.
    init(_ job: ReplayJob, _ watch: ReplayWatch) throws(ReplayFault) {
        let addresses = try job.endpoint.addresses()
        let source = try job.input.open(shuffle: job.shuffleSeed, limits: job.limits)
        let acknowledged: AcknowledgedFile? =
            if let path = job.acknowledgedPath { try AcknowledgedFile(path: path) } else { nil }
        poller = try Poller()
        self.acknowledged = acknowledged
        self.addresses = addresses
        self.job = job
        self.watch = watch
        writer = RequestWriter(job)
        connections = (0..<job.connections).map { _ in Connection(limits: job.limits) }
        plan = DeliveryPlan(source, job)
    }

    /// Sends everything, blocking the calling thread.
    mutating func run() throws(ReplayFault) -> ReplayReport {
        // Not before: opening a large input takes its time.
        startedAt = Self.now()
        lastAnswer = startedAt
        let expected = plan.expected
        var nextTick: UInt64 = 0
        while true {
            let now = Self.now()
            if now >= nextTick {
                try maintain(now)
                watch.progress(report.latency.count, expected)
                nextTick = now + Self.tick
            }
            try assign()
            if planHasEnded && carried == 0 || report.stopped != nil || report.unreachable != nil { break }
            for event in poller.wait(nanoseconds: patience(until: nextTick)) { try handle(event) }
            try acknowledged?.flush()
        }
        report.seconds = Double(Self.now() - startedAt) / 1e9
        report.unacknowledged += connections.count { $0.delivery?.isForged == false }
        watch.progress(report.latency.count, report.latency.count)
        return report
    }

    // MARK: Deliveries

    private mutating func assign() throws(ReplayFault) {
        while !planHasEnded, let index = idle.last {
            let (now, due) = (Self.now(), dueTime())
            guard due <= now else { return }
            guard let delivery = try plan.next() else {
                planHasEnded = true
                return
            }
            idle.removeLast()
            report.count(delivery)
            carried += 1
            connections[index].take(delivery, at: job.rate == nil ? now : due)
            try attempt(index)
        }
    }

    private func dueTime() -> UInt64 {
        job.rate.map { startedAt + UInt64(Double(report.deliveries) / $0 * 1e9) } ?? 0
    }

    /// How long to wait for answers before something else is to be done.
    private func patience(until nextTick: UInt64) -> UInt64 {
        let now = Self.now()
        let isDueFirst = job.rate != nil && !planHasEnded && !idle.isEmpty
        let until = isDueFirst ? min(nextTick, dueTime()) : nextTick
        return until > now ? until - now : 0
    }

    private mutating func attempt(_ index: Int) throws(ReplayFault) {
        let connection = connections[index]
        guard let delivery = connection.delivery else { return }
        connection.attempts += 1
        if connection.attempts > 1 { report.attemptsRepeated += 1 }
        try writer.write(delivery, attempt: connection.attempts, into: &connection.request)
        report.bytes += connection.request.bytes.count
        try conclude(index, connection.begin(at: Self.now()))
    }

    /// The delivery's fate is decided; the connection is free for another.
    private mutating func settle(_ index: Int, success: Bool, status: Int?) {
        let connection = connections[index]
        guard let delivery = connection.delivery else { return }
        connection.delivery = nil
        carried -= 1
        report.settle(delivery, success: success, status: status)
        if success, !delivery.isForged { acknowledged?.add(delivery.event.body) }
    }

    // MARK: Events

    private mutating func handle(_ event: Poller.Event) throws(ReplayFault) {
        let connection = connections[event.index]
        switch connection.state {
        case .closed: break
        case .connecting:
            guard connection.finishConnecting() else {
                connection.failures += 1
                return lose(event.index, "connecting: \(String(cString: strerror(errno)))")
            }
            hasConnected = true
            poller.change(connection.descriptor, index: event.index, forWriting: false)
            try proceed(event.index)
        case .sending where !event.isReadable: try conclude(event.index, connection.send())
        case .idle, .sending, .receiving, .waiting:
            if event.isReadable { try conclude(event.index, connection.receive(into: &buffer)) }
        }
    }

    private mutating func conclude(_ index: Int, _ outcome: Connection.Outcome) throws(ReplayFault) {
        let connection = connections[index]
        switch outcome {
        case .pending:
            let isSending = connection.state == .sending
            guard isSending != connection.waitsForRoom else { return }
            connection.waitsForRoom = isSending
            poller.change(connection.descriptor, index: index, forWriting: isSending)
        case .answered(let answer): try answered(index, answer)
        case .lost(let reason): lose(index, reason)
        }
    }

    private mutating func answered(_ index: Int, _ answer: HTTPAnswer) throws(ReplayFault) {
        let connection = connections[index]
        let now = Self.now()
        lastAnswer = now
        connection.losses = 0
        report.count(answer)
        // An answer before the whole request was sent leaves its rest behind: no place for another.
        if !answer.keepsConnection || connection.state == .sending { connection.close() }
        if answer.asksForAnotherTry, connection.attempts <= job.retries {
            let pause = pause(after: connection.attempts, retryAfterSeconds: answer.retryAfterSeconds)
            connection.state = .waiting(until: now + pause)
            return
        }
        report.latency.record(nanoseconds: now - connection.startedAt)
        settle(index, success: (200..<300).contains(answer.status), status: answer.status)
        if connection.descriptor >= 0 { try proceed(index) } else { open(index) }
    }

    /// Connected: sends what the connection holds, or offers it for the next delivery.
    private mutating func proceed(_ index: Int) throws(ReplayFault) {
        guard connections[index].delivery == nil else { return try attempt(index) }
        connections[index].state = .idle
        idle.append(index)
    }

    private mutating func lose(_ index: Int, _ reason: String) {
        let connection = connections[index]
        if connection.state == .connecting, connection.delivery != nil {
            connection.attempts += 1  // nobody listening is a failed attempt too
        } else if connection.state != .connecting, connection.delivery != nil {
            report.connectionsLost += 1
        }
        connection.close()
        connection.losses += 1
        lastLoss = reason
        idle.removeAll { $0 == index }
        let until = Self.now() + pause(after: connection.losses, retryAfterSeconds: nil)
        if connection.delivery != nil, connection.attempts <= job.retries {
            connection.state = .waiting(until: until)
        } else {
            settle(index, success: false, status: nil)
            connection.state = .closed(until: until)
        }
    }

    // MARK: Time

    /// Connects what is closed, sends again what has waited, gives up what takes too long.
    private mutating func maintain(_ now: UInt64) throws(ReplayFault) {
        for (index, connection) in connections.enumerated() {
            switch connection.state {
            case .closed(let until) where now >= until && !planHasEnded: open(index)
            case .waiting(let until) where now >= until:
                if connection.descriptor >= 0 { try attempt(index) } else { open(index) }
            case .connecting, .sending, .receiving:
                let limit = UInt64(job.timeoutSeconds) * 1_000_000_000
                if now > connection.attemptedAt + limit { lose(index, "no answer within \(job.timeoutSeconds) s") }
            default: break
            }
        }
        checkSilence(now)
    }

    private mutating func checkSilence(_ now: UInt64) {
        let silence = (now - min(now, lastAnswer)) / 1_000_000_000
        if watch.isInterrupted() {
            report.stopped = "interrupted"
        } else if !hasConnected, silence >= job.limits.connectSeconds {
            report.unreachable = "nobody answers at \(job.endpoint.hostHeader) (\(lastLoss)); is the service running?"
        } else if silence >= job.limits.silenceSeconds, carried > 0 || idle.isEmpty {
            report.stopped = "no answer for \(silence) s (\(lastLoss))"
        }
    }

    private mutating func open(_ index: Int) {
        let connection = connections[index]
        connection.attemptedAt = Self.now()
        connection.waitsForRoom = false
        guard !addresses.isEmpty, connection.open(addresses[connection.failures % addresses.count]) else {
            connection.failures += 1
            return lose(index, "connecting: \(String(cString: strerror(errno)))")
        }
        poller.add(connection.descriptor, index: index, forWriting: true)
    }

    /// How long to wait, in nanoseconds: `Retry-After`, else twice as long each time; both bounded.
    private func pause(after attempts: Int, retryAfterSeconds: Int?) -> UInt64 {
        let limits = job.limits
        let doubled = limits.retryFloorMilliseconds << max(0, min(attempts - 1, 16))
        let asked = retryAfterSeconds.map { min($0, limits.retryCeilingMilliseconds) * 1_000 }
        return UInt64(min(asked ?? doubled, limits.retryCeilingMilliseconds)) * 1_000_000
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
