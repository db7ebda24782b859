import Chat
import Facts
import History
import JSON
import Limits
import MongoDB
import Notifications
import Outbox
import Templates

/// One notification being composed: reads what it is about, finds who is told, fills the template.
///
/// Blocking.
struct NotificationComposer {
    let effect: PendingEffect
    let order: NotificationOrder
    let audience: NotificationPerformer.Audience
    let settings: NotificationDesk.Settings
    let queries: HistoryQueries
    let facts: FactStore
    let limits: Limits.Notifications
    let now: Timestamp

    func notification() throws(NotComposed) -> OutgoingNotification {
        if order.kind == .event { return try forwarded() }
        let message = try message()
        try checkStillNeeded(message)
        var subject = NotificationSubject(order, message, facts)
        try addDetails(to: &subject)
        let recipient = try recipient(of: subject)
        try checkAllowed(recipient)
        subject.link = settings.link.map { subject.filled($0) }
        return OutgoingNotification(
            id: effect.key.description,
            kind: order.kind.rawValue,
            at: effect.eventTime,
            recipient: recipient.map { $0.shown },
            content: try content(subject.values(for: recipient)),
            data: subject.data
        )
    }

    // MARK: Events

    private func forwarded() throws(NotComposed) -> OutgoingNotification {
        let event = try asking { () throws(MongoError) in
            try order.eventID.flatMap(EventID.init(hex:)).map { id throws(MongoError) in try queries.event(id) } ?? nil
        }
        guard let event, let body = event.body else { throw .notNeeded("the event is no longer kept") }
        return OutgoingNotification(
            id: effect.key.description,
            kind: event.type,
            at: event.at,
            data: String(decoding: body, as: UTF8.self)
        )
    }

    private func message() throws(NotComposed) -> MessageState? {
        try asking { () throws(MongoError) in
            try order.messageID.map { id throws(MongoError) in try queries.record(MessageState.self, id) } ?? nil
        }
    }

    // MARK: Whether

    /// Things may have changed since the effect was written.
    private func checkStillNeeded(_ message: MessageState?) throws(NotComposed) {
        switch order.kind {
        case .newOffer where message == nil || message?.deletedAt != nil:
            throw .notNeeded("the message is gone")
        case .moderatorAlert where message?.deletedAt != nil:
            throw .notNeeded("the message is gone")
        case .moderatorAlert where order.reviewItemID == nil && message?.record.flag?.value.isFlagged != true:
            throw .notNeeded("the message is no longer flagged")
        default: return
        }
    }

    /// What a person wants to be told, and how often.
    private func checkAllowed(_ recipient: ResolvedRecipient?) throws(NotComposed) {
        let store = queries.store
        if let occasion = order.occasion {
            let isFirst = try asking { () throws(MongoError) in
                try OccasionMarks(store).take(occasion, for: order.decision ?? effect.key.description, at: now)
            }
            guard isFirst else { throw .notNeeded("the rule's cooldown is not over") }
        }
        if audience != .room, let user = recipient?.userID {
            let wishes = try asking { () throws(MongoError) in try NotificationPreferences.read(user, in: store) }
            guard wishes.wants(order.kind) else { throw .notNeeded("the user does not want these") }
        }
        guard let most = limits.perHour(order.kind) else { return }
        let throttle = NotificationThrottle(store, mostPerHour: most)
        let who = recipient?.userID ?? "\(order.recipient)"
        let isAllowed = try asking { () throws(MongoError) in
            try throttle.admit(effect.key, of: order.kind, to: who, at: effect.destination, now)
        }
        guard isAllowed else { throw .notNeeded("\(most) of these went there within the hour") }
    }

    // MARK: What

    private func addDetails(to subject: inout NotificationSubject) throws(NotComposed) {
        if let id = order.reviewItemID {
            subject.reviewItem = try asking { () throws(MongoError) in try queries.record(ReviewItemRecord.self, id) }
        }
        guard order.kind == .unreadReminder, let cid = order.cid, case .user(let user) = order.recipient else { return }
        let count = try unreadCount(of: user, in: cid)
        guard count > 0 else { throw .notNeeded("it was read meanwhile") }
        subject.unreadCount = count
    }

    private func unreadCount(of user: String, in cid: String) throws(NotComposed) -> Int {
        try asking { () throws(MongoError) in
            try queries.unreadCount(of: user, in: cid, since: effect.eventTime, most: limits.unreadCounted)
        }
    }

    private func content(_ values: TemplateValue) throws(NotComposed) -> NotificationContent {
        let name = order.template ?? order.kind.rawValue
        guard let template = settings.templates[name] else {
            throw .refused("there is no template \(name)")
        }
        do throws(TemplateRenderError) { return try template.render(values) } catch {
            throw .refused("template \(name): \(error.description)")
        }
    }

    // MARK: Members

    /// Reminders of the members who have not read the channel, where they are few.
    func remindersOfMembers() throws(NotComposed) -> [Effect] {
        guard let cid = order.cid else { throw .refused("the order names no channel") }
        let members = try asking { () throws(MongoError) in
            try queries.memberIDs(of: cid, limit: limits.reminderMembers + 1)
        }
        guard members.count <= limits.reminderMembers else {
            throw .notNeeded("the channel has more than \(limits.reminderMembers) members")
        }
        var effects: [Effect] = []
        for user in members.sorted() where try unreadCount(of: user, in: cid) > 0 {
            effects.append(following(.unreadReminder(cid: cid, user: user, effect.destination), to: user))
        }
        return effects
    }

    // MARK: Moderators

    /// An alert to each user who has a moderator's role now, everywhere or in the channel.
    func alertsOfModerators() throws(NotComposed) -> [Effect] {
        let message = try message()
        try checkStillNeeded(message)
        let users = try asking { () throws(MongoError) in
            try queries.userIDs(
                withRoles: settings.moderatorRoles,
                in: order.cid ?? message?.record.cid,
                limit: limits.moderators
            )
        }
        guard !users.isEmpty else {
            throw .refused("no user has one of the roles of MODERATOR_ROLES; give one the role, then retry")
        }
        return users.map { user in
            let key = Effect.EffectKey(
                entity: effect.key.description,
                version: "1",
                cause: order.kind.rawValue,
                action: "\(effect.destination) user:\(user)"
            )
            return following(key, to: user)
        }
    }

    /// The same to one user, as young as it is now.
    private func following(_ key: Effect.EffectKey, to user: String) -> Effect {
        var order = order
        order.recipient = .user(user)
        return Effect(
            key: key,
            destination: effect.destination,
            lane: user,
            action: effect.action,
            payload: order.payload,
            cause: .init(.schedule, effect.key.description),
            eventTime: effect.eventTime,
            maximumAge: .nanoseconds(max(0, now.nanoseconds - effect.eventTime.nanoseconds))
                + .seconds(limits.maximumAgeSeconds)
        )
    }

    func asking<Value>(_ body: () throws(MongoError) -> Value) throws(NotComposed) -> Value {
        do throws(MongoError) { return try body() } catch { throw .mongo(error) }
    }
}

extension Limits.Notifications {
    /// `nil` where nobody is disturbed.
    fileprivate func perHour(_ kind: NotificationOrder.Kind) -> Int? {
        switch kind {
        case .newOffer: offersPerHour
        case .moderatorAlert: alertsPerHour
        case .unreadReminder: remindersPerHour
        case .ruleFired: rulesPerHour
        case .event: nil
        }
    }
}
