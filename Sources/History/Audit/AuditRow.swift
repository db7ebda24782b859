package import Chat
import Crypto
package import JSON

/// An entry as it is listed.
package struct AuditRow: Sendable, Equatable {
    package let sequence: Int64
    package let at: Timestamp
    package let action: String
    package let key: String
    package let role: String?
    package let actor: String?
    package let subjectKind: String
    package let subject: String?
    package let user: String?
    package let details: [(name: String, value: String)]
    /// Names of values that an erasure has removed.
    package let erased: [String]
    package let hash: [UInt8]

    package static func == (left: Self, right: Self) -> Bool { left.hash == right.hash }

    init(_ link: AuditLink) {
        let entry = link.entry
        (sequence, hash, at) = (link.sequence, link.hash, entry.at)
        (action, key, role, subjectKind) = (entry.action, entry.key, entry.role, entry.kind)
        (actor, subject, user) = (entry[SealedEntry.actor], entry[SealedEntry.subject], entry[SealedEntry.user])
        details = entry.details
        erased = entry.values.filter { $0.opening == nil }.map(\.name)
    }
}

extension AuditRow {
    /// As the REST interface and `backchannel audit list --json` give it.
    package func writeFields(to writer: inout JSONWriter) {
        writer.field("_id", sequence)
        writer.field("at", at.rfc3339)
        writer.field("action", action)
        writer.field("key", key)
        writer.field("role", role)
        writer.field("actor", actor)
        writer.field("subject") {
            $0.object {
                $0.field("kind", subjectKind)
                $0.field("id", subject)
            }
        }
        writer.field("user", user)
        writer.field("details") { $0.object { for (name, value) in details { $0.field(name, value) } } }
        writer.field("erased", erased)
        writer.field("hash", Hex.encode(hash))
    }
}
