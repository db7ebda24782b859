package import JSON

/// A notification to be composed when its turn comes: what of and for whom, by ids alone, so that nobody's words wait
/// where no erasure finds them.
package struct NotificationOrder: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case newOffer = "new-offer"
        case moderatorAlert = "moderator-alert"
        case unreadReminder = "unread-reminder"
        /// What a rule has somebody told.
        case ruleFired = "rule-fired"
        /// An event as it came, for the app's own endpoint.
        case event

        /// Of the effect: see ``Effect/action``.
        package var action: String { self == .event ? "event.forward" : "notification.\(rawValue)" }
    }

    package enum Recipient: Sendable, Equatable {
        case user(String)
        /// Whom the app's data names as the seller of the message's listing.
        case seller
        /// One of those that the operator has set, by a digest of the address.
        case moderator(String)
        /// The users who have one of the moderators' roles, everywhere or in the channel.
        case moderators
        /// The members of the channel who have not read it.
        case members
        /// Whoever reads there: a Slack channel, the app's endpoint.
        case destination
    }

    package var kind: Kind
    package var recipient: Recipient
    package var cid: String?
    package var messageID: String?
    package var reviewItemID: String?
    /// In hex.
    package var eventID: String?
    /// Where it is not the kind's own.
    package var template: String?
    /// The rule and its decision, by their ids.
    package var rule: String?
    package var decision: String?
    /// Once only.
    package var occasion: OccasionMark?

    package init(_ kind: Kind, to recipient: Recipient) { (self.kind, self.recipient) = (kind, recipient) }
}

extension NotificationOrder {
    /// As an effect's payload.
    package var payload: String {
        var writer = JSONWriter(capacity: 256)
        writer.object {
            $0.field("kind", kind.rawValue)
            $0.field("to", recipient.description)
            let fields = [("cid", cid), ("message", messageID), ("review_item", reviewItemID), ("event", eventID)]
            let ruled = [("template", template), ("rule", rule), ("decision", decision), ("once", occasion?.id)]
            for case (let name, let value?) in ruled { $0.field(name, value) }
            $0.field("once_seconds", occasion?.seconds)
            for case (let name, let value?) in fields { $0.field(name, value) }
        }
        return writer.text
    }

    /// `nil` for what is none.
    package init?(text: String) {
        guard let json = try? JSONParser().parse(Array(text.utf8)) else { return nil }
        self.init(payload: json)
    }

    /// `nil` for what is none.
    package init?(payload: JSONValue) {
        guard let kind = payload["kind"]?.string.flatMap(Kind.init),
            let recipient = payload["to"]?.string.flatMap(Recipient.init)
        else { return nil }
        self.init(kind, to: recipient)
        (cid, messageID) = (payload["cid"]?.string, payload["message"]?.string)
        (reviewItemID, eventID) = (payload["review_item"]?.string, payload["event"]?.string)
        (template, rule) = (payload["template"]?.string, payload["rule"]?.string)
        decision = payload["decision"]?.string
        occasion = payload["once"]?.string.map { OccasionMark(stored: $0, seconds: payload["once_seconds"]?.int64) }
    }
}

extension NotificationOrder.Recipient {
    /// An erasure finds by the lane what waits for a user.
    package var lane: String? {
        switch self {
        case .user(let id): id
        case .moderator(let id): "moderator:\(id)"
        case .seller, .moderators, .members, .destination: nil
        }
    }
}

extension NotificationOrder.Recipient: CustomStringConvertible {
    package var description: String {
        switch self {
        case .user(let id): "user:\(id)"
        case .seller: "seller"
        case .moderator(let id): "moderator:\(id)"
        case .moderators: "moderators"
        case .members: "members"
        case .destination: "destination"
        }
    }

    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch (parts.first, parts.dropFirst().first) {
        case ("user", let id?): self = .user(id)
        case ("seller", nil): self = .seller
        case ("moderator", let id?): self = .moderator(id)
        case ("moderators", nil): self = .moderators
        case ("members", nil): self = .members
        case ("destination", nil): self = .destination
        default: return nil
        }
    }
}

extension Effect.EffectKey {
    /// The one reminder of a user in a channel; without a user, that of its members.
    package static func unreadReminder(cid: String, user: String?, _ destination: Effect.Destination) -> Self {
        let cause = NotificationOrder.Kind.unreadReminder.rawValue
        return Self(
            entity: cid,
            version: user ?? "",
            cause: user == nil ? "\(cause) of members" : cause,
            action: destination.description
        )
    }
}
