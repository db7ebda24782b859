package import Chat
package import Facts
package import History
import JSON
package import Limits
package import MongoDB
package import Rules

/// What rules would make of a message that is stored, by the facts of today and the messages before it.
package struct MessageTrial {
    private let engine: RuleEngine
    private let facts: FactStore
    private let provider: StreamProvider
    private let limits: Limits.Rules

    package init(_ engine: RuleEngine, facts: FactStore, provider: StreamProvider, limits: Limits.Rules) {
        (self.engine, self.facts, self.provider, self.limits) = (engine, facts, provider, limits)
    }

    /// Nothing is stored or sent.
    ///
    /// Blocking.
    ///
    /// - Returns: `nil` where the body of no event that brought the message is kept.
    package func run(_ messageID: String, reading reader: HistoryReader) throws(MongoError) -> RuleTrial.Result? {
        let bodies = try reader.bodies(ofMessages: [messageID], type: RuleEvent.messageNew)
        guard let stored = bodies.min(by: { $0.id.description < $1.id.description }),
            let (event, body) = try? provider.decoded(
                stored.body,
                id: stored.id,
                receivedAt: stored.receivedAt,
                parser: JSONParser()
            )
        else { return nil }
        let examiner = Examiner(engine)
        let observation = examiner.observation(of: event, body)
        var answers = StoredAnswers(
            observation: observation,
            loader: WindowLoader(engine: engine, provider: provider, limits: limits),
            store: facts,
            reader: reader
        )
        let decision = observation.decide { answers[$0] }
        let outcome = decision?.shadow ?? Decision.Outcome()
        let traces = examiner.traces(event, body, outcome: outcome) { answers[$0] }
        if let failure = answers.failure { throw failure }
        return RuleTrial.Result(decision: decision, traces: traces)
    }
}

/// Answers about one message, each looked for when it is asked: a trace asks for all of them, and more than once.
private struct StoredAnswers {
    let observation: Observation
    let loader: WindowLoader
    let store: FactStore
    let reader: HistoryReader
    private(set) var failure: MongoError?
    private var answers: [InputKey: RuleAnswer] = [:]

    init(observation: Observation, loader: WindowLoader, store: FactStore, reader: HistoryReader) {
        (self.observation, self.loader, self.store, self.reader) = (observation, loader, store, reader)
    }

    subscript(key: InputKey) -> RuleAnswer {
        mutating get {
            if let answer = answers[key] { return answer }
            do throws(MongoError) {
                let inquiry = Inquiry(engine: loader.engine)
                let answer = try inquiry.answer(key, of: RuleJudge.Question(observation), from: &self)
                answers[key] = answer
                return answer
            } catch {
                failure = error
                return .unavailable
            }
        }
    }
}

extension StoredAnswers: AnswerSource {
    func known(_: InputKey, _: RuleJudge.Question) -> RuleAnswer? { nil }

    func contexts(ofChannels ids: Set<String>) throws(MongoError) -> [String: BusinessContext] {
        try reader.contexts(ofChannels: ids)
    }

    func facts(_ wanted: Set<FactKey>) -> FactTable? { store.load(wanted) }

    func window(
        _ window: WindowCache.Key,
        for _: InputKey,
        of question: RuleJudge.Question
    ) throws(MongoError) -> Window? {
        try loader.load(window, BatchToJudge(), reader, through: question.place.time)
    }

    func removedMessages(of subject: Decision.Subject) throws(MongoError) -> Int? {
        try loader.engine.removedMessages(of: subject, reader)
    }

    func blockedHere(_ subject: Decision.Subject) throws(MongoError) -> Int? {
        try reader.blockedHere(subject, most: loader.limits.blockMembers)
    }
}
