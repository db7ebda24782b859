package import Chat

/// What a backtest came to.
package struct BacktestReport: Sendable {
    /// One rule set's.
    package struct Side: Sendable {
        package var version: String
        package var verdicts: [Verdict: Int] = [:]
        /// With the rules in shadow mode in force.
        package var shadowVerdicts: [Verdict: Int] = [:]
        package var rules: [RuleRow]
        /// Messages flagged or held, by the day (days since 1970-01-01, UTC).
        package var reviewsByDay: [Int64: Int] = [:]
        package var measure = Measure()
    }

    /// How one rule did.
    package struct RuleRow: Sendable, Equatable {
        package var id: String
        package var mode: String
        package var fired = 0
        /// Of messages that only the new set catches, and that only the other one did.
        package var newlyCaught = 0
        package var noLongerCaught = 0
        /// Of messages that somebody moderated.
        package var moderated = 0

        package init(id: String, mode: String) { (self.id, self.mode) = (id, mode) }
    }

    /// Messages caught against messages moderated.
    package struct Measure: Sendable, Equatable {
        package var caughtModerated = 0
        package var caughtOther = 0
        package var missed = 0

        package var precision: Share { Share(caughtModerated, of: caughtModerated + caughtOther) }
        package var recall: Share { Share(caughtModerated, of: caughtModerated + missed) }
    }

    /// A message that the two sets treat differently.
    package struct Example: Sendable, Equatable {
        package var isNewlyCaught: Bool
        package var rules: [String]
        package var verdict: Verdict
        package var messageID: String?
        package var cid: String?
        package var userID: String?
        package var at: Timestamp
        /// Cut.
        package var text: String?
        package var isModerated: Bool
    }

    package var from: Timestamp
    package var until: Timestamp
    /// From when on events were counted without being judged.
    package var countedFrom: Timestamp
    /// Messages, each once, and all events judged.
    package var messages = 0
    package var events = 0
    /// Events whose body is no longer kept, and those that cannot be read.
    package var bodiesGone = 0
    package var unreadable = 0
    /// Judged again because a late event changed a rate.
    package var judgedAgain = 0
    package var moderated = 0
    package var asksFacts: Bool
    package var tried: Side
    /// `nil` where nothing is compared.
    package var compared: Side?
    package var newlyCaught = 0
    package var noLongerCaught = 0
    package var examples: [Example] = []
    /// A limit was reached, in one sentence each.
    package var notes: [String] = []
}

/// A share of cases, with its bounds at 95 %.
package struct Share: Sendable, Equatable {
    package let count: Int
    package let total: Int

    package init(_ count: Int, of total: Int) { (self.count, self.total) = (count, total) }

    /// `nil` of nothing.
    package var value: Double? { total == 0 ? nil : Double(count) / Double(total) }

    /// Wilson's score interval: between these the share lies, 95 times of 100.
    ///
    /// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
    package var bounds: (low: Double, high: Double)? {
        guard total > 0 else { return nil }
        let (z, n) = (1.959_963_984_540_054, Double(total))
        let share = Double(count) / n
        let centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        let reach = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        return (max(0, centre - reach), min(1, centre + reach))
    }
}
