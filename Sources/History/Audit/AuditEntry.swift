package import Chat
import Limits

/// One act, or one reading of what people wrote, by somebody: what the audit trail keeps of it.
///
/// Ids and small facts, never content.
package struct AuditEntry: Sendable, Equatable {
    /// By what right it was done.
    package struct Authority: Sendable, Equatable {
        /// The API key's id, `ADMIN_API_KEY`, or ``command``.
        package var key: String
        /// The key's; `nil` for a command.
        package var role: String?

        package init(key: String, role: String?) { (self.key, self.role) = (key, role) }

        package init(_ keyID: String?, _ role: APIRole) {
            self.init(key: keyID ?? Self.bootstrap, role: role.rawValue)
        }

        /// A command run on a machine of the service.
        package static let command = Authority(key: "command", role: nil)

        /// The key of the configuration.
        package static let bootstrap = "ADMIN_API_KEY"
    }

    /// What it was done to.
    package struct Subject: Sendable, Equatable {
        /// `message`, `user`, `channel`, `key`, `effect`, …: fixed words of this program.
        package var kind: String
        package var id: String?

        package init(_ kind: String, _ id: String? = nil) { (self.kind, self.id) = (kind, id) }
    }

    /// What was done: `message.read`, `message.flag`, `review.decide`, `user.erase`, `key.create`; a fixed word.
    package var action: String
    package var subject: Subject
    package var authority: Authority
    /// The user who acted, where several share the key.
    package var actor: String?
    /// The user whom it concerns, where that is not the subject: the author of a message, the target of a ban.
    package var user: String?
    /// Small facts by fixed names, such as `reason_given` or `channel`.
    ///
    /// Values that hold a user's id are removed when that user is erased, if ``actor``, ``user`` or the subject is that user.
    package var details: [String: String]
    /// Kept in whole milliseconds.
    package var at: Timestamp

    package init(
        _ action: String,
        of subject: Subject,
        by authority: Authority,
        actor: String? = nil,
        concerning user: String? = nil,
        details: [String: String] = [:],
        at time: Timestamp
    ) {
        (self.action, self.subject, self.authority) = (action, subject, authority)
        (self.actor, self.user, self.details, at) = (actor, user, details, time)
    }

    /// The kind whose ids are users'.
    package static let userKind = "user"

    /// The users whom it names as such.
    var people: Set<String> {
        Set([actor, user, subject.kind == Self.userKind ? subject.id : nil].compactMap(\.self))
    }

    /// The same, with nothing of these users left.
    func withoutUsers(_ erased: Set<String>) -> AuditEntry {
        guard !people.isDisjoint(with: erased) else { return self }
        var entry = self
        func keep(_ value: String) -> String { erased.contains(where: value.names) ? Self.erasedValue : value }
        entry.subject.id = subject.id.map(keep)
        (entry.actor, entry.user) = (actor.map(keep), user.map(keep))
        entry.details = details.mapValues(keep)
        return entry
    }

    /// Stands for a user who had been erased before.
    static let erasedValue = "erased"
}
