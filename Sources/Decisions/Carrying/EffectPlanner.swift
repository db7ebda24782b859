package import Chat
import Crypto
import History
import JSON
import Provider
package import Rules

/// Turns what was decided into what is to be done: flags in the history, calls of the provider, notifications.
///
/// Pure. What holds people's words, such as a reply or a masked text, is composed when its turn comes.
package struct EffectPlanner: Sendable {
    /// What an operator has set.
    package struct Settings: Sendable {
        /// Under whose name the service acts at the provider.
        package var ownUserID: String
        /// Addresses of moderators, by digest.
        package var moderators: [String]
        /// Users with a moderator's role are told at their own addresses too.
        package var tellsByRole: Bool
        /// Where notifications can go.
        package var destinations: [NotifyOrder.Channel: Effect.Destination]
        package var maximumAge: Duration

        package init(
            ownUserID: String,
            moderators: [String] = [],
            tellsByRole: Bool = false,
            destinations: [NotifyOrder.Channel: Effect.Destination] = [:],
            maximumAge: Duration
        ) {
            (self.ownUserID, self.moderators, self.tellsByRole) = (ownUserID, moderators, tellsByRole)
            (self.destinations, self.maximumAge) = (destinations, maximumAge)
        }
    }

    let settings: Settings

    package init(_ settings: Settings) { self.settings = settings }

    struct Plan {
        var flags: [MessageRecord] = []
        var reviews: [ReviewCaseRecord] = []
        var effects: [Effect] = []
    }

    /// - Parameter isLate: nothing is carried out; what would have been is recorded.
    func plan(_ decision: Decision, by rules: RuleSet, _ context: BusinessContext, isLate: Bool) -> Plan {
        var plan = Plan()
        var changesText = false
        for planned in decision.actions {
            guard let (action, rule) = rules.action(planned, scoring: decision.enforced.score) else { continue }
            let order = PlannedEffect(
                decision: decision,
                action: action,
                planned: planned,
                rule: rule,
                context: context,
                isLate: isLate,
                settings: settings
            )
            switch action {
            case .flag(let reason, let severity), .hold(let reason, let severity):
                guard !isLate, let (flag, review) = order.flag(reason, severity) else { continue }
                plan.flags.append(flag)
                plan.reviews.append(review)
            case .mask, .sanitise, .rewrite:
                if !changesText, let effect = order.textChange { plan.effects.append(effect) }
                changesText = true
            default: plan.effects += order.effects
            }
        }
        return plan
    }
}

extension RuleSet {
    /// The action that was planned; of thresholds the one that the score brings about.
    package func action(_ planned: Decision.PlannedAction, scoring score: Double) -> (action: Action, rule: Rule?)? {
        if planned.rule == Decision.PlannedAction.thresholds {
            return thresholds.action(for: score).map { ($0, nil) }
        }
        guard let rule = rules.first(where: { $0.id == planned.rule }), rule.actions.indices.contains(planned.index)
        else { return nil }
        return (rule.actions[planned.index], rule)
    }
}

/// One action of one decision on its way to becoming effects.
struct PlannedEffect {
    let decision: Decision
    let action: Action
    let planned: Decision.PlannedAction
    let rule: Rule?
    let context: BusinessContext
    let isLate: Bool
    let settings: EffectPlanner.Settings

    private var subject: Decision.Subject { decision.subject }

    // MARK: In the history

    func flag(_ reason: String?, _ severity: Severity) -> (MessageRecord, ReviewCaseRecord)? {
        guard let id = subject.messageID else { return nil }
        // Thresholds say no more than that it was too much: of what, the rules that fired say.
        let fired =
            rule == nil ? decision.fired.filter { !$0.isShadow }.map(\.id).joined(separator: ", ") : planned.rule
        let stamp = Stamp(time: subject.time, version: subject.version, tieBreak: .min)
        var record = MessageRecord(id: id)
        let flag = MessageFlag(
            isFlagged: true,
            reason: reason ?? fired,
            by: "rule:\(planned.rule)",
            severity: severity.rawValue
        )
        record.flag = Register(flag, at: stamp)
        var review = ReviewCaseRecord(.message(id))
        review.add(
            ReviewSource(
                .rule,
                by: planned.rule,
                at: stamp,
                reason: reason ?? fired,
                labels: decision.enforced.labels,
                severity: severity
            )
        )
        return (record, review)
    }

    // MARK: In the outside world

    var effects: [Effect] {
        switch action {
        case .delete(let isHard):
            delete(isHard: isHard)
        // What stands beside it says what becomes of a message that was sent already.
        case .refuse: decision.takesCareOfMessage ? [] : delete(isHard: false)
        case .shadow: visible(to: [subject.userID])
        case .restrict(let parties): visible(to: parties.map(id))
        case .ban(let order): ban(order)
        case .mute(let duration): ban(BanOrder(isOfChannel: true, duration: duration))
        case .freeze: freeze
        case .reply(let reply): [composed("rule.reply", delay: reply.delay)].compactMap(\.self)
        case .setFact: [composed("rule.set", at: .facts)].compactMap(\.self)
        case .notify(let order): notify(order.recipient, template: order.template, by: order.channel)
        case .callWebhook: notify(.destination, template: "rule-fired", by: .webhook)
        case .score, .label, .flag, .hold, .mask, .rewrite, .sanitise, .count: []
        }
    }

    /// All that changes the text goes out as one.
    var textChange: Effect? { subject.messageID == nil ? nil : composed("rule.text") }

    private func message(_ call: (_ cid: String, _ id: String) -> ProviderCall) -> [Effect] {
        guard let cid = subject.cid, let id = subject.messageID else { return [] }
        return [effect(call(cid, id))]
    }

