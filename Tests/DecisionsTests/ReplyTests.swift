import Chat
import Decisions
import History
import Limits
import Outbox
import Rules
import TestSupport
import Testing

/// What is made up when its turn comes: replies whose reasons still hold, masked texts, facts.
struct ReplyTests {
    private static let now = DecisionConvergenceTests.start

    private static let rules = """
        rules:
          - id: asked
            phase: respond
            on: [message.new, message.updated]
            when: [{ listing.status: sold }, { text: { contains: available } }]
            then: [{ reply: { template: sold, delay: 1m, once: { per: user, for: 1d } } }]
          - { id: contacts, when: { text: { phones: true } }, then: [{ mask: phones }] }
          - { id: status, when: { command.name: status }, then: [{ set: { fact: listing.status, from: command.word, allowed: [sold, open] } }] }
        """

    /// What happens before the reply is due, and whether it is sent.
    enum Meanwhile: String, CaseIterable, Sendable {
        case nothing, masked, maskedAndEdited, factChanged, deleted, edited, bot, own, machine

        var isMasked: Bool { self == .masked || self == .maskedAndEdited }
        var isAnswered: Bool { self == .nothing || self == .masked }
    }

    @Test(arguments: Meanwhile.allCases) func aReplyIsSentIfItsReasonHolds(_ meanwhile: Meanwhile) async throws {
        let fields = meanwhile == .bot ? ",\"role\":\"bot\"" : ""
        let user = meanwhile == .own ? "backchannel" : "u1"
        let text = "Is this available?" + (meanwhile.isMasked ? " Call +47 912 34 567" : "")
        let asked = Body.message("m1", by: user, text, at: Self.now, user: fields)
        let outcomes = try await Self.outcomes(
            of: "rule.reply",
            [
                asked.replacing(
                    "\"type\":\"regular\"",
                    with: meanwhile == .machine ? "\"type\":\"system\"" : "\"type\":\"regular\""
                )
            ]
        ) { node in
            switch meanwhile {
            case .factChanged: try node.set(status: "open")
            case .deleted: try node.commit([Body.deletion("m1", isHard: false, at: Self.now.after(seconds: 5))])
            case .masked, .maskedAndEdited:
                // What the decision's own mask made of it comes back as an edit.
                let masked = "Is this available? Call ••••••••••••••" + (meanwhile == .masked ? "" : " now")
                try node.commit([Body.message("m1", masked, at: Self.now, edited: Self.now.after(seconds: 5))])
            case .edited:
                let edited = Self.now.after(seconds: 5)
                try node.commit([Body.message("m1", "Never mind", at: Self.now, edited: edited)])
            case .nothing, .bot, .own, .machine: break
            }
        }
        #expect(outcomes.sent.count == (meanwhile.isAnswered ? 1 : 0), "\(outcomes)")
        guard meanwhile.isAnswered, let call = outcomes.sent.first else { return }
        #expect(call.action == "sendMessage" && call.payload.contains("Sorry, it is sold."))
    }

    /// Of an edited message too, whose provider's times are finer than what is stored.
    @Test func anEditedTextIsAnswered() async throws {
        let edited = Timestamp(nanoseconds: Self.now.nanoseconds + 5_123_456_789)
        let bodies = [
            Body.message("m1", "hello", at: Self.now),
            Body.message("m1", "Is this available?", at: Self.now, edited: edited),
        ]
        let outcomes = try await Self.outcomes(of: "rule.reply", bodies)
        #expect(outcomes.sent.count == 1, "\(outcomes)")
    }

    @Test func onceIsOnceForEachUser() async throws {
        let bodies = [("m1", "u1"), ("m2", "u1"), ("m3", "u2")].map { id, user in
            Body.message(id, by: user, "Is this available?", at: Self.now)
        }
        let outcomes = try await Self.outcomes(of: "rule.reply", bodies)
        #expect(outcomes.waited == 3 && outcomes.sent.count == 2, "\(outcomes)")
        // Another attempt of the same reply is the same message.
        #expect(Set(outcomes.again.map(\.payload)) == Set(outcomes.sent.map(\.payload)))
    }

    /// Within how long after the first message the second comes, and whether it is answered too.
    @Test(arguments: [
        ("once: { per: channel, for: 1h }", 3_000, 1), ("once: { per: channel, for: 1h }", 3_700, 2),
        ("once: { per: channel }", 9_000_000, 1),
    ])
    func onceRunsOut(_ once: String, _ seconds: Int, _ expected: Int) async throws {
        let rules = """
            rules:
              - { id: asked, phase: respond, when: { text: { contains: available } }, then: [{ reply: { template: sold, \(once) } }] }
            """
        #expect(try await Self.answers(to: rules, after: seconds) == expected)
    }

    /// A cooldown holds for all that a rule says, whoever is told.
    @Test(arguments: [(50, 1), (70, 2)]) func aCooldownRunsOut(_ seconds: Int, _ expected: Int) async throws {
        let rules = """
            rules:
              - { id: asked, phase: respond, cooldown: { per: user, for: 1m }, when: { text: { contains: available } }, then: [{ reply: sold }] }
            """
        #expect(try await Self.answers(to: rules, after: seconds) == expected)
    }

    /// Of two messages of a user in a channel, so many seconds apart: how many are answered.
    private static func answers(to rules: String, after seconds: Int) async throws -> Int {
        let engine = try DecisionRules.engine(rules)
        let database = freshDatabaseName()
        var sent = 0
        for (id, time) in [("m1", now), ("m2", now.after(seconds: Int64(seconds)))] {
            let (node, effects) = try await blocking {
                let node = try StoredDecisions(sharedMongoPool(), database, engine, at: time)
                try node.commit([Body.message(id, "Is this available?", at: time)])
                return (node, try node.effects("rule.reply").filter { $0.payload.contains("/\(id)/") })
            }
            #expect(effects.count == 1)
            let performer = NotingPerformer()
            _ = await RulePerformer(performer, desk: node.desk).sent(effects)
            sent += await performer.calls.count
        }
        try await blocking { try dropDatabase(database, in: sharedMongoPool()) }
        return sent
    }

