import Blocking
import History
import Limits
import MongoDB

/// The node's way into the audit trail: whatever waits at a moment is chained by one command.
///
/// While one is under way the others gather, so the more requests come, the more share a command.
final class AuditDesk: Sendable {
    private struct Waiting: Sendable {
        let entries: [AuditEntry]
        let takesUp: Bool
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var waiting: [Waiting] = []
        var isRunning = false
    }

    private let database: Database
    private let limits: Limits
    private let chain: AuditChain
    private let state = Locked(State())

    init(_ database: Database, limits: Limits) {
        (self.database, self.limits) = (database, limits)
        chain = AuditChain(limits: limits.audit)
    }

    /// Enters these; durable on return.
    ///
    /// - Throws: ``Problem`` when too many wait, what MongoDB throws when it cannot be done.
    func enter(_ entries: [AuditEntry]) async throws {
        guard !entries.isEmpty else { return }
        try await join(entries, takesUp: false)
    }

    /// Chains what a transaction has left to be chained.
    func takeUp() async throws { try await join([], takesUp: true) }

    private func join(_ entries: [AuditEntry], takesUp: Bool) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            enum Entry { case first, further, tooMany }
            let entry = state.withLock { state -> Entry in
                guard state.waiting.count < limits.audit.waiting else { return .tooMany }
                state.waiting.append(Waiting(entries: entries, takesUp: takesUp, continuation: continuation))
                defer { state.isRunning = true }
                return state.isRunning ? .further : .first
            }
            switch entry {
            // A task of its own: it serves all that come while it runs, whatever becomes of the first.
            case .first: Task { await self.run() }
            case .further: break
            case .tooMany:
                continuation.resume(
                    throwing: Problem.unavailable(
                        "Too many requests are waiting for the audit trail.",
                        retryAfter: limits.api.retryAfterSeconds
                    )
                )
            }
        }
    }

    private func run() async {
        while let batch = next() {
            let (entries, takesUp) = (batch.flatMap(\.entries), batch.contains(where: \.takesUp))
            let result: Result<Void, any Error>
            do {
                let chain = chain
                try await database.run { (queries) throws(MongoError) in
                    try chain.append(entries, takingUp: takesUp, to: queries.store)
                }
                result = .success(())
            } catch {
                result = .failure(error)
            }
            for waiting in batch { waiting.continuation.resume(with: result) }
        }
    }

    private func next() -> [Waiting]? {
        state.withLock { state in
            let batch = Array(state.waiting.prefix(limits.audit.batch))
            state.waiting.removeFirst(batch.count)
            state.isRunning = !batch.isEmpty
            return batch.isEmpty ? nil : batch
        }
    }
}
