package import Chat
import History
import JSON
import Limits

/// What a dashboard shows at the top of every page.
struct LiveFigures {
    /// Of a day that begins at 00:00 UTC.
    struct Day {
        let start: Timestamp
        /// The count is of what was stored until then.
        let moment: LogMoment
        var counted: Int64?
        /// Stored since.
        var since: Int64

        var total: Int64? { counted.map { $0 + since } }

        mutating func note(_ event: LiveEvent) {
            if event.moment > moment, event.received >= start { since += 1 }
        }
    }

    var day: Day?
    var openReviews: Int64?
    private var stored = 0
    private var perTick: [Int] = []

    mutating func note(_ event: LiveEvent) {
        stored += 1
        day?.note(event)
    }

    mutating func tick(_ most: Int) {
        perTick.append(stored)
        stored = 0
        if perTick.count > most { perTick.removeFirst(perTick.count - most) }
    }

    mutating func forget() { self = LiveFigures() }

    /// Events a second; `nil` before there is anything to tell by.
    func rate(tickSeconds: Int) -> Double? {
        perTick.isEmpty ? nil : Double(perTick.reduce(0, +)) / Double(perTick.count * tickSeconds)
    }

    static func startOfDay(_ now: Timestamp) -> Timestamp {
        let day: Int64 = 86_400_000
        return Timestamp(milliseconds: now.milliseconds - now.milliseconds % day)
    }
}

/// What the feed has to be told about the rest of the node.
package struct LiveQueueStatus: Sendable {
    package let rows: Int
    package let oldest: Timestamp?
    package init(rows: Int, oldest: Timestamp?) { (self.rows, self.oldest) = (rows, oldest) }
}