    /// What silence is answered with is left unsaid if somebody has written meanwhile.
    @Test(arguments: [false, true]) func silenceIsBrokenUnlessSomebodyWrote(_ writes: Bool) async throws {
        let rules = """
            rules:
              - { id: check-in, on: channel.silent, phase: respond, when: { silence: { longer_than: 1h, per: channel } }, then: [{ reply: { template: sold, by: helper } }] }
            """
        let engine = try DecisionRules.engine(rules)
        let database = freshDatabaseName()
        let later = Self.now.after(seconds: 4_000)
        let (node, effects) = try await blocking {
            let before = try StoredDecisions(sharedMongoPool(), database, engine, at: Self.now)
            try before.commit([Body.message("m1", "Hello", at: Self.now)])
            let node = try StoredDecisions(sharedMongoPool(), database, engine, at: later)
            #expect(node.silenceScan.lookOnce() == 1)
            #expect(node.silenceScan.lookOnce() == 0, "one silence is noticed once")
            let effects = try node.effects("rule.reply")
            if writes { try node.commit([Body.message("m2", "Still here", at: later)]) }
            return (node, effects)
        }
        #expect(effects.count == 1)
        let performer = NotingPerformer()
        _ = await RulePerformer(performer, desk: node.desk).sent(effects)
        #expect(await performer.calls.count == (writes ? 0 : 1))
        try await blocking { try dropDatabase(database, in: sharedMongoPool()) }
    }

    /// A deletion that waits while a late event takes its decision back is not carried out.
    @Test func whatIsTakenBackIsNotDone() async throws {
        let rules = "rules: [{ id: first, when: { first_message: user }, then: [{ delete: soft }] }]"
        let engine = try DecisionRules.engine(rules)
        let database = freshDatabaseName()
        let (node, effects) = try await blocking {
            let node = try StoredDecisions(sharedMongoPool(), database, engine, at: Self.now)
            try node.commit([Body.message("m2", "Hello", at: Self.now)])
            try node.commit([Body.message("m1", "Hello", at: Self.now.after(seconds: -10))])
            return (node, try node.effects("deleteMessage"))
        }
        #expect(effects.count == 2)
        let performer = NotingPerformer()
        _ = await RulePerformer(performer, desk: node.desk).sent(effects)
        let done = await performer.calls
        #expect(done.count == 1 && done.first?.payload.contains("\"m1\"") == true, "\(done)")
        try await blocking { try dropDatabase(database, in: sharedMongoPool()) }
    }

    @Test func aMaskedTextIsSentUnlessItWasEdited() async throws {
        let leak = Body.message("m1", "call me at +47 912 34 567", at: Self.now)
        let masked = try await Self.outcomes(of: "rule.text", [leak])
        let call = try #require(masked.sent.first)
        #expect(call.action == "updateMessagePartially" && call.payload.contains("•") && !call.payload.contains("912"))
        let edited = try await Self.outcomes(of: "rule.text", [leak]) { node in
            let later = Self.now.after(seconds: 3)
            try node.commit([Body.message("m1", "call me, please", at: Self.now, edited: later)])
        }
        #expect(edited.waited == 1 && edited.sent.isEmpty)
    }

    @Test func aFormCommandSetsAFact() async throws {
        let engine = try DecisionRules.engine(Self.rules)
        let database = freshDatabaseName()
        let (node, effects) = try await blocking {
            let node = try StoredDecisions(sharedMongoPool(), database, engine, at: Self.now)
            try node.commit([
                Body.message("m1", "/status Sold yesterday", at: Self.now),
                Body.message("m2", in: "messaging:listing_8_b_s", "/status stolen", at: Self.now),
            ])
            return (node, try node.effects("rule.set"))
        }
        let outcomes = await FactPerformer(desk: node.desk).perform(effects)
        #expect(outcomes.count == 2 && outcomes.filter(\.isDone).count == 1, "\(outcomes)")
        try await blocking {
            let facts = try node.documents(.facts).map(\.text)
            #expect(facts.count == 1 && facts[0].contains("sold"))
            try dropDatabase(database, in: sharedMongoPool())
        }
    }

    struct Outcomes: Sendable {
        /// Effects that were written.
        var waited = 0
        /// What was called.
        var sent: [PendingEffect] = []
        /// What is called when all is tried once more.
        var again: [PendingEffect] = []
    }

    /// What is called at the provider once the effects of an action are due.
    private static func outcomes(
        of action: String,
        _ bodies: [String],
        meanwhile: @escaping @Sendable (StoredDecisions) throws -> Void = { _ in }
    ) async throws -> Outcomes {
        let engine = try DecisionRules.engine(rules)
        let database = freshDatabaseName()
        let (node, effects) = try await blocking {
            let node = try StoredDecisions(sharedMongoPool(), database, engine, at: now)
            try node.set(status: "sold")
            try node.commit(bodies)
            let effects = try node.effects(action)
            try meanwhile(node)
            return (node, effects)
        }
        var outcomes = Outcomes(waited: effects.count)
        let (first, second) = (NotingPerformer(), NotingPerformer())
        _ = await RulePerformer(first, desk: node.desk).sent(effects)
        _ = await RulePerformer(second, desk: node.desk).sent(effects)
        (outcomes.sent, outcomes.again) = (await first.calls, await second.calls)
        try await blocking { try dropDatabase(database, in: sharedMongoPool()) }
        return outcomes
    }
}
