import Crypto

/// What a rule set came to about one event, with all that it came to it by.
///
/// The same rule set, event and inputs give the same decision, at any time and on any node.
package struct Decision: Sendable, Equatable {
    package var subject: Subject
    /// ``RuleSet/version`` of the rules.
    package var ruleSet: String
    package var enforced: Outcome
    /// What would have come of it with the rules in shadow mode in force.
    package var shadow: Outcome
    /// Rules that fired, in their order.
    package var fired: [FiredRule]
    /// What was asked beyond the event itself, in the order asked; each once.
    package var inputs: [Input]
    /// What is to be done: rules' actions that no stronger one overrides.
    package var actions: [PlannedAction]

    package init(
        subject: Subject,
        ruleSet: String,
        enforced: Outcome,
        shadow: Outcome,
        fired: [FiredRule],
        inputs: [Input],
        actions: [PlannedAction]
    ) {
        (self.subject, self.ruleSet) = (subject, ruleSet)
        (self.enforced, self.shadow, self.fired) = (enforced, shadow, fired)
        (self.inputs, self.actions) = (inputs, actions)
    }
}

extension Decision {
    /// What was judged: one version of one thing, on one kind of event.
    package struct Subject: Sendable, Equatable {
        /// The event that was judged; empty for what the service noticed by itself.
        package var event: EventID
        package var type: EventType
        package var time: Timestamp
        package var messageID: String?
        /// Of the message's text: nanoseconds of its last edit, 0 before any.
        package var version: Int64
        package var cid: String?
        package var userID: String?

        package init(
            event: EventID,
            type: EventType,
            time: Timestamp,
            messageID: String? = nil,
            version: Int64 = 0,
            cid: String? = nil,
            userID: String? = nil
        ) {
            (self.event, self.type, self.time) = (event, type, time)
            (self.messageID, self.version, self.cid, self.userID) = (messageID, version, cid, userID)
        }

        /// The message itself; else what somebody did, and when, which every body that tells of it agrees on.
        ///
        /// No id of a user stands in it: it outlives an erasure.
        package var entity: String {
            if let messageID, Self.ofMessages.contains(type) { return messageID }
            let place = [messageID ?? cid].compactMap(\.self)
            guard let userID else { return (place + ["\(event.description.prefix(16))"]).joined(separator: " ") }
            let deed = SHA256.digest(Array("\(userID)\n\(time.nanoseconds)".utf8))
            return (place + [Hex.encode(Array(deed.prefix(8)))]).joined(separator: " ")
        }

        /// Events of which there is one for each version of a message.
        private static let ofMessages: Set<EventType> = [
            EventType(rawValue: "message.new"), EventType(rawValue: "message.updated"),
            EventType(rawValue: "message.deleted"), EventType(rawValue: "message.undeleted"),
            // By its mark.
            HookEvent.refused, HookEvent.rewritten,
        ]
    }

    /// What came of all rules of a mode together.
    package struct Outcome: Sendable, Equatable {
        package var verdict: Verdict
        package var score: Double
        /// In the order set, each once.
        package var labels: [String]

        package init(verdict: Verdict = .allow, score: Double = 0, labels: [String] = []) {
            (self.verdict, self.score, self.labels) = (verdict, score, labels)
        }
    }

    package struct FiredRule: Sendable, Equatable {
        package var id: String
        package var isShadow: Bool
        /// Names of its actions.
        package var actions: [String]
        package var matches: [Match]
        /// Values that its conditions compared, by the path as written.
        package var values: [Input]

        package init(id: String, isShadow: Bool, actions: [String], matches: [Match] = [], values: [Input] = []) {
            (self.id, self.isShadow, self.actions) = (id, isShadow, actions)
            (self.matches, self.values) = (matches, values)
        }
    }

    /// A part of the text that a condition found.
    package struct Match: Sendable, Hashable {
        /// The term or expression, as the rule has it, or what kind of thing was found.
        package var pattern: String
        /// Bytes of the text's UTF-8.
        package var from: Int
        package var to: Int

        package init(pattern: String, from: Int, to: Int) { (self.pattern, self.from, self.to) = (pattern, from, to) }
    }

    /// Something that was asked, and the answer.
    package struct Input: Sendable, Equatable {
        package var name: String
        package var answer: RuleAnswer

        package init(name: String, answer: RuleAnswer) { (self.name, self.answer) = (name, answer) }
    }

    /// One action of one rule that is to be carried out.
    package struct PlannedAction: Sendable, Hashable {
        /// The rule's id; ``thresholds`` for what the sum of scores brings about.
        package var rule: String
        /// Its place among the rule's actions.
        package var index: Int
        package var name: String

        package init(rule: String, index: Int, name: String) {
            (self.rule, self.index, self.name) = (rule, index, name)
        }

        package static let thresholds = "thresholds"
    }
}

/// The answer to a question that a condition asks.
package enum RuleAnswer: Sendable, Hashable {
    case value(RuleValue)
    /// Every source was asked and none knows.
    case missing
    /// It could not be asked.
    case unavailable
}

/// What is to become of a message, the strongest last.
package enum Verdict: String, Sendable, CaseIterable, Comparable {
    case allow, mask, hold, block, ban

    package static func < (left: Self, right: Self) -> Bool { left.strength < right.strength }

    private var strength: Int {
        switch self {
        case .allow: 0
        case .mask: 1
        case .hold: 2
        case .block: 3
        case .ban: 4
        }
    }
}
