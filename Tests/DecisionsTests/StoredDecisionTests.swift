import Chat
import Decisions
import History
import Limits
import MongoDB
import Outbox
import Rules
import TestSupport
import Testing

/// What ``DecisionConvergenceTests`` shows of the pure parts holds for what MongoDB keeps.
struct StoredDecisionTests {
    private static let now = DecisionConvergenceTests.start

    /// 4 stories, 3 orders each, in some of them with a second node that writes in between.
    @Test func anyOrderStoresTheSame() async throws {
        let random = SeededRandom()
        try await blocking {
            var random = random
            let engine = try DecisionRules.engine(DecisionRules.windowed)
            for number in 0..<4 {
                let story = DecisionStory(random, from: Self.now, events: 40)
                random = story.random
                let deliveries = Deliveries(engine)
                let memory = try MemoryDecisions(judge: DecisionConvergenceTests.judge())
                for body in story.bodies { try memory.apply([deliveries.received(body, at: Self.now)]) }
                for order in 0..<3 {
                    let comment = "story \(number), order \(order), TEST_SEED=\(random.seed)"
                    try Self.tell(story, engine, memory.standing, comment, &random)
                }
            }
        }
    }

    private static func tell(
        _ story: DecisionStory,
        _ engine: RuleEngine,
        _ expected: [String: Decision],
        _ comment: String,
        _ random: inout SeededRandom
    ) throws {
        let (pool, database) = (try sharedMongoPool(), freshDatabaseName())
        defer { try? dropDatabase(database, in: pool) }
        var limits = Limits.Rules()
        limits.lateSeconds = 1_000_000_000
        let node = try StoredDecisions(pool, database, engine, at: now, limits: limits)
        let other = try StoredDecisions(pool, database, engine, at: now, limits: limits)
        try node.set(status: "sold")
        let preparer = BatchPreparer(node.store, fence: node.fence, judge: node.judge)
        let deliveries = Deliveries(engine)
        var previous: PreparedBatch?
        for batch in DeliveryOrder(story.bodies, &random).batches {
            let received = try batch.map { try deliveries.received($0, at: now) }
            let isEarly = Bool.random(using: &random)
            let early = isEarly ? try preparer.prepare(received, after: previous) : nil
            if let previous { _ = try StoredDecisions.retrying { try node.writer.commit(previous) } }
            previous = nil
            if Int.random(in: 0..<4, using: &random) == 0 {
                try other.commit(received)
                // What was prepared is repeated then, and finds everything there.
                if let early { _ = try StoredDecisions.retrying { try node.writer.commit(early) } }
            } else {
                previous = try early ?? preparer.prepare(received, after: nil)
            }
        }
        if let previous { _ = try StoredDecisions.retrying { try node.writer.commit(previous) } }
        try #require(differences(node.standing, from: expected) == [], "\(comment)")
        try checkReruns(node, comment)
    }

    /// With another rule set in force meanwhile.
    private static func checkReruns(_ node: StoredDecisions, _ comment: String) throws {
        let other = try DecisionRules.engine("rules: [{ id: other, when: { text: { links: true } }, then: [flag] }]")
        node.inForce.take(other, warnings: [], at: now)
        try RuleSetStore(node.store).keep(other.ruleSet)
        let review = DecisionReview(
            HistoryQueries(node.store, limits: Limits().query),
            provider: StreamProvider(),
            settings: try DecisionRules.settings()
        )
        for record in try node.records {
            for decision in [record.decision].compactMap(\.self) + record.superseded {
                try #require(try review.rerun(decision) == .same, "\(comment), \(record.id)")
            }
        }
    }

    // MARK: Late events

    private static let flood = """
        rules:
          - { id: flood, when: { rate: { of: messages, more_than: 2, within: 10s } }, then: [{ mute: 5m }, flag] }
          - { id: back, phase: respond, when: { first_message: user-and-channel }, then: [{ reply: { template: sold, delay: 1m } }] }
        """

    /// A message may be judged before it is known who wrote it; the event that says so is about the same decision.
    @Test func aMessageToldOfByHalvesIsDecidedOnce() async throws {
        let rules = "rules: [{ id: hello, when: { text: { contains: hello } }, then: [{ label: greeting }] }]"
        let engine = try DecisionRules.engine(rules)
        let database = freshDatabaseName()
        try await blocking {
            let node = try StoredDecisions(sharedMongoPool(), database, engine, at: Self.now)
            let whole = Body.message("m1", "hello", at: Self.now)
            let half = whole.replacing("\"user\":{\"id\":\"u1\"},", with: "")
            #expect(half != whole)
            for body in [half, whole, whole.replacing("{\"type\"", with: "{ \"type\"")] { try node.commit([body]) }
            #expect(try node.records.map(\.id) == ["message.new/m1/0"])
            try dropDatabase(database, in: sharedMongoPool())
        }
    }

    @Test func whatIsTooLateIsRecordedAndNotPerformed() async throws {
        let engine = try DecisionRules.engine(Self.flood)
        try await withFreshDatabase { pool, database in
            let node = try StoredDecisions(pool, database, engine, at: Self.now)
            let old = Timestamp(milliseconds: Self.now.milliseconds - 601_000)
            try node.commit((0..<3).map { Body.message("m\($0)", "hi", at: old.after(seconds: Int64($0) - 5)) })
            let records = try node.records
            #expect(records.count == 2 && records.allSatisfy(\.isLate))
            let states = try node.documents(.outbox).map { $0.string("state") }
            #expect(states == ["stale", "stale"])
        }
    }

