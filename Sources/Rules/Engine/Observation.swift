package import Chat

/// What one event by itself says to the rules: which of them may still fire, and what they have to ask.
///
/// A class: it goes with its event through all that becomes of it, and would be copied at every step.
package final class Observation: Sendable {
    package let engine: RuleEngine
    package let subject: Decision.Subject
    /// What later events are counted against; `nil` where none is.
    package let entry: WindowEntry?
    /// What the event itself tells of the business, without what its channel's id says.
    let ownContext: BusinessContext
    /// Rules that the event does not rule out, in order.
    let candidates: [Int]
    /// By leaf: of the candidates' leaves, not settled where more has to be asked.
    let truths: [Truth]
    /// Of the candidates' leaves that hold, what was found in the text.
    let findings: NumberedValues<LeafFinding>
    /// Values that the event holds, by their numbers among the engine's keys.
    let values: NumberedValues<RuleAnswer>
    let isOfMachine: Bool
    /// What the model in force said of the text when the event was looked at; `nil` where no rule asks, or there is none.
    let spam: SpamAnswer?

    init(
        engine: RuleEngine,
        subject: Decision.Subject,
        entry: WindowEntry?,
        ownContext: BusinessContext,
        candidates: [Int],
        truths: [Truth],
        findings: NumberedValues<LeafFinding>,
        values: NumberedValues<RuleAnswer>,
        isOfMachine: Bool,
        spam: SpamAnswer? = nil
    ) {
        (self.engine, self.subject, self.entry, self.ownContext) = (engine, subject, entry, ownContext)
        (self.candidates, self.truths, self.findings, self.values) = (candidates, truths, findings, values)
        (self.isOfMachine, self.spam) = (isOfMachine, spam)
    }

    /// What the event itself answers about spam.
    package func spamAnswer(to key: InputKey) -> RuleAnswer {
        guard let spam else { return .missing }
        return switch key {
        case .spam: .value(.number(spam.probability))
        case .spamModel: .value(.text(spam.model))
        case .value, .rate, .silence, .first: .missing
        }
    }

    /// The same of another version of what is judged.
    package func of(version: Int64) -> Observation {
        var subject = subject
        subject.version = version
        return of(subject: subject, spam: spam)
    }

    /// The same with what a model says.
    func of(spam: SpamAnswer?) -> Observation { of(subject: subject, spam: spam) }

    /// The same words as those of another message, in whose place they are counted.
    package func of(_ subject: Decision.Subject, countedAs entry: WindowEntry?) -> Observation {
        of(subject: subject, spam: spam, entry: entry)
    }

    private func of(subject: Decision.Subject, spam: SpamAnswer?) -> Observation {
        of(subject: subject, spam: spam, entry: entry)
    }

    private func of(subject: Decision.Subject, spam: SpamAnswer?, entry: WindowEntry?) -> Observation {
        Observation(
            engine: engine,
            subject: subject,
            entry: entry,
            ownContext: ownContext,
            candidates: candidates,
            truths: truths,
            findings: findings,
            values: values,
            isOfMachine: isOfMachine,
            spam: spam
        )
    }

    /// Whether any rule may fire.
    package var mayFire: Bool { !candidates.isEmpty }

    /// What the event itself tells of the business context.
    package var context: BusinessContext { engine.completed(ownContext, ofChannel: subject.cid) }

    /// Whether a rule that may fire counts earlier events.
    package var countsEarlier: Bool { candidates.contains { !engine.traits[$0].isDisjoint(with: .countsEarlier) } }

    /// Whether one asks how many of the user's messages are removed.
    package var asksRemovals: Bool { candidates.contains { engine.traits[$0].contains(.asksRemovals) } }

    /// Whether one looks at messages or joins that this event is not among, so that none of those leads back to it: an
    /// edit at how many messages there were.
    package var isOnlooker: Bool {
        guard engine.hasOnlookers else { return false }
        var own: RuleTraits = []
        if entry != nil { own.insert(subject.type == RuleEvent.memberAdded ? .countsJoins : .countsMessages) }
        if subject.type == RuleEvent.messageNew { own.insert(.asksRemovals) }
        let others = RuleTraits.countsEarlier.union(.asksRemovals).subtracting(own)
        return candidates.contains { !engine.traits[$0].isDisjoint(with: others) }
    }

    /// What it is counted as; of an event that is not counted itself, as if it were.
    package var place: WindowEntry {
        entry ?? WindowEntry(time: subject.time, id: subject.messageID ?? subject.event.description, cid: subject.cid)
    }
}

/// What was found of one leaf.
struct LeafFinding: Sendable {
    var truth: Truth
    var matches: [Decision.Match] = []
    var value: Decision.Input?
    /// Why it is not known, in one sentence without its full stop.
    var note: String?
}

/// A few values by number: most events have none or two, for which a dictionary would cost more than the search.
struct NumberedValues<Value: Sendable>: Sendable {
    private let entries: [(number: Int, value: Value)]

    /// - Parameter entries: each number once.
    init(_ entries: [(number: Int, value: Value)]) {
        self.entries = entries.count < 2 ? entries : entries.sorted { $0.number < $1.number }
    }

    subscript(number: Int) -> Value? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].number == number ? entries[low].value : nil
    }
}
