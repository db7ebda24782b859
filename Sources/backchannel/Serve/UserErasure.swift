import API
import Blocking
import Chat
import History
import JSON
import MongoDB
import WebhookIngest

/// Erases a user where this node keeps anything: in the history, and among what its queue has set aside.
///
/// Events still waiting in the queue need nothing: they are stored without content when their turn comes.
struct UserErasure: Sendable {
    let history: HistoryHandle
    let queue: any EventQueue
    let now: @Sendable () -> Timestamp
    private let thread = BlockingPool(label: "erasure", threads: 1)

    init(history: HistoryHandle, queue: any EventQueue, now: @escaping @Sendable () -> Timestamp) {
        (self.history, self.queue, self.now) = (history, queue, now)
    }

    /// Returns when nothing is left to do; one erasure at a time.
    func erase(_ user: String) async throws -> APIServices.Erasure? {
        let report = try await thread.run { () throws(any Error) in
            try history.opened().erase(user: user, at: now())
        }
        return APIServices.Erasure(report: Self.json(report), isComplete: true)
    }

    static func json(_ report: ErasureReport) -> String {
        var writer = JSONWriter()
        writer.object { object in
            for kind in ErasureReport.Kind.allCases { object.field(kind.rawValue, report[kind]) }
        }
        return writer.text
    }
}
