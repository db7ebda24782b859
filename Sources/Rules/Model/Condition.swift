package import Chat

/// What has to be so for a rule to fire: true, false, or unknown where a fact is missing.
package indirect enum Condition: Sendable, Equatable {
    case all([Condition])
    case any([Condition])
    /// True where every one is false.
    case none([Condition])

    case text(TextTest)
    /// How much of something the message holds.
    case measure(Measure, Bounds)
    case links(LinkTest)
    case value(ValuePath, ValueTest)
    case rate(Rate)
    /// The subject's first message.
    case first(Subject)
    /// The subject's last message before was longer ago, in seconds.
    case silence(per: Subject, Bounds)
    case hours(WeeklyHours)
    /// What a `message.updated` changed: one of these.
    case changed(Set<EditedPart>)
    /// One of these labels was set by a rule before, in force.
    case labelled([String])
    /// The sum of scores of rules before, in force.
    case score(Bounds)
    /// What thresholds and rules have come to; known in the phase `respond`.
    case verdict(Set<Verdict>)
    /// The probability that a text is spam, 0 to 1; unknown without a model.
    case spam(Bounds)
}

/// Terms or expressions looked for in the message's text.
package struct TextTest: Sendable, Equatable {
    package enum Pattern: Sendable, Equatable {
        /// One of these, anywhere.
        case contains([String])
        /// One of these, as a whole word or phrase.
        case words([String])
        /// One of these lists' terms, as a whole word or phrase.
        case lists([String])
        /// One of these expressions (RE2).
        case matches([String])
    }

    package var pattern: Pattern
    /// As it was written, capitals included; else folded, and seen through disguises: see `FoldedText`.
    package var isRaw: Bool

    package init(_ pattern: Pattern, isRaw: Bool = false) { (self.pattern, self.isRaw) = (pattern, isRaw) }
}

/// What can be counted in one message.
package enum Measure: String, Sendable, CaseIterable {
    /// Characters as people count them.
    case length
    case words
    /// Share of the letters that are capitals, 0 to 1.
    case capitals
    case emoji
    /// The most combining marks on one letter.
    case zalgo
    /// Characters that cannot be seen.
    case hidden
    /// The longest run of one character.
    case repeated
    case links, emails, phones
    /// Names at payment services, IBANs and wallets.
    case handles
    /// E-mail addresses, phone numbers and handles.
    case contacts
    /// Sums of money.
    case money
    /// Tags of HTML.
    case markup
    /// Scripts (writing systems) of the letters.
    case scripts
    /// Words that mix the letters of several scripts.
    case mixedWords = "mixed_words"
    case attachments, mentions
}

/// Links by their domains.
package enum LinkTest: Sendable, Equatable {
    /// A link to one of the list's domains, or below it.
    case within([String])
    /// A link to any other.
    case outside([String])
    /// A link to a domain that looks like one of the list's, and is not.
    case lookingLike([String])
}

/// A number's range.
package struct Bounds: Sendable, Equatable {
    package var lowest: Double?
    package var isLowestIncluded: Bool
    package var highest: Double?
    package var isHighestIncluded: Bool

    package init(
        lowest: Double? = nil,
        isLowestIncluded: Bool = true,
        highest: Double? = nil,
        isHighestIncluded: Bool = true
    ) {
        (self.lowest, self.isLowestIncluded) = (lowest, isLowestIncluded)
        (self.highest, self.isHighestIncluded) = (highest, isHighestIncluded)
    }

    package func contains(_ number: Double) -> Bool {
        if let lowest, isLowestIncluded ? number < lowest : number <= lowest { return false }
        if let highest, isHighestIncluded ? number > highest : number >= highest { return false }
        return true
    }
}

/// More of something than usual in a time.
package struct Rate: Sendable, Hashable {
    package enum Counted: String, Sendable, CaseIterable {
        case messages, links, mentions
        /// Different channels that the subject wrote in.
        case channels
        /// Messages with the same text, once folded.
        case identical
        /// Messages with nearly the same text.
        case similar
        /// `member.added`.
        case joins
    }

    package var counted: Counted
    package var moreThan: Int
    /// Up to the judged event, which counts itself.
    package var within: Duration
    package var per: Subject

    package init(_ counted: Counted, moreThan: Int, within: Duration, per: Subject) {
        (self.counted, self.moreThan, self.within, self.per) = (counted, moreThan, within, per)
    }
}

package enum EditedPart: String, Sendable, CaseIterable {
    case text, attachments, mentions, custom, pin
}
