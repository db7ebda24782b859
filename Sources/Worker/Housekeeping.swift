import Chat
import History
import Limits
import MongoDB

/// What has to be done now and then: raw bodies past their retention.
struct Housekeeping {
    private static let interval = Duration.seconds(600)

    private let limits: Limits.Worker
    private let now: @Sendable () -> Timestamp
    private var last: ContinuousClock.Instant?

    init(limits: Limits.Worker, now: @escaping @Sendable () -> Timestamp) { (self.limits, self.now) = (limits, now) }

    var isDue: Bool { last.map { $0.duration(to: .now) > Self.interval } ?? true }

    mutating func run(_ writer: HistoryWriter) throws(MongoError) {
        let days = Int64(limits.rawRetentionDays)
        let cutoff = Timestamp(milliseconds: now().milliseconds - days * 86_400_000)
        try writer.dropBodies(receivedBefore: cutoff)
        last = .now
    }
}
