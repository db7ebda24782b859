import Chat
import Limits
import Rules

/// Counts what rule sets come to.
///
/// What comes to something else later is taken back first.
struct BacktestTally {
    private(set) var report: BacktestReport
    private let moderation: Moderation
    private let limits: Limits.Rules
    private let examples: Int
    private var known: RecentNumbers
    fileprivate var sides: [SideTally]
    /// Messages of the time that somebody moderated.
    private var moderated: Set<UInt64> = []

    /// One rule set's counts.
    fileprivate struct SideTally {
        var side: BacktestReport.Side
        var places: [String: Int]
        var caught: [UInt64: Int] = [:]

        init(_ rules: RuleSet) {
            side = BacktestReport.Side(
                version: rules.version,
                rules: rules.rules.map { BacktestReport.RuleRow(id: $0.id, mode: $0.mode.rawValue) }
            )
            places = Dictionary(uniqueKeysWithValues: rules.rules.enumerated().map { ($0.element.id, $0.offset) })
        }
    }

    init(_ report: BacktestReport, rules: [RuleSet], _ moderation: Moderation, examples: Int, limits: Limits.Rules) {
        (self.report, self.moderation, self.examples, self.limits) = (report, moderation, examples, limits)
        known = RecentNumbers(most: limits.backtestKnown)
        sides = rules.map(SideTally.init)
    }

    /// - Returns: whether it is to be judged: not one that another event has told of already.
    mutating func begin(_ item: BacktestItem) -> Bool {
        guard known.insert(item.identity) else { return false }
        report.events += 1
        guard item.isNewMessage else { return true }
        report.messages += 1
        if moderation.concerns(item) {
            report.moderated += 1
            if moderated.count < limits.backtestMessages { moderated.insert(item.message) }
        }
        return true
    }

    mutating func note(gone: Int, unreadable: Int) {
        report.bodiesGone += gone
        report.unreadable += unreadable
    }

    mutating func noteAgain(_ count: Int) { report.judgedAgain += count }

    /// Counts an item with what its rule sets came to, or takes it back.
    mutating func add(_ item: BacktestItem, sign: Int) {
        let isModerated = item.message != 0 && (moderated.contains(item.message) || moderation.concerns(item))
        for side in sides.indices { sides[side].add(item.outcomes[side], item, isModerated, sign, limits) }
        guard sides.count == 2, item.message != 0 else { return }
        let (tried, compared) = (item.outcomes[0], item.outcomes[1])
        if tried?.isCaught == true, compared?.isCaught != true {
            report.newlyCaught += sign
            sides[0].attribute(tried, sign) { $0.newlyCaught += $1 }
            note(item, tried, isNew: true, isModerated, sign)
        } else if compared?.isCaught == true, tried?.isCaught != true {
            report.noLongerCaught += sign
            sides[1].attribute(compared, sign) { $0.noLongerCaught += $1 }
            note(item, compared, isNew: false, isModerated, sign)
        }
    }

    /// Keeps the first of each kind as examples; without a comparison, of what is caught.
    private mutating func note(
        _ item: BacktestItem,
        _ outcome: BacktestOutcome?,
        isNew: Bool,
        _ isModerated: Bool,
        _ sign: Int
    ) {
        guard let outcome else { return }
        let example = BacktestReport.Example(
            isNewlyCaught: isNew,
            rules: outcome.fired.filter { !$0.isShadow }.map(\.id),
            verdict: outcome.verdict,
            messageID: item.subject.messageID,
            cid: item.subject.cid,
            userID: item.subject.userID,
            at: item.subject.time,
            text: item.text,
            isModerated: isModerated
        )
        if sign < 0 {
            report.examples.removeAll { $0.messageID == example.messageID && $0.isNewlyCaught == isNew }
        } else if report.examples.count(where: { $0.isNewlyCaught == isNew }) < examples {
            report.examples.append(example)
        }
    }

    /// What it all comes to.
    func finished() -> BacktestReport {
        var report = report
        var finished: [BacktestReport.Side] = []
        for tally in sides {
            var side = tally.side
            side.verdicts[.allow, default: 0] += report.events - tally.side.verdicts.values.reduce(0, +)
            side.shadowVerdicts[.allow, default: 0] += report.events - tally.side.shadowVerdicts.values.reduce(0, +)
            let caught = tally.caught.keys
            side.measure.caughtModerated = caught.count(where: moderated.contains)
            side.measure.caughtOther = caught.count - side.measure.caughtModerated
            side.measure.missed = moderated.count - side.measure.caughtModerated
            if caught.count >= limits.backtestMessages {
                report.notes.append(
                    "more than \(limits.backtestMessages) messages were caught; precision and recall are of those"
                )
            }
            finished.append(side)
        }
        if moderation.isCut || moderated.count >= limits.backtestMessages {
            report.notes.append(
                "more than \(limits.backtestMessages) messages were moderated; the others count as left alone"
            )
        }
        report.tried = finished[0]
        report.compared = finished.count > 1 ? finished[1] : nil
        return report
    }
}

extension BacktestTally.SideTally {
    fileprivate mutating func add(
        _ outcome: BacktestOutcome?,
        _ item: BacktestItem,
        _ isModerated: Bool,
        _ sign: Int,
        _ limits: Limits.Rules
    ) {
        guard let outcome else { return }
        side.verdicts[outcome.verdict, default: 0] += sign
        side.shadowVerdicts[outcome.shadowVerdict, default: 0] += sign
        if outcome.isForReview {
            side.reviewsByDay[item.subject.time.milliseconds.flooredDays, default: 0] += sign
        }
        for rule in outcome.fired {
            guard let place = places[rule.id] else { continue }
            side.rules[place].fired += sign
            if isModerated { side.rules[place].moderated += sign }
        }
        guard outcome.isCaught, item.message != 0 else { return }
        let count = (caught[item.message] ?? 0) + sign
        if count <= 0 {
            caught[item.message] = nil
        } else if caught[item.message] != nil || caught.count < limits.backtestMessages {
            caught[item.message] = count
        }
    }

    fileprivate mutating func attribute(
        _ outcome: BacktestOutcome?,
        _ sign: Int,
        _ change: (inout BacktestReport.RuleRow, Int) -> Void
    ) {
        for rule in outcome?.fired ?? [] where !rule.isShadow {
            if let place = places[rule.id] { change(&side.rules[place], sign) }
        }
    }
}

extension Int64 {
    /// Days since 1970-01-01 of so many milliseconds since then.
    fileprivate var flooredDays: Int64 {
        let day: Int64 = 86_400_000
        return (self - ((self % day) + day) % day) / day
    }
}
