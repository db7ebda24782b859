import Chat
import Facts
import History
import MongoDB
import Rules

/// What rules' questions are answered from.
///
/// Every call may block.
protocol AnswerSource {
    /// What stands before anything is asked.
    func known(_ key: InputKey, _ question: RuleJudge.Question) -> RuleAnswer?
    /// What is known of the business of these channels, by `cid`.
    mutating func contexts(ofChannels ids: Set<String>) throws(MongoError) -> [String: BusinessContext]
    /// `nil` where facts are not to be asked: then they are unavailable.
    mutating func facts(_ wanted: Set<FactKey>) -> FactTable?
    /// What a question is counted by; `nil` where nothing is.
    mutating func window(
        _ window: WindowCache.Key,
        for key: InputKey,
        of question: RuleJudge.Question
    ) throws(MongoError) -> Window?
    /// See ``ValuePath/removedMessages``; `nil` where there is no user.
    func removedMessages(of subject: Decision.Subject) throws(MongoError) -> Int?
    /// See ``ValuePath/blockedHere``; `nil` where there is no user or no channel, or the channel is too large.
    func blockedHere(_ subject: Decision.Subject) throws(MongoError) -> Int?
}

/// Decides about events, asking step by step what the rules need to know beyond them: what one answer makes needless is
/// not asked, and what several events need is asked together.
///
/// Blocking.
struct Inquiry {
    typealias Question = RuleJudge.Question

    let engine: RuleEngine

    /// - Returns: by question; `nil` where no rule fires.
    func decide(
        _ questions: [Question],
        from source: inout some AnswerSource
    ) throws(MongoError) -> [Decision?] {
        var decisions = [Decision?](repeating: nil, count: questions.count)
        // A few each, by number of the key.
        var answers = [[(key: Int, answer: RuleAnswer)]](repeating: [], count: questions.count)
        var contexts: [String: BusinessContext] = [:]
        var open = Array(questions.indices)
        while !open.isEmpty {
            var (asks, stillOpen): ([Ask], [Int]) = ([], [])
            for index in open {
                let attempt = questions[index].observation.attempt { key in
                    answers[index].first { $0.key == key }?.answer ?? source.known(engine.key(key), questions[index])
                }
                switch attempt {
                case .decided(let decision): decisions[index] = decision
                case .asks(let keys):
                    stillOpen.append(index)
                    asks += keys.map { Ask(question: index, number: $0, key: engine.key($0)) }
                }
            }
            for (ask, answer) in zip(asks, try answer(asks, of: questions, &contexts, &source)) {
                answers[ask.question].append((ask.number, answer))
            }
            open = stillOpen
        }
        return decisions
    }

    /// One answer by itself.
    func answer(
        _ key: InputKey,
        of question: Question,
        from source: inout some AnswerSource
    ) throws(MongoError) -> RuleAnswer {
        var contexts: [String: BusinessContext] = [:]
        return try answer([Ask(question: 0, number: 0, key: key)], of: [question], &contexts, &source)[0]
    }

    private func answer(
        _ asks: [Ask],
        of questions: [Question],
        _ contexts: inout [String: BusinessContext],
        _ source: inout some AnswerSource
    ) throws(MongoError) -> [RuleAnswer] {
        try learnContexts(&contexts, asks, questions, &source)
        let facts = asks.map { $0.fact(questions[$0.question], contexts) }
        let wanted = Set(facts.compactMap { if case .fact(let fact, _)? = $0 { fact } else { nil } })
        let table = wanted.isEmpty ? nil : source.facts(wanted)
        var answers: [RuleAnswer] = []
        for (ask, fact) in zip(asks, facts) {
            answers.append(try answer(ask.key, questions[ask.question], fact, table, &source))
        }
        return answers
    }

    /// One question of one event's.
    private struct Ask {
        let question: Int
        let number: Int
        let key: InputKey

        func fact(_ question: Question, _ contexts: [String: BusinessContext]) -> FactQuestion? {
            guard case .value(let path) = key, path != .blockedHere else { return nil }
            let subject = question.observation.subject
            let known = subject.cid.flatMap { contexts[$0] } ?? BusinessContext()
            return FactQuestion(path, subject, question.context(knowing: known))
        }
    }

    private func learnContexts(
        _ contexts: inout [String: BusinessContext],
        _ asks: [Ask],
        _ questions: [Question],
        _ source: inout some AnswerSource
    ) throws(MongoError) {
        var wanted: Set<String> = []
        for ask in asks where ask.key.needsContext {
            guard let cid = questions[ask.question].observation.subject.cid, contexts[cid] == nil else { continue }
            wanted.insert(cid)
        }
        guard !wanted.isEmpty else { return }
        let found = try source.contexts(ofChannels: wanted)
        for cid in wanted { contexts[cid] = found[cid] ?? BusinessContext() }
    }

