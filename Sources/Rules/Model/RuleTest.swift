package import Chat

/// An example beside a rule: what comes in, and what this rule is to do.
package struct RuleTest: Sendable, Equatable {
    package enum Expectation: Sendable, Equatable {
        /// It fires, with these actions among its own; `nil` is with all of them.
        case fires([String]?)
        case staysQuiet
        /// A fact that it needs is missing.
        case isUnknown
    }

    /// A message before the tested one.
    package struct Earlier: Sendable, Equatable {
        package var text: String
        package var ago: Duration
        /// This many, evenly spread over ``ago``.
        package var count: Int
        /// By another user of the same channel, or by the same in another channel.
        package var user: String?
        package var cid: String?

        package init(text: String, ago: Duration, count: Int = 1, user: String? = nil, cid: String? = nil) {
            (self.text, self.ago, self.count, self.user, self.cid) = (text, ago, count, user, cid)
        }
    }

    package var place: RulePlace
    package var name: String?
    package var event: EventType
    package var text: String?
    /// Values and facts by their paths, in the order written.
    package var given: [Given]
    /// The probability that the text is spam, in place of what a model would say.
    package var spam: Double?
    package var earlier: [Earlier]
    /// `nil` is any time: the tests' own.
    package var at: Timestamp?
    package var expectation: Expectation

    package struct Given: Sendable, Equatable {
        package var path: ValuePath
        package var value: RuleValue
        package init(_ path: ValuePath, _ value: RuleValue) { (self.path, self.value) = (path, value) }
    }

    package init(
        place: RulePlace,
        name: String? = nil,
        event: EventType = RuleEvent.messageNew,
        text: String? = nil,
        given: [Given] = [],
        spam: Double? = nil,
        earlier: [Earlier] = [],
        at: Timestamp? = nil,
        expectation: Expectation
    ) {
        (self.place, self.name, self.event, self.text) = (place, name, event, text)
        (self.given, self.spam, self.earlier) = (given, spam, earlier)
        (self.at, self.expectation) = (at, expectation)
    }
}
