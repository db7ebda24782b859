import Chat
import Facts
import Limits
import Notifications
import Outbox

/// Who is told, as far as it has to be known.
struct ResolvedRecipient {
    var userID: String?
    var name: String?
    var email: String?

    var shown: NotificationRecipient { NotificationRecipient(userID: userID, name: name, email: email) }
}

extension NotificationComposer {
    /// - Throws: ``NotComposed``: what cannot be resolved names the missing link.
    func recipient(of subject: NotificationSubject) throws(NotComposed) -> ResolvedRecipient? {
        switch order.recipient {
        case .destination: return nil
        case .moderator(let id):
            guard let email = settings.moderators[id] else {
                throw .refused("MODERATOR_EMAILS no longer holds the address that this was for")
            }
            return ResolvedRecipient(email: email)
        case .user(let id): return try user(id, subject)
        case .seller: return try user(try seller(subject), subject)
        case .members, .moderators: throw .refused("the order names no single recipient")
        }
    }

    private func seller(_ subject: NotificationSubject) throws(NotComposed) -> String {
        guard let listing = subject.listingID else {
            throw .refused("message \(order.messageID ?? "") has no seller and no listing")
        }
        let seller = try required("seller_id", of: FactKey(kind: "listing", id: listing))
        guard seller != subject.senderID else { throw .notNeeded("the seller wrote it") }
        return seller
    }

    private func user(_ id: String, _ subject: NotificationSubject) throws(NotComposed) -> ResolvedRecipient {
        guard !Pseudonym.isPseudonym(id) else { throw .notNeeded("the recipient is erased") }
        guard audience != .room else { return ResolvedRecipient(userID: id) }
        let key = FactKey(kind: "user", id: id)
        let table = facts.load([key])
        guard table[key, "deactivated"] != .value(.bool(true)) else { throw .notNeeded("the recipient is deactivated") }
        var recipient = ResolvedRecipient(userID: id, name: table[key, "name"].value?.asText)
        recipient.email =
            audience == .mailbox ? try required("email", of: key) : table[key, "email"].value?.asText
        if order.kind == .moderatorAlert, audience == .mailbox,
            settings.moderators.values.contains(recipient.email ?? "")
        {
            throw .notNeeded("MODERATOR_EMAILS names the same address")
        }
        return recipient
    }

    /// A fact without which nobody can be told.
    private func required(_ field: String, of key: FactKey) throws(NotComposed) -> String {
        switch facts.load([key])[key, field] {
        case .value(let value):
            guard let text = value.asText, !text.isEmpty else {
                throw .refused("\(key.kind) \(key.id): the fact \(field) is no text")
            }
            return text
        case .missing:
            throw .refused(
                """
                \(key.kind) \(key.id) has no fact \(field); tell it with PUT /api/v1/facts/\(key.kind)/{id} or map it in \
                FACTS, then retry
                """
            )
        case .unavailable(let reason):
            throw .now(
                .unsent(
                    .postponed(
                        reason: "\(key.kind) \(key.id): the fact \(field) could not be asked for: \(reason)",
                        after: .seconds(limits.sourceWaitSeconds)
                    )
                )
            )
        }
    }
}

extension FactValue {
    /// Ids are numbers in some databases.
    var asText: String? {
        switch self {
        case .string(let text): text
        case .integer(let number): "\(number)"
        case .double, .bool, .time, .strings: nil
        }
    }
}