    private func answer(
        _ key: InputKey,
        _ question: Question,
        _ fact: FactQuestion?,
        _ table: FactTable?,
        _ source: inout some AnswerSource
    ) throws(MongoError) -> RuleAnswer {
        switch key {
        case .value(.removedMessages):
            let count = try source.removedMessages(of: question.observation.subject)
            return count.map { .value(.number(Double($0))) } ?? .missing
        case .value(.blockedHere):
            let count = try source.blockedHere(question.observation.subject)
            return count.map { .value(.number(Double($0))) } ?? .missing
        case .value:
            switch fact {
            case .known(let text)?: return .value(.text(text))
            case .fact(let key, let field)?: return table.map { RuleAnswer($0[key, field]) } ?? .unavailable
            case nil: return .missing
            }
        case .rate, .first, .silence:
            guard let counted = key.window,
                let author = MessageAuthor(counted.per, of: question.observation.subject),
                let window = try source.window(
                    WindowCache.Key(author: author, kind: counted.isOfJoins ? .joins : .messages),
                    for: key,
                    of: question
                )
            else { return .missing }
            return window.answer(key, for: question.place, most: engine.windows.entries)
        case .spam, .spamModel: return question.observation.spamAnswer(to: key)
        }
    }
}

extension InputKey {
    /// It leads over what the channel is about.
    fileprivate var needsContext: Bool {
        guard case .value(let path) = self else { return false }
        return switch path.root {
        case .thing("user"), .thing("channel"): false
        case .thing, .seller, .buyer: true
        case .event, .message, .user, .channel, .command: false
        }
    }
}

extension RuleEngine {
    /// How many of the last messages of the acting user somebody else than the user and the service had removed by then:
    /// see ``ValuePath/removedMessages``; `nil` where there is no user.
    ///
    /// Blocking.
    ///
    /// - Parameter coming: messages as they are about to be stored, by id.
    func removedMessages(
        of subject: Decision.Subject,
        _ reader: borrowing some EntityReader,
        with coming: [String: MessageState] = [:]
    ) throws(MongoError) -> Int? {
        guard let user = subject.userID else { return nil }
        let (author, most) = (MessageAuthor.user(user), windowEntries)
        let stored = try reader.lastMessages(of: author, through: subject.time, limit: most)
        return author.lastMessages(stored, with: coming, through: subject.time, limit: most).count { message in
            guard let deletion = message.record.deletion, deletion.stamp.time <= subject.time,
                deletion.value.isDeleted, let by = deletion.value.by
            else { return false }
            return by != user && by != ownUserID
        }
    }
}

extension EntityReader {
    /// How many of a channel's members have blocked the acting user: see ``ValuePath/blockedHere``.
    ///
    /// Blocking.
    ///
    /// - Parameter most: members of a channel that is looked into.
    func blockedHere(_ subject: Decision.Subject, most: Int) throws(MongoError) -> Int? {
        guard let user = subject.userID, let cid = subject.cid else { return nil }
        let members = try memberships(of: .channel(cid), limit: most + 1)
        guard members.count <= most else { return nil }
        let others = members.filter { $0.membership?.value.isMember ?? false && $0.key.userID != user }
        let keys = others.map { UserBlock.Key(blocker: $0.key.userID, blocked: user) }
        return try load(UserBlock.self, Set(keys)).count
    }
}

/// Where the answer to a question about the app's own things is found.
enum FactQuestion {
    case known(String)
    case fact(FactKey, field: String)

    /// `nil` where the context names no such thing.
    init?(_ path: ValuePath, _ subject: Decision.Subject, _ context: @autoclosure () -> BusinessContext) {
        let found: (kind: String, id: String?) =
            switch path.root {
            case .user: ("user", subject.userID)
            case .channel: ("channel", subject.cid)
            case .seller: ("user", context()[.seller])
            case .buyer: ("user", context()[.buyer])
            // Facts alone, whatever the event says: what users write into their own profiles is no fact about them.
            case .thing("user"): ("user", subject.userID)
            case .thing("channel"): ("channel", subject.cid)
            case .thing(let kind): (kind, BusinessContext.Kind(rawValue: kind).flatMap { context()[$0] })
            case .event, .message, .command: ("", nil)
            }
        guard let id = found.id else { return nil }
        let field = path.keys.count == 1 ? path.keys[0] : path.keys.joined(separator: ".")
        self = field == "id" ? .known(id) : .fact(FactKey(kind: found.kind, id: id), field: field)
    }
}

extension RuleAnswer {
    init(_ fact: Fact) {
        switch fact {
        case .value(let value): self = .value(RuleValue(value))
        case .missing: self = .missing
        case .unavailable: self = .unavailable
        }
    }
}

extension RuleValue {
    init(_ value: FactValue) {
        switch value {
        case .string(let text): self = .text(text)
        case .integer(let number): self = .number(Double(number))
        case .double(let number): self = .number(number)
        case .bool(let flag): self = .flag(flag)
        case .time(let time): self = .time(time)
        case .strings(let texts): self = .texts(texts)
        }
    }
}
