import Blocking
package import Chat
package import Facts
package import History
package import Limits
package import MongoDB
package import Rules

/// Decides about the events of a batch by the rules they were looked at with.
///
/// Rates are judged by the events' own times: a late event that changes what a later one came to has that one judged again.
package final class RuleJudge: BatchJudge {
    let facts: FactStore
    let provider: StreamProvider
    let planner: EffectPlanner
    private let sample: SpamAudit?
    let limits: Limits.Rules
    private let windows: Locked<WindowCache>
    let now: @Sendable () -> Timestamp

    /// - Parameter sample: of what a person looks at though nothing speaks against it; `nil` is nothing.
    package init(
        facts: FactStore,
        provider: StreamProvider,
        planner: EffectPlanner,
        sample: SpamAudit? = nil,
        limits: Limits.Rules,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.facts, self.provider, self.planner, self.sample) = (facts, provider, planner, sample)
        (self.limits, self.now) = (limits, now)
        windows = Locked(WindowCache(most: limits.windowsKept))
    }

    package func judge(
        _ batch: BatchToJudge,
        reading reader: borrowing some EntityReader
    ) throws(MongoError) -> Judgement {
        var judgement = try decide(batch, reader)
        judgement.reviews += sampled(batch, besides: judgement.flags)
        return judgement
    }

    /// Messages that the spam model has looked at and that nothing speaks against, as far as the sample takes them.
    private func sampled(_ batch: BatchToJudge, besides flags: [MessageRecord]) -> [ReviewCaseRecord] {
        guard let sample else { return [] }
        return batch.events.compactMap { event in
            guard let observation = event.observation, observation.subject.type == RuleEvent.messageNew,
                let id = observation.subject.messageID, observation.spamAnswer(to: .spam) != .missing,
                sample.isAudited(id), !flags.contains(where: { $0.id == id }), !batch.erasedMessages.contains(id)
            else { return nil }
            var review = ReviewCaseRecord(.message(id))
            let subject = observation.subject
            let stamp = Stamp(time: subject.time, version: subject.version, tieBreak: .min)
            review.add(ReviewSource(.audit, by: "", at: stamp))
            return review
        }
    }

    private func decide(_ batch: BatchToJudge, _ reader: borrowing some EntityReader) throws(MongoError) -> Judgement {
        guard let engine = batch.events.lazy.compactMap(\.rules).first else {
            // They are read when rules ask about them.
            windows.withLock { $0.forget(batch.newMessages) }
            return Judgement()
        }
        let observations = batch.events.compactMap(\.observation)
        let loader = WindowLoader(engine: engine, provider: provider, limits: limits)
        let counted = try count(observations, batch, loader, reader)
        var questions = observations.map { Question($0, batch.pseudonyms) }
        questions += try late(counted, batch, loader, reader)
        var hooked = try hooked(&questions, batch, loader, reader)
        questions.removeAll { !$0.observation.mayFire && $0.hook == nil || $0.isForgotten(batch) }
        guard !questions.isEmpty || !hooked.records.isEmpty else { return Judgement() }
        let stored = try reader.load(
            DecisionRecord.self,
            Set(questions.filter { $0.mayBeDecided(batch) }.map(\.id))
        )
        let known = Dictionary(stored.map { ($0.id, $0) }) { first, _ in first }
        var source = Source(
            judge: self,
            batch: batch,
            known: known,
            counted: counted,
            loader: loader,
            reader: copy reader
        )
        let decisions = zip(questions, try Inquiry(engine: engine).decide(questions, from: &source)).map {
            question,
            decision in
            guard let hook = question.hook else { return decision }
            let standing = decision ?? Decision(of: question.observation.subject, ruleSet: engine.ruleSet.version)
            return standing.resting(on: hook.decision, mark: hook.mark)
        }
        // Most events are decided by no rule, and never were.
        var decided = Array(zip(questions, decisions).filter { $1 != nil || $0.mayBeDecided(batch) })
        let refused = takePending(from: &decided, batch)
        if !refused.isEmpty {
            let stored = try reader.load(DecisionRecord.self, Set(refused.map(\.record.id))).map(\.id)
            hooked.records += refused.filter { !stored.contains($0.record.id) }.map { (nil, $0.record) }
        }
        var judgement = conclude(decided, known, batch.contexts, hooked, by: engine.ruleSet)
        judgement.refusedPending = Set(refused.map(\.message))
        return judgement
    }

    /// Something to be decided.
    struct Question {
        let observation: Observation
        private let pseudonyms: Pseudonyms?
        /// It was judged before, and something came in between.
        let isAgain: Bool
        /// What a hook has decided on the message before it was sent.
        private(set) var hook: HookBasis?

        /// - Parameter pseudonyms: `nil` where nobody is to be hidden.
        init(_ observation: Observation, _ pseudonyms: Pseudonyms? = nil, isAgain: Bool = false) {
            (self.observation, self.pseudonyms, self.isAgain) = (observation, pseudonyms, isAgain)
        }

        /// The same, with what a hook has done.
        ///
        /// - Parameter words: what the author wrote, where the hook has changed it.
        func resting(on hook: HookBasis, words: Observation? = nil) -> Question {
            var question = Question(words ?? observation, pseudonyms, isAgain: isAgain)
            question.hook = hook
            return question
        }

        /// The business that the event is about.
        ///
        /// - Parameter known: of its channel.
        func context(knowing known: BusinessContext) -> BusinessContext {
            var context = observation.context.completed(by: known)
            if let pseudonyms { context.replaceUsers(pseudonyms.name) }
            return context
        }

        /// Who or what it is about is erased: nothing is to be remembered of it.
        func isForgotten(_ batch: BatchToJudge) -> Bool {
            let subject = observation.subject
            return subject.messageID.map(batch.erasedMessages.contains) ?? false
                || subject.userID.map { batch.pseudonyms.name($0) != $0 } ?? false
        }

        var id: String { observation.subject.decisionID }
        var place: WindowEntry { observation.place }

        /// Whether something may have been decided about it: not about a message that no event has told of before.
        func mayBeDecided(_ batch: BatchToJudge) -> Bool {
            let subject = observation.subject
            guard !isAgain, subject.type == RuleEvent.messageNew, let id = subject.messageID else { return true }
            return !batch.unknownMessages.contains(id)
        }
    }

    /// What a batch's questions are answered from.
    private struct Source<Reader: EntityReader>: AnswerSource {
        let judge: RuleJudge
        let batch: BatchToJudge
        let known: [String: DecisionRecord]
        let counted: Counted
        let loader: WindowLoader
        let reader: Reader

        /// What was answered once stands: only what is counted may have changed.
        func known(_ key: InputKey, _ question: Question) -> RuleAnswer? {
            if let answer = question.hook?.answer(to: key) { return answer }
            return question.isAgain ? known[question.id]?.decision?.answerThatStands(to: key) : nil
        }

        func contexts(ofChannels ids: Set<String>) -> [String: BusinessContext] { batch.contexts }

        func facts(_ wanted: Set<FactKey>) -> FactTable? {
            judge.facts.load(wanted, knowing: ChatRecords(users: batch.users, channels: batch.channels))
        }

        func window(_ window: WindowCache.Key, for _: InputKey, of question: Question) throws(MongoError) -> Window? {
            try judge.window(window, of: question, counted, batch, loader, reader)
        }

        func removedMessages(of subject: Decision.Subject) throws(MongoError) -> Int? {
            try loader.engine.removedMessages(of: subject, reader, with: batch.messages)
        }

        func blockedHere(_ subject: Decision.Subject) throws(MongoError) -> Int? {
            try reader.blockedHere(subject, most: judge.limits.blockMembers)
        }
    }

    // MARK: Counting

    struct Counted {
        /// As they are with the batch's events.
        var windows: [WindowCache.Key: Window] = [:]
        /// The batch's own.
        var entries: [WindowCache.Key: [WindowEntry]] = [:]
        /// Stored messages and joins of which something was counted otherwise without the batch.
        var changed: [WindowCache.Key: ChangedEntries] = [:]
        /// The same of those that look on at the author's messages or joins.
        var onlookers: [MessageAuthor: ChangedEntries] = [:]
    }

    private func count(
        _ observations: [Observation],
        _ batch: BatchToJudge,
        _ loader: WindowLoader,
        _ reader: borrowing some EntityReader
    ) throws(MongoError) -> Counted {
        let (engine, needs) = (loader.engine, loader.engine.windows)
        guard !needs.isEmpty else { return Counted() }
        let entries = try entries(observations, batch, loader, reader)
        var before = windows.withLock { cache in
            cache.use(epoch: batch.epoch, ruleSet: engine.ruleSet.version)
            return entries.mapValues { _ in Window?.none }.merging(entries.keys.map { ($0, cache[$0]) }) { $1 }
        }
        for (key, entries) in entries {
            guard let first = entries.min(), before[key]??.covers(first, key, needs) != true else { continue }
            before[key] = try loader.load(key, covering: first, batch, reader)
        }
        var counted = Counted(entries: entries)
        for (key, entries) in entries {
            guard var window = before[key] ?? nil else { continue }
            // Known already: by another event, which has its say again, or from being asked before.
            let known = entries.filter(window.holds)
            // It may be asked about more than once: then its entries are remembered from the time before.
            for entry in entries { window.remove(entry) }
            let without = window
            for entry in entries { window.insert(entry) }
            counted.windows[key] = window
            var changed = window.changed(from: without, by: entries, key, needs)
            changed.turned.formUnion(known)
            if !changed.isEmpty { counted.changed[key] = changed }
            guard let first = entries.min(), key.counted.map(needs.watched.contains) == true else { continue }
            let onlookers = try onlookers(of: key.author, after: first, batch, loader, reader)
            let looking = window.changed(from: without, for: onlookers, key, needs)
            if !looking.isEmpty { counted.onlookers[key.author, default: ChangedEntries()].add(looking) }
        }
        windows.withLock { [counted] cache in
            for (key, var window) in counted.windows {
                window.keepLast(needs.kept)
                cache.keep(window, key)
            }
            for observation in observations {
                for key in WindowCache.Key.onlooking(observation, needs) {
                    guard var window = cache[key] else { continue }
                    window.insert(observation.place)
                    window.keepLast(needs.kept)
                    cache.keep(window, key)
                }
            }
        }
        return counted
    }

    /// Those that lie after an entry, as far as they are stored.
    private func onlookers(
        of author: MessageAuthor,
        after first: WindowEntry,
        _ batch: BatchToJudge,
        _ loader: WindowLoader,
        _ reader: borrowing some EntityReader
    ) throws(MongoError) -> [WindowEntry] {
        let (key, needs) = (WindowCache.Key(author: author, kind: .onlookers), loader.engine.windows)
        if let window = windows.withLock({ $0[key] }), window.covers(first, key, needs) {
            return Array(window.after(first))
        }
        var window = try loader.load(key, covering: first, batch, reader)
        let found = Array(window.after(first))
        window.keepLast(needs.kept)
        windows.withLock { [window] in $0.keep(window, key) }
        return found
    }

    /// What the batch adds to windows: messages as they were sent, others that are told of for the first time, joins.
    private func entries(
        _ observations: [Observation],
        _ batch: BatchToJudge,
        _ loader: WindowLoader,
        _ reader: borrowing some EntityReader
    ) throws(MongoError) -> [WindowCache.Key: [WindowEntry]] {
        let needs = loader.engine.windows
        var entries: [WindowCache.Key: [WindowEntry]] = [:]
        var sent: Set<String> = []
        for observation in observations {
            guard let entry = observation.entry else { continue }
            if let id = observation.subject.messageID { sent.insert(id) }
            for key in WindowCache.Key.all(of: observation, needs) { entries[key, default: []].append(entry) }
        }
        let others = batch.newMessages.filter { !sent.contains($0.record.id) }
        for message in others {
            guard let entry = try loader.entries([message], reader).first else { continue }
            for key in WindowCache.Key.all(of: message, needs.messages) { entries[key, default: []].append(entry) }
        }
        return entries
    }

    /// The window that a question is counted in, as far back as it takes.
    private func window(
        _ key: WindowCache.Key,
        of question: Question,
        _ counted: Counted,
        _ batch: BatchToJudge,
        _ loader: WindowLoader,
        _ reader: borrowing some EntityReader
    ) throws(MongoError) -> Window {
        let (place, needs) = (question.place, loader.engine.windows)
        if let window = counted.windows[key] ?? windows.withLock({ $0[key] }), window.covers(place, key, needs) {
            return window
        }
        var window = try loader.load(key, batch, reader, through: place.time)
        for entry in counted.entries[key] ?? [] { window.insert(entry) }
        return window
    }

    // MARK: Deciding

    private func conclude(
        _ decided: [(Question, Decision?)],
        _ stored: [String: DecisionRecord],
        _ known: [String: BusinessContext],
        _ hooked: Hooked,
        by rules: RuleSet
    ) -> Judgement {
        var judgement = Judgement()
        var records: [String: DecisionRecord] = [:]
        var contexts: [String: BusinessContext] = [:]
        let now = now()
        for (id, decided) in Dictionary(grouping: decided, by: \.0.id) {
            let questions = decided.map(\.0)
            guard let after = record(decided.compactMap(\.1), stored[id], questions, at: now) else { continue }
            records[id] = after
            let channel = questions[0].observation.subject.cid.flatMap { known[$0] }
            contexts[id] = questions[0].context(knowing: channel ?? BusinessContext())
        }
        let changes = records.sorted { $0.key < $1.key }.map { (before: stored[$0.key], after: $0.value) }
        for (before, after) in hooked.records + changes {
            judgement.decisions.append((before, after))
            guard let decision = after.decision, decision.subject.type != HookEvent.rewritten else { continue }
            let channel = decision.subject.cid.flatMap { known[$0] }
            let context = contexts[after.id] ?? channel ?? BusinessContext()
            let plan = planner.plan(decision, by: rules, context, isLate: after.isLate)
            judgement.flags += plan.flags
            judgement.reviews += plan.reviews
            judgement.effects += plan.effects
        }
        return judgement
    }

    /// Of several events that tell of the same thing, that of the least digest is taken at its word.
    ///
    /// - Parameters:
    ///   - decisions: those of the events asked about, where some rule fires.
    ///   - questions: at least one, all about the same thing.
    /// - Returns: `nil` where nothing changes.
    private func record(
        _ decisions: [Decision],
        _ before: DecisionRecord?,
        _ questions: [Question],
        at now: Timestamp
    ) -> DecisionRecord? {
        // Judged again, it was with all events that tell of it.
        let isAgain = questions.contains(where: \.isAgain)
        let standing = isAgain ? [] : [before?.decision].compactMap(\.self)
        let decision = (standing + decisions).min { $0.subject.event.description < $1.subject.event.description }
        guard var record = before else {
            let isLate = questions[0].observation.subject.time.isOlder(than: limits.lateSeconds, at: now)
            return decision.map { DecisionRecord(id: questions[0].id, decision: $0, decidedAt: now, isLate: isLate) }
        }
        guard record.decision != decision else { return nil }
        // What a hook has done stands, also where it cannot be looked at any more.
        if record.decision?.hookMark != nil, decision?.hookMark == nil { return nil }
        if let standing = record.decision { record.superseded.append(standing) }
        record.superseded = Array(record.superseded.suffix(limits.supersededKept))
        record.decision = decision
        return record
    }
}

extension Timestamp {
    func isOlder(than seconds: Int64, at now: Timestamp) -> Bool {
        milliseconds < now.milliseconds - seconds * 1_000
    }
}

extension Decision {
    /// What was answered to a question that does not depend on other events.
    func answerThatStands(to key: InputKey) -> RuleAnswer? {
        switch key {
        case .value(let path) where path != .removedMessages: break
        case .spam, .spamModel: break
        case .value, .rate, .silence, .first: return nil
        }
        return inputs.first { $0.name == key.name }?.answer
    }
}
