import API
import Blocking
import Chat
import History
import JSON
import Limits
import MongoDB
import WebhookIngest

/// Erases a user where this node keeps anything: in the history, and among what its queue cannot read.
///
/// Readable events that still wait in the queue need nothing: they are stored without content when their turn comes.
struct UserErasure: Sendable {
    /// What an erasure has removed.
    struct Summary: Sendable {
        let history: ErasureReport
        /// Unreadable deliveries, waiting or set aside, that named the user.
        let queued: Int
    }

    let history: HistoryHandle
    /// `nil` where no node keeps one.
    let queue: (any EventQueue)?
    let provider: StreamProvider
    let now: @Sendable () -> Timestamp
    private let thread = BlockingPool(label: "erasure", threads: 1)

    init(
        history: HistoryHandle,
        queue: (any EventQueue)?,
        provider: StreamProvider,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.history, self.queue, self.provider, self.now) = (history, queue, provider, now)
    }

    /// Returns when nothing is left to do, `nil` for a user who is not known; one erasure at a time.
    func erase(_ user: String, entering entries: [AuditEntry]) async throws -> APIServices.Erasure? {
        let summary = try await thread.run { () throws(any Error) in try eraseNow(user, entering: entries) }
        return summary.map { APIServices.Erasure(report: $0.json, isComplete: true) }
    }

    /// The same, blocking.
    func eraseNow(_ user: String, entering entries: [AuditEntry]) throws -> Summary? {
        let store = try history.opened()
        guard try store.knows(user: user) else { return nil }
        let report = try store.erase(user: user, at: now(), entering: entries)
        return Summary(history: report, queued: try removeUnreadable(user))
    }

    private func removeUnreadable(_ user: String) throws(QueueError) -> Int {
        guard let queue else { return 0 }
        let parser = JSONParser()
        let most = Limits.Worker().identifierBytes
        return try queue.remove { delivery in
            guard QuotedStrings.all(in: delivery.body, bytesMost: most).contains(user) else { return false }
            do throws(DecodingFailure) {
                _ = try provider.decode(
                    delivery.body,
                    id: delivery.id,
                    receivedAt: delivery.receivedAt,
                    parser: parser
                )
                return false
            } catch {
                return true
            }
        }
    }
}

extension UserErasure.Summary {
    var json: String {
        var writer = JSONWriter()
        writer.object { object in
            for kind in ErasureReport.Kind.allCases { object.field(kind.rawValue, history[kind]) }
            object.field("queued", queued)
        }
        return writer.text
    }
}
