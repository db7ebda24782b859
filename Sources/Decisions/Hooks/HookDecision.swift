package import Chat
import History
import Rules

/// What a hook is asked.
package struct HookRequest: Sendable {
    package var body: [UInt8]
    /// ``RuleEvent/messageNew`` for a message that is about to be sent, ``HookEvent/command``.
    package var type: EventType
    /// The SHA-256 of the body.
    package var id: EventID
    package var receivedAt: Timestamp

    package init(body: [UInt8], type: EventType, id: EventID, receivedAt: Timestamp) {
        (self.body, self.type, self.id, self.receivedAt) = (body, type, id, receivedAt)
    }
}

/// What is answered, and what is written down of it.
package struct HookDecision: Sendable {
    package enum Reason: String, Sendable, CaseIterable {
        /// Nothing objects.
        case allowed
        /// A rule changes the text, or refuses the message.
        case rule
        /// The user may not write here.
        case banned
        /// The request could not be read.
        case unreadable
    }

    package var answer: HookAnswer
    package var reason: Reason
    /// `nil` where the event that is to come tells all.
    package var record: DecisionRecord?

    package static let accept = HookDecision(answer: .accept, reason: .allowed)
}

extension DecisionRecord {
    /// What a hook has decided, as it is written down.
    init(_ decision: Decision, as type: EventType, mark: String, at now: Timestamp) {
        let decision = decision.beforeSending(as: type, mark: mark)
        self.init(id: decision.subject.decisionID, decision: decision, decidedAt: now, isLate: false)
    }
}

extension Decision {
    /// The input that names the hook's decision behind this one, by its mark.
    static let hookInput = "hook"

    /// The mark of the hook's decision that this one rests on.
    var hookMark: String? {
        guard case .value(.text(let mark))? = inputs.first(where: { $0.name == Self.hookInput })?.answer else {
            return nil
        }
        return mark
    }

    /// What a hook decided, as it is written down.
    ///
    /// Of a refused message no event will tell: what concerns its author and the channel is carried out from here. What was
    /// decided of a rewritten one is carried out when its event has come.
    func beforeSending(as type: EventType, mark: String) -> Decision {
        var decision = self
        decision.subject.type = type
        (decision.subject.messageID, decision.subject.version) = (mark, 0)
        decision.actions.removeAll { type == HookEvent.refused ? $0.isOfMessage : $0.changesText }
        return decision
    }

    /// What a hook decided, as the decision on the message that its event tells of.
    func adopted(by subject: Subject, mark: String) -> Decision {
        var decision = self
        decision.subject = subject
        decision.inputs.append(Input(name: Self.hookInput, answer: .value(.text(mark))))
        return decision
    }

    /// The same without what a hook has done already: with the text, or with author and channel.
    func resting(on hook: Decision, mark: String) -> Decision {
        var decision = self
        let isRefused = hook.subject.type == HookEvent.refused
        decision.actions.removeAll { isRefused ? !$0.isOfMessage && hook.actions.contains($0) : $0.changesText }
        decision.inputs.append(Input(name: Self.hookInput, answer: .value(.text(mark))))
        return decision
    }

    /// That no rule fires.
    init(of subject: Subject, ruleSet: String) {
        let nothing = Outcome()
        self.init(
            subject: subject,
            ruleSet: ruleSet,
            enforced: nothing,
            shadow: nothing,
            fired: [],
            inputs: [],
            actions: []
        )
    }
}

extension Decision.PlannedAction {
    var changesText: Bool { ["mask", "sanitise", "rewrite"].contains(name) }

    /// It is about the message, and has no meaning without.
    var isOfMessage: Bool {
        changesText || ["flag", "hold", "delete", "refuse", "shadow", "restrict", "reply"].contains(name)
    }
}
