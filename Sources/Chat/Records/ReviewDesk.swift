/// What moderators do with an item of the review queue: whose it is, what they noted, what they decided.
///
/// Written by moderators' calls alone, as ``ReviewCaseRecord`` is by events.
package struct ReviewDesk: Sendable, Equatable {
    /// Who is to look at it; no more than a word among moderators.
    package var assignee: String?
    /// Who is deciding about it; ends by itself.
    package var claim: ReviewClaim?
    /// Oldest first.
    package var notes: [ReviewNote] = []
    /// The latest, oldest first.
    package var decisions: [ReviewDecision] = []

    package init() {}

    /// From 1.
    package var nextDecision: Int64 { (decisions.last?.number ?? 0) + 1 }
}

/// The right to decide about an item, for a while.
package struct ReviewClaim: Sendable, Equatable {
    package var by: String
    /// Names this claim and no other: whoever decides shows it.
    package var token: String
    package var until: Timestamp

    package init(by: String, token: String, until: Timestamp) { (self.by, self.token, self.until) = (by, token, until) }

    package func holds(at now: Timestamp) -> Bool { now < until }
}

package struct ReviewNote: Sendable, Equatable {
    package var by: String
    package var at: Timestamp
    package var text: String

    package init(by: String, at: Timestamp, text: String) { (self.by, self.at, self.text) = (by, at, text) }
}

/// What a moderator decided about an item, and what was done for it.
package struct ReviewDecision: Sendable, Equatable {
    package enum Action: String, Sendable, CaseIterable {
        /// Nothing is wrong with it.
        case approve
        /// Nothing is to be done about it.
        case dismiss
        case delete, mask, mute, ban
        /// What was done is undone.
        case restore

        /// Whether something was done about the message or its author.
        package var isAgainst: Bool {
            switch self {
            case .delete, .mask, .mute, .ban: true
            case .approve, .dismiss, .restore: false
            }
        }
    }

    /// How a message went.
    package enum Removal: String, Sendable, CaseIterable { case soft, hard }

    /// That somebody may not write any more.
    package struct Ban: Sendable, Equatable {
        /// `nil` is everywhere.
        package var cid: String?
        package var isShadow: Bool
        /// `nil` is for good.
        package var until: Timestamp?

        package init(cid: String?, isShadow: Bool = false, until: Timestamp? = nil) {
            (self.cid, self.isShadow, self.until) = (cid, isShadow, until)
        }
    }

    /// Counts the decisions about one item, from 1.
    package var number: Int64
    package var action: Action
    /// The moderator.
    package var by: String
    /// Of the API key that was used.
    package var keyID: String
    package var at: Timestamp
    package var reason: String?
    /// What the decision says of the message; `nil` where it says nothing.
    package var isSpam: Bool?
    package var removal: Removal?
    package var ban: Ban?
    /// Keys of what was to be done at the provider.
    package var effects: [String] = []
    /// The message was deleted before, so that nothing was to be done to it.
    package var wasGone = false
    /// ``ReviewClaim/token`` of the claim it was decided under.
    package var claim: String?

    package init(number: Int64, action: Action, by: String, keyID: String, at: Timestamp, reason: String? = nil) {
        (self.number, self.action, self.by, self.keyID) = (number, action, by, keyID)
        (self.at, self.reason) = (at, reason)
    }
}

extension ReviewDesk: NamesUsers {
    package mutating func replaceUsers(_ name: (String) -> String) {
        assignee = assignee.map(name)
        if let holder = claim?.by { claim?.by = name(holder) }
        for index in notes.indices { notes[index].by = name(notes[index].by) }
        for index in decisions.indices { decisions[index].by = name(decisions[index].by) }
    }

    /// All whom it names.
    package func forEachUser(_ body: (String) -> Void) {
        [assignee, claim?.by].compactMap(\.self).forEach(body)
        notes.forEach { body($0.by) }
        decisions.forEach { body($0.by) }
    }

    /// What moderators wrote about somebody who is erased.
    package mutating func forgetTexts() {
        notes = []
        for index in decisions.indices { decisions[index].reason = nil }
    }
}
