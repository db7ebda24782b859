package import Chat
import Facts
package import History
import JSON
import Limits
package import MongoDB
package import Rules

/// Shows why a decision came about, and makes it again from what was stored.
///
/// Every call blocks.
package struct DecisionReview: Sendable {
    private let queries: HistoryQueries
    private let provider: StreamProvider
    private let settings: RuleEngine.Settings
    private let inForce: RuleEngine?

    /// - Parameter inForce: spares reading its rule set, which may be about to be kept.
    package init(
        _ queries: HistoryQueries,
        provider: StreamProvider,
        settings: RuleEngine.Settings,
        inForce: RuleEngine? = nil
    ) {
        (self.queries, self.provider, self.settings, self.inForce) = (queries, provider, settings, inForce)
    }

    /// What came of making a decision again.
    package enum Rerun: Sendable, Equatable {
        case same
        /// The other one; `nil` where no rule fires any more.
        case different(Decision?)
        /// The event, the rule set, or what was stored with it is gone, in one sentence without its full stop.
        case impossible(String)
    }

    /// Decides once more, by the same rule set, event and answers.
    package func rerun(_ decision: Decision) throws(MongoError) -> Rerun {
        if let mark = decision.hookMark {
            return .impossible("it rests on what a hook has decided: see the decision that names \(mark)")
        }
        guard let engine = try engine(of: decision.ruleSet) else {
            return .impossible("the rule set \(decision.ruleSet) is not kept or cannot be read any more")
        }
        guard let (event, body) = try event(decision.subject) else {
            return .impossible("the event's body is no longer kept")
        }
        guard let observation = Examiner(engine).observe(event, body) else { return .different(nil) }
        var again = observation.decide { decision.answer(to: $0) }
        if HookEvent.isDecision(decision.subject.type), let mark = decision.subject.messageID {
            again = again?.beforeSending(as: decision.subject.type, mark: mark)
            again?.subject.event = decision.subject.event
        }
        return again == decision ? .same : .different(again)
    }

    /// Every rule of a set on the event of a decision, with the answers that it was made with.
    package func traces(_ decision: Decision) throws(MongoError) -> [RuleTrace]? {
        guard let engine = try engine(of: decision.ruleSet), let (event, body) = try event(decision.subject) else {
            return nil
        }
        return Examiner(engine).traces(event, body, outcome: decision.enforced) { decision.answer(to: $0) }
    }

    private func engine(of version: String) throws(MongoError) -> RuleEngine? {
        if let inForce, inForce.ruleSet.version == version { return inForce }
        guard let files = try RuleSetStore(queries.store).files(of: version) else { return nil }
        return (try? LoadedRules(files: files, settings: settings))?.engine
    }

    /// The event as it was judged.
    private func event(_ subject: Decision.Subject) throws(MongoError) -> (ChatEvent, JSONValue)? {
        guard let stored = try queries.event(subject.event), let body = stored.body else { return nil }
        if HookEvent.isDecision(subject.type) {
            return try? provider.hook(
                body,
                as: RuleEvent.messageNew,
                id: subject.event,
                receivedAt: subject.time,
                parser: JSONParser()
            )
        }
        return try? provider.decoded(body, id: subject.event, receivedAt: stored.at, parser: JSONParser())
    }
}

extension Decision {
    /// As it was answered then.
    package func answer(to key: InputKey) -> RuleAnswer { inputs.first { $0.name == key.name }?.answer ?? .missing }
}
