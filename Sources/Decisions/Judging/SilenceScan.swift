import Blocking
package import Chat
import Crypto
package import Facts
package import History
import JSON
package import Limits
import MongoDB
package import Outbox
package import Rules
package import Telemetry

/// Looks for channels in which nobody has written for as long as a rule says, and decides about them.
///
/// Every node may look: what is decided about one silence is the same everywhere, and is stored once.
package final class SilenceScan: Sendable {
    private let rules: any RuleSource
    private let history: HistoryHandle
    private let facts: FactStore
    private let planner: EffectPlanner
    private let mode: @Sendable () -> EffectMode
    private let order: WriteOrder
    private let limits: Limits.Rules
    private let log: Log
    private let now: @Sendable () -> Timestamp
    private let onEffects: @Sendable () -> Void
    private let pool = BlockingPool(label: "rules.silence", threads: 1)

    /// - Parameters:
    ///   - order: the node's, which numbers everything that it writes to the outbox.
    ///   - onEffects: told when some were written.
    package init(
        rules: any RuleSource,
        history: HistoryHandle,
        facts: FactStore,
        planner: EffectPlanner,
        mode: @escaping @Sendable () -> EffectMode,
        order: WriteOrder,
        limits: Limits.Rules,
        log: Log,
        now: @escaping @Sendable () -> Timestamp,
        onEffects: @escaping @Sendable () -> Void
    ) {
        (self.rules, self.history, self.facts, self.planner) = (rules, history, facts, planner)
        (self.mode, self.order, self.limits) = (mode, order, limits)
        (self.log, self.now, self.onEffects) = (log, now, onEffects)
    }

    /// Looks every so often, until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            let found = await pool.run { self.lookOnce() }
            if found > 0 { onEffects() }
            try? await Task.sleep(for: .seconds(limits.silenceSeconds))
        }
    }

    /// Blocking.
    ///
    /// - Returns: how many silences were decided about.
    @discardableResult
    package func lookOnce() -> Int {
        guard let engine = rules.engine, let store = history.store, !engine.silences.isEmpty else { return 0 }
        do throws(MongoError) {
            var count = 0
            for silence in engine.silences { count += try look(for: silence, engine, store) }
            return count
        } catch {
            log.warning("looking for silent channels failed; it is tried again", ["reason": .init(error.description)])
            return 0
        }
    }

    private func look(for silence: Duration, _ engine: RuleEngine, _ store: HistoryStore) throws(MongoError) -> Int {
        let now = now()
        var (after, count) = ("", 0)
        while true {
            let page = try silentChannels(silence, after: after, store, at: now)
            guard let last = page.last else { return count }
            after = last.cid
            count += try decide(page, silence, engine, store, at: now)
        }
    }

    private struct SilentChannel {
        let cid: String
        let lastMessage: Timestamp
        let context: BusinessContext
    }

    /// Without an index, which every message would have to pay for: this is rare.
    private func silentChannels(
        _ silence: Duration,
        after: String,
        _ store: HistoryStore,
        at now: Timestamp
    ) throws(MongoError) -> [SilentChannel] {
        let end = now.milliseconds - silence.nanoseconds / 1_000_000
        var filter = BSONDocument()
        filter.append("_id") { $0.append("$gt", after) }
        filter.append("last_message_at") {
            $0.append("$lte", date: end)
            // What was silent long before a rule asked for it is left in peace.
            $0.append("$gt", date: end - limits.silenceReachSeconds * 1_000)
        }
        var channels: [SilentChannel] = []
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Collection.channels.rawValue,
                filter,
                in: store.database,
                options: .init(sort: .keys(("_id", 1)), limit: limits.silencePage)
            ) { (document: BSONDocument) throws(MongoError) in
                guard let record = ChannelRecord(document), let last = document.time("last_message_at") else {
                    return true
                }
                guard record.deletion?.value != true else { return true }
                let context = record.effectiveContext(store.settings.patterns)
                channels.append(SilentChannel(cid: record.cid, lastMessage: last, context: context))
                return true
            }
        }
        return channels
    }

    private func decide(
        _ channels: [SilentChannel],
        _ silence: Duration,
        _ engine: RuleEngine,
        _ store: HistoryStore,
        at now: Timestamp
    ) throws(MongoError) -> Int {
        let (examiner, parser) = (Examiner(engine), JSONParser())
        guard let empty = try? parser.parse(Array("{}".utf8)) else { return 0 }
        var questions: [RuleJudge.Question] = []
        for channel in channels {
            let event = ChatEvent(silence, in: channel.cid, since: channel.lastMessage, at: now)
            guard let observation = examiner.observe(event, empty), observation.mayFire else { continue }
            questions.append(.init(observation.of(version: channel.lastMessage.nanoseconds)))
        }
        let contexts = Dictionary(channels.map { ($0.cid, $0.context) }) { first, _ in first }
        var source = Source(
            silence: silence,
            contexts: contexts,
            store: facts,
            engine: engine,
            reader: HistoryReader(store),
            limits: limits
        )
        let decisions = try Inquiry(engine: engine).decide(questions, from: &source)
        var (changes, effects): ([MongoUpdate], [MongoUpdate]) = ([], [])
        for (question, decision) in zip(questions, decisions) {
            guard let decision else { continue }
            let channel = decision.subject.cid.flatMap { contexts[$0] } ?? BusinessContext()
            let context = question.context(knowing: channel)
            let record = DecisionRecord(id: question.id, decision: decision, decidedAt: now, isLate: false)
            var change = BSONDocument()
            change.append("$setOnInsert", record.document.withoutID)
            changes.append(MongoUpdate(filter: .id(record.id), update: change, upsert: true))
            let plan = planner.plan(decision, by: engine.ruleSet, context, isLate: false)
            effects += plan.effects.compactMap { $0.outboxWrite(mode(), order: order.next(at: now), at: now) }
        }
        guard !changes.isEmpty else { return 0 }
        return try write(changes, effects, store)
    }

    /// What questions about one silence are answered from.
    private struct Source: AnswerSource {
        let silence: Duration
        let contexts: [String: BusinessContext]
        let store: FactStore
        let engine: RuleEngine
        let reader: HistoryReader
        let limits: Limits.Rules

        func known(_ key: InputKey, _: RuleJudge.Question) -> RuleAnswer? {
            // Longer than that, by a second whenever and wherever it is noticed.
            if case .silence = key { .value(.number(Double(silence.components.seconds + 1))) } else { nil }
        }

        func contexts(ofChannels _: Set<String>) -> [String: BusinessContext] { contexts }
        func facts(_ wanted: Set<FactKey>) -> FactTable? { store.load(wanted) }
        func window(_: WindowCache.Key, for _: InputKey, of _: RuleJudge.Question) -> Window? { nil }

        func removedMessages(of subject: Decision.Subject) throws(MongoError) -> Int? {
            try engine.removedMessages(of: subject, reader)
        }

        func blockedHere(_ subject: Decision.Subject) throws(MongoError) -> Int? {
            try reader.blockedHere(subject, most: limits.blockMembers)
        }
    }

    /// - Returns: how many were new.
    private func write(
        _ decisions: [MongoUpdate],
        _ effects: [MongoUpdate],
        _ store: HistoryStore
    ) throws(MongoError) -> Int {
        let writer = try store.pool.openWriter()
        return try writer.withTransaction { session throws(MongoError) in
            let result = try writer.connection.update(
                decisions,
                in: Collection.decisions.rawValue,
                of: store.database,
                session: session
            )
            if !effects.isEmpty {
                _ = try writer.connection.update(
                    effects,
                    in: Collection.outbox.rawValue,
                    of: store.database,
                    session: session
                )
            }
            return result.upserted
        }
    }
}

extension ChatEvent {
    /// A channel's silence: the same for every node that notices it.
    fileprivate init(_ silence: Duration, in cid: String, since last: Timestamp, at now: Timestamp) {
        let name = "\(RuleEvent.channelSilent) \(cid) \(last.nanoseconds) \(silence.components.seconds)"
        self.init(
            id: EventID(bytes: SHA256.digest(Array(name.utf8))),
            type: RuleEvent.channelSilent,
            createdAt: now,
            receivedAt: now
        )
        self.cid = cid
    }
}

extension BSONDocument {
    fileprivate var withoutID: BSONDocument {
        var document = BSONDocument()
        for (key, value) in self where key != "_id" { document.append(key, value: value) }
        return document
    }
}
