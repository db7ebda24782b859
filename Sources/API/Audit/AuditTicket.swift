import Blocking
import History

/// The entry that one request makes in the audit trail, until somebody has written it.
final class AuditTicket: Sendable {
    /// `nil` where nobody is to be told of: a program's key, without a user behind it.
    private let entry: AuditEntry?
    private let taken = Locked(false)

    init(_ entry: AuditEntry?) { self.entry = entry }

    /// For the act's own transaction: from now on the entry is the caller's to write.
    ///
    /// - Parameters:
    ///   - id: of the subject, where the request itself does not say it.
    ///   - actor: who acted, likewise.
    ///   - user: whom it concerns, where that is known only now.
    func take(
        of id: String? = nil,
        by actor: String? = nil,
        concerning user: String? = nil,
        _ details: [String: String?] = [:]
    ) -> [AuditEntry] {
        guard var entry else { return [] }
        taken.withLock { $0 = true }
        entry.subject.id = entry.subject.id ?? id
        (entry.actor, entry.user) = (entry.actor ?? actor, user ?? entry.user)
        entry.details.merge(details.compactMapValues(\.self)) { $1 }
        return [entry]
    }

    var isTaken: Bool { taken.withLock(\.self) }

    /// What nobody has taken.
    var rest: [AuditEntry] { isTaken ? [] : [entry].compactMap(\.self) }
}