    private func delete(isHard: Bool) -> [Effect] {
        message { .deleteMessage(.init(cid: $0, id: $1, isHard: isHard, by: settings.ownUserID)) }
    }

    private func visible(to users: [String?]) -> [Effect] {
        let users = users.compactMap(\.self)
        guard !users.isEmpty else { return [] }
        let fields = JSONObjectText {
            $0.field("restricted_visibility") { $0.array { for user in users { $0.string(user) } } }
        }
        return message { .updateMessagePartially(.init(cid: $0, id: $1, set: fields, by: settings.ownUserID)) }
    }

    private func ban(_ order: BanOrder) -> [Effect] {
        guard let target = subject.userID, target != settings.ownUserID, !order.isOfChannel || subject.cid != nil else {
            return []
        }
        let until = order.duration.map { Timestamp(nanoseconds: subject.time.nanoseconds &+ $0.nanoseconds) }
        let ban = UserBan(
            target: target,
            by: settings.ownUserID,
            cid: order.isOfChannel ? subject.cid : nil,
            isShadow: order.isShadow,
            until: until,
            reason: order.reason ?? rule?.description ?? planned.rule
        )
        return [effect(.ban(ban))]
    }

    private var freeze: [Effect] {
        guard let cid = subject.cid else { return [] }
        let fields = JSONObjectText { $0.field("frozen", true) }
        return [effect(.updateChannelPartially(.init(cid: cid, set: fields, by: settings.ownUserID)))]
    }

    private func id(of party: Party) -> String? {
        switch party {
        case .sender: subject.userID
        case .seller: context[.seller]
        case .buyer: context[.buyer]
        case .user(let id): id
        }
    }

    // MARK: Effects

    private func key(_ action: String) -> Effect.EffectKey {
        Effect.EffectKey(
            // One silence, however many rules of different patience notice it.
            entity: subject.type == RuleEvent.channelSilent ? subject.cid ?? "" : subject.entity,
            version: "\(subject.type) \(subject.version)",
            cause: "rule:\(planned.rule)",
            action: action
        )
    }

    private var cause: Effect.Cause { .init(.rule, planned.rule) }

    private func effect(_ call: ProviderCall) -> Effect {
        Effect(
            key: key("\(planned.name) \(planned.index)"),
            destination: .provider,
            lane: call.lane,
            action: call.name,
            payload: call.json,
            cause: cause,
            eventTime: subject.time,
            // What is late already is written down as stale; what is decided in time is carried out, however long it takes.
            maximumAge: isLate ? .zero : nil
        )
    }

    private func composed(
        _ action: String,
        at destination: Effect.Destination = .provider,
        delay: Duration = .zero
    ) -> Effect? {
        guard let cid = subject.cid else { return nil }
        return Effect(
            key: key("\(planned.name) \(planned.index)"),
            destination: destination,
            lane: cid,
            action: action,
            payload: RuleOrder(decision: subject.decisionID, rule: planned.rule, index: planned.index).json,
            cause: cause,
            eventTime: subject.time,
            maximumAge: isLate ? .zero : action == "rule.reply" ? settings.maximumAge + delay : nil,
            notBefore: delay == .zero ? nil : Timestamp(nanoseconds: subject.time.nanoseconds &+ delay.nanoseconds)
        )
    }

    private func notify(
        _ recipient: NotifyOrder.Recipient,
        template: String,
        by channel: NotifyOrder.Channel
    ) -> [Effect] {
        guard let destination = settings.destinations[channel] else { return [] }
        return recipients(recipient, by: channel).map { recipient in
            var order = NotificationOrder(.ruleFired, to: recipient)
            (order.cid, order.messageID) = (subject.cid, subject.messageID)
            (order.template, order.decision, order.rule) = (template, subject.decisionID, planned.rule)
            order.occasion = rule?.cooldown.flatMap { OccasionMark($0, of: planned.rule, subject) }
            return Effect(
                key: key("\(planned.name) \(planned.index) \(destination) \(recipient)"),
                destination: destination,
                lane: recipient.lane ?? subject.cid ?? subject.entity,
                action: order.kind.action,
                payload: order.payload,
                cause: cause,
                eventTime: subject.time,
                maximumAge: isLate ? .zero : settings.maximumAge
            )
        }
    }

    private func recipients(
        _ recipient: NotifyOrder.Recipient,
        by channel: NotifyOrder.Channel
    ) -> [NotificationOrder.Recipient] {
        switch (recipient, channel) {
        case (.destination, _), (.moderators, .slack): return [.destination]
        case (.moderators, _):
            let byAddress = channel == .email ? settings.moderators.map(NotificationOrder.Recipient.moderator) : []
            return byAddress + (settings.tellsByRole ? [.moderators] : [])
        case (.party(.seller), _): return [context[.seller].map { .user($0) } ?? .seller]
        case (.party(let party), _): return id(of: party).map { [.user($0)] } ?? []
        }
    }
}

extension Decision {
    fileprivate var takesCareOfMessage: Bool { actions.contains { ["delete", "shadow", "hold"].contains($0.name) } }
}

extension OccasionMark {
    /// `nil` where the event has no such user or channel.
    init?(_ occasion: Occasion, of rule: String, _ subject: Decision.Subject) {
        let who: String?
        switch occasion.per {
        case .user: who = subject.userID
        case .channel: who = subject.cid
        case .userInChannel: who = subject.userID.flatMap { user in subject.cid.map { "\(user) \($0)" } }
        }
        guard let who else { return nil }
        self.init(of: "\(rule)\n\(occasion.per.rawValue)\n\(who)", seconds: occasion.within?.components.seconds)
    }
}

extension Effect.Destination {
    /// What the app knows, as the service keeps it.
    package static let facts = Effect.Destination("facts")
}
