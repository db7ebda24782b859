import Analytics
import Chat
import History
import Limits
import MongoDB

/// What has to be done now and then: raw bodies and figures past their retention.
struct Housekeeping {
    private static let interval = Duration.seconds(600)

    private let limits: Limits.Worker
    private let now: @Sendable () -> Timestamp
    private var last: ContinuousClock.Instant?

    init(limits: Limits.Worker, now: @escaping @Sendable () -> Timestamp) { (self.limits, self.now) = (limits, now) }

    var isDue: Bool { last.map { $0.duration(to: .now) > Self.interval } ?? true }

    /// - Returns: whether there is more to do at once.
    mutating func run(_ writer: HistoryWriter) throws(MongoError) -> Bool {
        let (time, days) = (now(), Int64(limits.rawRetentionDays))
        try writer.dropBodies(receivedBefore: Timestamp(milliseconds: time.milliseconds - days * 86_400_000))
        let figures = limits.figuresKept(at: time)
        guard try !writer.dropFigures(before: figures, most: limits.droppedFigures) else { return true }
        last = .now
        return false
    }
}
