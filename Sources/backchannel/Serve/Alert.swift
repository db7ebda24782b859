import Chat
import History
import Limits
import Outbox
import WebhookIngest

/// What an operator is woken for.
enum Alert: String, Sendable, CaseIterable {
    case mongoDown = "mongodb-down"
    case queueFilling = "queue-filling"
    case rejections = "rejections"
    case silence = "silence"
    case destinationStopped = "destination-stopped"
}

/// What alerts are judged by, as it stands at one moment.
struct AlertObservation: Sendable, Equatable {
    var isMongoReachable: Bool
    /// The larger share of its limits, in rows or bytes, that the queue uses; 0 to 1.
    var queueShare: Double
    /// Ever since the start.
    var rejections: Int64
    var accepted: Int64
    /// Destinations of effects that are left alone.
    var stopped: [Stopped] = []

    struct Stopped: Sendable, Equatable {
        var destination: String
        var reason: String
        var seconds: Int64
    }
}

extension AlertObservation {
    init(
        _ queue: any EventQueue,
        _ limits: Limits.Queue,
        _ history: HistoryHandle,
        _ receiver: WebhookReceiver,
        _ health: DestinationHealth,
        at now: Timestamp
    ) {
        let status = queue.status
        self.init(
            isMongoReachable: history.isReachable,
            queueShare: max(
                Double(status.rows) / Double(limits.rows),
                Double(status.bytes) / Double(limits.bytes)
            ),
            rejections: receiver.rejections.total,
            accepted: receiver.accepted,
            stopped: health.stopped.map { destination, stop in
                Stopped(
                    destination: destination.description,
                    reason: stop.reason,
                    seconds: max(0, (now.milliseconds - stop.since.milliseconds) / 1_000)
                )
            }
        )
    }
}

/// Decides when an alert is due: a pure function of what is observed and when.
struct AlertRules: Sendable {
    /// A condition to be reported, in a sentence.
    struct Notice: Sendable, Equatable {
        let alert: Alert
        let text: String
    }

    private let limits: Limits.Alert
    private var mongoDownSince: Duration?
    private var lastAccepted: Int64 = 0
    private var lastAcceptedAt: Duration?
    private var rejectionWindow: (start: Duration, count: Int64)?
    private var lastSent: [Alert: Duration] = [:]

    init(_ limits: Limits.Alert) { self.limits = limits }

    /// - Parameter uptime: monotonic time, the same clock at each call.
    /// - Returns: what is to be sent now; the same alert again only after `repeatSeconds`.
    mutating func notices(_ observation: AlertObservation, at uptime: Duration) -> [Notice] {
        let conditions = [
            mongoDown(observation, uptime), queueFilling(observation), rejections(observation, uptime),
            silence(observation, uptime), destinationStopped(observation),
        ]
        return conditions.compactMap(\.self).filter { notice in
            if let last = lastSent[notice.alert], uptime - last < .seconds(limits.repeatSeconds) { return false }
            lastSent[notice.alert] = uptime
            return true
        }
    }

    private mutating func mongoDown(_ observation: AlertObservation, _ uptime: Duration) -> Notice? {
        guard !observation.isMongoReachable else {
            mongoDownSince = nil
            return nil
        }
        let since = mongoDownSince ?? uptime
        mongoDownSince = since
        guard uptime - since >= .seconds(limits.mongoDownSeconds) else { return nil }
        let seconds = (uptime - since).components.seconds
        return Notice(
            alert: .mongoDown,
            text: "MongoDB has been unreachable for \(seconds) s. Events are kept in the queue; check MONGODB_URI."
        )
    }

    private func queueFilling(_ observation: AlertObservation) -> Notice? {
        guard observation.queueShare >= limits.queueShare else { return nil }
        let percent = Int(observation.queueShare * 100)
        return Notice(
            alert: .queueFilling,
            text: "The queue is \(percent) % full. When it is full the provider is told to come again, three times."
        )
    }

    private mutating func rejections(_ observation: AlertObservation, _ uptime: Duration) -> Notice? {
        let window = rejectionWindow ?? (uptime, observation.rejections)
        rejectionWindow = window
        guard uptime - window.start >= .seconds(60) else { return nil }
        rejectionWindow = (uptime, observation.rejections)
        let count = observation.rejections - window.count
        guard count >= limits.rejectionsPerMinute else { return nil }
        return Notice(
            alert: .rejections,
            text: "\(count) deliveries were rejected within a minute. 'backchannel doctor' names the causes."
        )
    }

    private func destinationStopped(_ observation: AlertObservation) -> Notice? {
        let stopped = observation.stopped.filter { $0.seconds >= Int64(limits.destinationStoppedSeconds) }
        guard !stopped.isEmpty else { return nil }
        let reasons = stopped.map { "\($0.destination) for \($0.seconds) s: \($0.reason)" }.sorted()
        return Notice(
            alert: .destinationStopped,
            text: "Effects wait, nothing is lost; not reached: \(reasons.joined(separator: "; "))"
        )
    }

    private mutating func silence(_ observation: AlertObservation, _ uptime: Duration) -> Notice? {
        if observation.accepted != lastAccepted {
            lastAccepted = observation.accepted
            lastAcceptedAt = uptime
        }
        // Only after something came: a service that nobody is connected to yet has nothing to miss.
        guard let last = lastAcceptedAt, uptime - last >= .seconds(limits.silenceSeconds) else { return nil }
        let seconds = (uptime - last).components.seconds
        return Notice(
            alert: .silence,
            text: "No event has arrived for \(seconds) s although events came before. Check the provider's webhook."
        )
    }
}
