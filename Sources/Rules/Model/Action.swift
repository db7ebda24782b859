package import Chat

/// What a rule does when it fires.
package enum Action: Sendable, Equatable {
    // MARK: Of the message
    case score(Double)
    case label(String)
    case flag(reason: String?, Severity)
    /// Left standing, flagged, for a moderator to decide.
    case hold(reason: String?, Severity)
    case delete(isHard: Bool)
    /// Not sent at all, its sender told so by a template's text; one that was sent already is deleted, unless the rule says
    /// otherwise.
    case refuse(template: String?)
    /// Seen by its sender alone from now on.
    case shadow
    case mask(Set<Masked>, with: String)
    /// The whole text replaced by a template's.
    case rewrite(template: String)
    /// Tags of HTML removed from the text.
    case sanitise
    /// Seen by these alone from now on.
    case restrict([Party])
    case reply(Reply)

    // MARK: Of the user and the channel
    /// May not write in the channel for a time.
    case mute(Duration)
    case ban(BanOrder)
    case freeze

    // MARK: Beyond the chat
    case notify(NotifyOrder)
    case setFact(FactOrder)
    case count(metric: String)
    /// A signed request to the app's endpoint.
    case callWebhook

    /// Its name in rule files and records.
    package var name: String {
        switch self {
        case .score: "score"
        case .label: "label"
        case .flag: "flag"
        case .hold: "hold"
        case .delete: "delete"
        case .refuse: "refuse"
        case .shadow: "shadow"
        case .mask: "mask"
        case .rewrite: "rewrite"
        case .sanitise: "sanitise"
        case .restrict: "restrict"
        case .reply: "reply"
        case .mute: "mute"
        case .ban: "ban"
        case .freeze: "freeze"
        case .notify: "notify"
        case .setFact: "set"
        case .count: "count"
        case .callWebhook: "webhook"
        }
    }

    /// What it makes of the message.
    package var verdict: Verdict {
        switch self {
        case .ban: .ban
        case .delete, .refuse, .shadow: .block
        case .hold: .hold
        case .mask, .rewrite, .sanitise, .restrict: .mask
        default: .allow
        }
    }
}

/// What is masked.
package enum Masked: String, Sendable, CaseIterable {
    /// What the rule's own conditions matched.
    case matches
    case links, emails, phones, handles, money
    /// E-mail addresses, phone numbers and handles.
    case contacts
}

/// Somebody whom the channel or the event gives.
package enum Party: Sendable, Hashable {
    case sender, seller, buyer
    case user(String)
}

/// An answer written into the channel.
package struct Reply: Sendable, Equatable {
    /// By name; see ``RuleSet/templates``.
    package var template: String
    /// Under whose name; `nil` is the one that is configured.
    package var by: String?
    package var delay: Duration
    package var once: Occasion?
    /// In the thread of the message, quoting it, or for its sender alone.
    package var isInThread: Bool
    package var isQuoting: Bool
    package var isPrivate: Bool
    /// Also to messages of bots, of the system and of the server; never to its own.
    package var answersMachines: Bool

    package init(
        template: String,
        by: String? = nil,
        delay: Duration = .zero,
        once: Occasion? = nil,
        isInThread: Bool = false,
        isQuoting: Bool = false,
        isPrivate: Bool = false,
        answersMachines: Bool = false
    ) {
        (self.template, self.by, self.delay, self.once) = (template, by, delay, once)
        (self.isInThread, self.isQuoting, self.isPrivate) = (isInThread, isQuoting, isPrivate)
        self.answersMachines = answersMachines
    }
}

package struct BanOrder: Sendable, Equatable {
    /// From the channel alone, not everywhere.
    package var isOfChannel: Bool
    package var isShadow: Bool
    /// `nil` is for good.
    package var duration: Duration?
    package var reason: String?

    package init(isOfChannel: Bool = false, isShadow: Bool = false, duration: Duration? = nil, reason: String? = nil) {
        (self.isOfChannel, self.isShadow, self.duration, self.reason) = (isOfChannel, isShadow, duration, reason)
    }
}

package struct NotifyOrder: Sendable, Equatable {
    package enum Recipient: Sendable, Hashable {
        case moderators
        case party(Party)
        /// Whoever reads at the destination, such as a Slack channel.
        case destination
    }

    package enum Channel: String, Sendable, CaseIterable { case email, slack, webhook }

    package var recipient: Recipient
    /// Of notifications, by name.
    package var template: String
    package var channel: Channel

    package init(_ recipient: Recipient, template: String, by channel: Channel) {
        (self.recipient, self.template, self.channel) = (recipient, template, channel)
    }
}

/// A fact that a rule sets, such as an order's status from a form command.
package struct FactOrder: Sendable, Equatable {
    /// What of: its root is a thing, the user or the channel.
    package var path: ValuePath
    package var value: Source

    package enum Source: Sendable, Equatable {
        case literal(RuleValue)
        /// Another value, where it is one of these; an empty list allows any.
        case path(ValuePath, allowed: [String])
    }

    package init(_ path: ValuePath, _ value: Source) { (self.path, self.value) = (path, value) }
}