    @Test(arguments: [(EffectMode.off, [String]()), (.record, ["recorded", "recorded"])])
    func modesHold(_ mode: EffectMode, _ states: [String]) async throws {
        let engine = try DecisionRules.engine(Self.flood)
        try await withFreshDatabase { pool, database in
            let node = try StoredDecisions(pool, database, engine, at: Self.now, mode: mode)
            try node.commit((0..<3).map { Body.message("m\($0)", "hi", at: Self.now.after(seconds: Int64($0) - 5)) })
            #expect(try node.records.count == 2)
            #expect(try node.documents(.outbox).compactMap { $0.string("state") } == states)
        }
    }

    @Test func whatALateEventTakesBackIsNotSent() async throws {
        let engine = try DecisionRules.engine(Self.flood)
        let performer = NotingPerformer()
        let (node, database) = try await blocking {
            let database = freshDatabaseName()
            let node = try StoredDecisions(sharedMongoPool(), database, engine, at: Self.now)
            try node.commit([Body.message("m2", "hi", at: Self.now)])
            // It was not the first after all.
            try node.commit([Body.message("m1", "ho", at: Self.now.after(seconds: -60))])
            return (node, database)
        }
        let records = try await blocking { try node.records }
        let superseded = try #require(records.first { $0.id == "message.new/m2/0" })
        #expect(superseded.decision == nil && superseded.superseded.count == 1)
        let replies = try await blocking { try node.effects("rule.reply") }
        #expect(replies.count == 2)
        let outcomes = await RulePerformer(performer, desk: node.desk).sent(replies)
        #expect(outcomes.filter(\.isDone).count == 1)
        #expect(await performer.calls.map(\.action) == ["sendMessage"])
        try await blocking { try dropDatabase(database, in: sharedMongoPool()) }
    }

    // MARK: Erasure

    @Test func anErasureLeavesDecisionsWithoutTheUser() async throws {
        let engine = try DecisionRules.engine(
            """
            rules:
              - { id: words, on: [message.new, message.updated], when: { message.text: { contains: secret } }, then: [flag, { label: words }] }
              - { id: first, when: { first_message: user }, then: [{ label: first }] }
              - { id: joined, on: member.added, when: { first_message: channel }, then: [{ label: joined }] }
            """
        )
        try await withFreshDatabase { pool, database in
            let node = try StoredDecisions(pool, database, engine, at: Self.now)
            let user = "u-5c1f0e"
            let message = Body.message("m2", by: user, in: "messaging:x", "a secret text", at: Self.now)
            let member = "\"member\":{\"user_id\":\"\(user)\",\"user\":{\"id\":\"\(user)\"}}"
            let joined = Self.now.after(seconds: -20).rfc3339
            let joining = "{\"type\":\"member.added\",\"created_at\":\"\(joined)\",\"cid\":\"messaging:x\",\(member)}"
            try node.commit([message, joining])
            // Something late, so that there is something superseded.
            let earlier = Self.now.after(seconds: -9)
            try node.commit([Body.message("m1", by: user, in: "messaging:x", "my secret", at: earlier)])
            #expect(try node.documents(.decisions).count == 3)
            #expect(try node.documents(.events).contains { $0["counts_of"] != nil })
            #expect(try node.documents(.decisions).contains { $0.array("superseded") != nil })
            let report = try node.store.erase(user: user, at: Self.now)
            #expect(report[.decisions] == 3)
            // Whatever comes later is not decided about.
            try node.commit([Body.message("m3", by: user, in: "messaging:x", "another secret", at: Self.now)])
            let decisions = try node.documents(.decisions)
            #expect(decisions.count == 3)
            for document in decisions + (try node.documents(.events)) + (try node.documents(.outbox)) {
                let text = document.text
                #expect(!text.contains(user) && !text.contains("secret text") && !text.contains("my secret"), "\(text)")
            }
        }
    }

    @Test func aHardDeletionLeavesDecisionsWithoutWords() async throws {
        let engine = try DecisionRules.engine(
            "rules: [{ id: words, when: { message.text: { contains: secret } }, then: [flag] }]"
        )
        try await withFreshDatabase { pool, database in
            let node = try StoredDecisions(pool, database, engine, at: Self.now)
            try node.commit([Body.message("m1", "a secret text", at: Self.now)])
            #expect(try node.documents(.decisions).contains { $0.text.contains("secret text") })
            try node.commit([Body.deletion("m1", isHard: true, at: Self.now)])
            // Also of a message that is told of only after its deletion.
            try node.commit([Body.deletion("m2", isHard: true, at: Self.now)])
            try node.commit([Body.message("m2", "a secret text", at: Self.now)])
            let decisions = try node.documents(.decisions)
            #expect(decisions.count == 1 && !decisions.contains { $0.text.contains("secret text") })
            #expect(decisions.first?.array("fired")?.count == 1)
        }
    }
}

extension Timestamp {
    func after(seconds: Int64) -> Timestamp { Timestamp(nanoseconds: nanoseconds + seconds * 1_000_000_000) }
}

extension RulePerformer {
    func sent(_ effects: [PendingEffect]) async -> [EffectOutcome] {
        var outcomes: [EffectOutcome] = []
        for effect in effects { outcomes += await perform([effect]) }
        return outcomes
    }
}

extension EffectOutcome {
    var isDone: Bool {
        if case .done = self { true } else { false }
    }
}
