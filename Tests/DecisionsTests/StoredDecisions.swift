import Analytics
import Chat
import Decisions
import Facts
import History
import Limits
import MongoDB
import Outbox
import Rules
import Telemetry
import TestSupport
import Testing

/// A node's rules, history and outbox in a database of its own.
///
/// `@unchecked Sendable`: a test takes one step at a time, so the writer is never used by two threads at once.
struct StoredDecisions: @unchecked Sendable {
    let store: HistoryStore
    let history: HistoryHandle
    let facts: FactStore
    let inForce = RulesInForce()
    let now: Timestamp
    private let limits: Limits.Rules
    private let planner: EffectPlanner
    let judge: RuleJudge
    let fence = Fence()
    let writer: HistoryWriter
    let desk: RuleDesk

    init(
        _ pool: MongoPool,
        _ database: String,
        _ engine: RuleEngine,
        at now: Timestamp,
        mode: EffectMode = .on,
        limits: Limits.Rules = Limits.Rules()
    ) throws {
        let store = try HistoryStore.open(
            pool: pool,
            database: database,
            app: AppIdentity(id: nil, apiKeys: ["key"]),
            patterns: ContextPatterns(),
            weights: EngagementWeights()
        )
        (self.store, self.now) = (store, now)
        history = HistoryHandle { () throws(HistoryError) in store }
        _ = try history.opened()
        facts = FactStore(history: history, app: nil, limits: Limits().facts, now: { now })
        inForce.take(engine, warnings: [], at: now)
        self.limits = limits
        planner = EffectPlanner(.init(ownUserID: "backchannel", maximumAge: .seconds(900)))
        judge = RuleJudge(facts: facts, provider: StreamProvider(), planner: planner, limits: limits, now: { now })
        let effects = DecisionEffects(outbox: OutboxWriter(mode: { mode }, order: WriteOrder(), now: { now }))
        writer = try HistoryWriter(store, fence: fence, judge: judge, effects: effects)
        desk = RuleDesk(
            rules: inForce,
            history: history,
            facts: facts,
            provider: StreamProvider(),
            limits: Limits(),
            now: { now }
        )
        try RuleSetStore(store).keep(engine.ruleSet)
    }

    var silenceScan: SilenceScan {
        SilenceScan(
            rules: inForce,
            history: history,
            facts: facts,
            planner: planner,
            mode: { .on },
            order: WriteOrder(),
            limits: limits,
            log: Log(level: .error),
            now: { [now] in now },
            onEffects: {}
        )
    }

    /// A listing's status, as the app tells it.
    func set(status: String, ofListing id: String = "7") throws {
        let record = FactRecord(["status": .string(status)])
        try PushedFacts(store).put([(FactKey(kind: "listing", id: id), record)], at: now)
        facts.forget([FactKey(kind: "listing", id: id)], from: .pushed)
    }

    func commit(_ bodies: [String]) throws {
        let deliveries = Deliveries(try #require(inForce.engine))
        try commit(bodies.map { try deliveries.received(Array($0.utf8), at: now) })
    }

    func commit(_ events: [ReceivedEvent]) throws { _ = try Self.retrying { try writer.commit(events) } }

    /// MongoDB may ask for a transaction to be repeated.
    static func retrying<R>(_ body: () throws -> R) throws -> R {
        while true {
            do { return try body() } catch let error as MongoError where error.isTransient { continue }
        }
    }

    var records: [DecisionRecord] {
        get throws { try documents(.decisions).compactMap(DecisionRecord.init) }
    }

    var standing: [String: Decision] {
        get throws {
            Dictionary(
                uniqueKeysWithValues: try records.compactMap { record in record.decision.map { (record.id, $0) } }
            )
        }
    }

    func documents(_ collection: Collection) throws -> [BSONDocument] {
        var documents: [BSONDocument] = []
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(collection.rawValue, BSONDocument(), in: store.database) {
                (document: BSONDocument) throws(MongoError) in
                documents.append(document)
                return true
            }
        }
        return documents
    }

    /// What waits in the outbox, as its turn would come.
    func effects(_ action: String) throws -> [PendingEffect] {
        try documents(.outbox).filter { $0.string("action") == action }.map { row in
            PendingEffect(
                key: Effect.EffectKey(stored: row.string("_id") ?? ""),
                destination: .provider,
                lane: row.string("lane") ?? "",
                action: action,
                payload: row.string("payload") ?? "",
                eventTime: row.time("event_at") ?? now,
                attempts: 0
            )
        }
    }
}

/// Notes what it is given, as the provider would carry it out.
actor NotingPerformer {
    private(set) var calls: [PendingEffect] = []
    func note(_ effects: [PendingEffect]) { calls += effects }
}

extension NotingPerformer: EffectPerformer {
    nonisolated func perform(_ effects: [PendingEffect]) async -> [EffectOutcome] {
        await note(effects)
        return effects.map { _ in .done(answer: "200") }
    }
}

/// Bodies of deliveries.
enum Body {
    static func message(
        _ id: String,
        by user: String = "u1",
        in cid: String = "messaging:listing_7_b_s",
        _ text: String,
        at time: Timestamp,
        edited: Timestamp? = nil,
        _ more: String = "",
        user fields: String = ""
    ) -> String {
        let edit = edited.map { ",\"message_text_updated_at\":\"\($0.rfc3339)\"" } ?? ""
        return """
            {"type":"\(edited == nil ? "message.new" : "message.updated")","created_at":"\((edited ?? time).rfc3339)",\
            "cid":"\(cid)","message":{"id":"\(id)","cid":"\(cid)","type":"regular","text":"\(text)",\
            "user":{"id":"\(user)"\(fields)},"created_at":"\(time.rfc3339)",\
            "updated_at":"\((edited ?? time).rfc3339)"\(edit)}\(more)}
            """
    }

    static func deletion(
        _ id: String,
        isHard: Bool,
        in cid: String = "messaging:listing_7_b_s",
        by user: String = "u1",
        at time: Timestamp
    ) -> String {
        """
        {"type":"message.deleted","created_at":"\(time.rfc3339)","cid":"\(cid)","hard_delete":\(isHard),\
        "user":{"id":"\(user)"},\
        "message":{"id":"\(id)","cid":"\(cid)","type":"deleted","text":"","user":{"id":"u1"},\
        "created_at":"\(time.rfc3339)","deleted_at":"\(time.rfc3339)"}}
        """
    }
}

extension BSONDocument {
    /// Every key and value.
    var text: String {
        map { key, value in
            switch value {
            case .document(let inner), .array(let inner): "\(key)={\(inner.text)}"
            default: "\(key)=\(value)"
            }
        }.joined(separator: " ")
    }
}
