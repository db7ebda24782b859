import Chat
import Crypto
import History
import JSON
import Rules
import TestSupport
import Testing

@testable import Decisions

/// Messages on which a hook has decided before they were sent, and everything that comes in another order than it happened.
struct HookedDecisionTests {
    private static let start = DecisionConvergenceTests.start
    private static let cid = "messaging:lobby"
    private static let mark = String(repeating: "4f", count: 16)

    private static let rules = """
        rules:
          - { id: casino, when: { text: { contains: casino } }, then: [{ label: casino }, { refuse: sold }, { mute: 5m }] }
          - { id: contacts, phase: sanitise, when: { text: { contacts: true } }, then: [{ mask: contacts }, { label: contact }] }
          - { id: flood, when: { rate: { of: messages, more_than: 3, within: 10s } }, then: [{ label: flood }, { mute: 1m }] }
          - { id: first, when: { first_message: user }, then: [{ label: new }] }
          - { id: credit, when: { user.balance: { at_most: 0 } }, then: [{ label: poor }] }
        """

    /// Five messages of one user within some seconds; the hook has rewritten the fourth.
    private struct Story {
        let events: [ReceivedEvent]

        init(_ engine: RuleEngine) throws {
            let deliveries = Deliveries(engine)
            var events = try (1...5).filter { $0 != 4 }.map { number in
                try HookedDecisionTests.sent("m\(number)", "hello", second: number, deliveries)
            }
            let text = "call +47 912 34 567"
            let (told, sent) = try HookedDecisionTests.rewritten("m4", text, second: 4, deliveries)
            events += [told, sent]
            self.events = events
        }

        /// What tells of one message, and all else.
        func parted(by id: String) -> (late: [ReceivedEvent], others: [ReceivedEvent]) {
            (events.filter { $0.messageID == id }, events.filter { $0.messageID != id })
        }
    }

    /// What is decided on the words that were written follows what is counted, whatever comes when.
    @Test func anyOrderDecidesTheSame() async throws {
        try await blocking {
            var random = SeededRandom()
            let engine = try DecisionRules.engine(Self.rules)
            let story = try Story(engine)
            let expected = try Self.history(of: [story.events.sorted { $0.time < $1.time }])
            let message = try #require(expected.standing["message.new/m4/0"])
            #expect(message.enforced.labels == ["contact", "flood"])
            #expect(message.hookMark == Self.mark)
            // The text was masked before it was sent.
            #expect(message.actions.map(\.name) == ["mute"])
            #expect(expected.standing["message.new/m1/0"]?.enforced.labels == ["new"])
            for order in 0..<200 {
                var rest = (story.events + story.events.prefix(2)).shuffled(using: &random)[...]
                var batches: [[ReceivedEvent]] = []
                while !rest.isEmpty {
                    let size = Int.random(in: 1...3, using: &random)
                    batches.append(Array(rest.prefix(size)))
                    rest = rest.dropFirst(size)
                }
                let other = try Self.history(of: batches)
                let found = differences(other.standing, from: expected.standing)
                try #require(found == [], "order \(order), TEST_SEED=\(random.seed)")
                // What was ever to be done about the message is one mute, planned under one key.
                let mutes = other.effects.keys.filter {
                    $0.description.hasPrefix("m4/") && $0.description.contains("mute")
                }
                try #require(mutes.count == 1, "\(mutes), TEST_SEED=\(random.seed)")
            }
        }
    }

    /// A message that comes late makes it one of a flood: the decision of before stands beside the new one.
    @Test func aLateMessageHasItJudgedAgain() async throws {
        try await blocking {
            let engine = try DecisionRules.engine(Self.rules)
            let story = try Story(engine)
            let (late, others) = story.parted(by: "m2")
            let history = try Self.history(of: [others])
            let before = try #require(history.standing["message.new/m4/0"])
            #expect(before.enforced.labels == ["contact"])
            try history.apply(late)
            let record = try #require(history.decisions.first { $0.id == "message.new/m4/0" })
            #expect(record.decision?.enforced.labels == ["contact", "flood"])
            #expect(record.superseded == [before])
            try history.apply(late)
            #expect(history.decisions.first { $0.id == "message.new/m4/0" } == record)
        }
    }

    /// Where no rule fires by what is known now, what the hook has done is remembered all the same, and counts later.
    @Test func whatTheHookDidIsRememberedWhereNothingFires() async throws {
        try await blocking {
            let engine = try DecisionRules.engine(Self.rules)
            let deliveries = Deliveries(engine)
            // The hook was told of a credit of 0, by which it did something that has no other trace.
            let request = Self.request("hello")
            let decision = Decision(of: try Self.observed(request, deliveries).subject, ruleSet: engine.ruleSet.version)
            let told = try Self.told(HookEvent.rewritten, decision, request, second: 4, deliveries)
            let sent = try Self.sent("m4", "hello!", second: 4, deliveries, hook: .rewritten(mark: Self.mark))
            let others = try [1, 2, 3].map { try Self.sent("m\($0)", "hi", second: $0, deliveries) }
            let history = try Self.history(of: [[others[0]], [told, sent]])
            #expect(history.standing["message.new/m4/0"]?.fired == [])
            #expect(history.standing["message.new/m4/0"]?.hookMark == Self.mark)
            try history.apply(Array(others.dropFirst()))
            #expect(history.standing["message.new/m4/0"]?.enforced.labels == ["flood"])
        }
    }

    /// What was never sent cannot be taken back, nor counted otherwise: the refusal stands as it was made.
    @Test func aRefusalStands() async throws {
        try await blocking {
            let engine = try DecisionRules.engine(Self.rules)
            let deliveries = Deliveries(engine)
            let request = Self.request("a casino")
            let decision = try #require(Self.decided(try Self.observed(request, deliveries)))
            let told = try Self.told(HookEvent.refused, decision, request, second: 4, deliveries)
            let others = try [1, 2, 3, 5].map { try Self.sent("m\($0)", "hi", second: $0, deliveries) }
            let history = try Self.history(of: [[told], others, [told]])
            let record = try #require(history.decisions.first { $0.id == "hook.refused/\(Self.mark)/0" })
            #expect(record.decision?.enforced.labels == ["casino"] && record.superseded == [])
            #expect(record.decision?.actions.map(\.name) == ["mute"])
            #expect(history.effects.keys.count { $0.description.contains("casino/mute") } == 1)
        }
    }

    /// The provider sent what was refused: whoever wrote it is muted once, also if it is judged again.
    @Test func whatWasRefusedAndSentIsPunishedOnce() async throws {
        try await blocking {
            let engine = try DecisionRules.engine(Self.rules)
            let deliveries = Deliveries(engine)
            let request = Self.request("a casino")
            let decision = try #require(Self.decided(try Self.observed(request, deliveries)))
            let told = try Self.told(HookEvent.refused, decision, request, second: 4, deliveries)
            let sent = try Self.sent(
                "m4",
                "a casino",
                second: 4,
                deliveries,
                hook: .letThrough(marks: ["no", Self.mark])
            )
            let others = try [1, 2, 3].map { try Self.sent("m\($0)", "hi", second: $0, deliveries) }
            let history = try Self.history(of: [[told], [sent], others])
            let record = try #require(history.decisions.first { $0.id == "message.new/m4/0" })
            #expect(record.decision?.enforced.labels == ["casino", "flood"])
            // Of the mutes that of the flood alone is new; the message goes.
            #expect(record.decision?.actions.map { "\($0.rule) \($0.name)" }.contains("casino mute") == false)
            let planned = history.effects.keys.map(\.description)
            #expect(planned.count { $0.contains("casino/mute") } == 1, "\(planned)")
            #expect(planned.count { $0.contains("casino/refuse") } == 1, "\(planned)")
        }
    }

    /// The same where the event of the message is faster than what tells of the refusal; another text is another matter.
    @Test(arguments: [("a casino", 1), ("another casino", 2)])
    func whatWasSentBeforeItsRefusalIsToldIsPunishedOnce(_ text: String, _ mutes: Int) async throws {
        try await blocking {
            let engine = try DecisionRules.engine(Self.rules)
            let deliveries = Deliveries(engine)
            let request = Self.request("a casino")
            let decision = try #require(Self.decided(try Self.observed(request, deliveries)))
            let told = try Self.told(HookEvent.refused, decision, request, second: 4, deliveries)
            let marks = HookTrace.letThrough(marks: [Self.mark])
            let sent = try Self.sent("m4", text, second: 4, deliveries, hook: marks)
            let history = try Self.history(of: [[sent], [told], [sent, told]])
            let planned = history.effects.keys.map(\.description)
            #expect(planned.count { $0.contains("casino/mute") } == mutes, "\(planned)")
            #expect(history.decisions.contains { $0.decision?.subject.type == HookEvent.refused })
        }
    }

    // MARK: Made up

    private static func history(of batches: [[ReceivedEvent]]) throws -> MemoryDecisions {
        let history = try MemoryDecisions(judge: DecisionConvergenceTests.judge())
        for batch in batches { try history.apply(batch) }
        return history
    }

    private static func time(_ second: Int) -> Timestamp { start.after(seconds: Int64(second)) }

    private static func sent(
        _ id: String,
        _ text: String,
        second: Int,
        _ deliveries: Deliveries,
        hook: HookTrace? = nil
    ) throws -> ReceivedEvent {
        let at = time(second).rfc3339
        let field =
            switch hook {
            case .rewritten(let mark): #","backchannel_hook":"\#(mark)""#
            case .letThrough: #","before_message_send_failed":true"#
            default: ""
            }
        let body = """
            {"type":"message.new","created_at":"\(at)","cid":"\(cid)","message":{"id":"\(id)","cid":"\(cid)","type":"regular",\
            "text":"\(text)","user":{"id":"u1"},"created_at":"\(at)","updated_at":"\(at)"\(field)},"user":{"id":"u1"}}
            """
        return try deliveries.received(Array(body.utf8), at: start, hook: hook)
    }

    private static func rewritten(
        _ id: String,
        _ text: String,
        second: Int,
        _ deliveries: Deliveries
    ) throws -> (told: ReceivedEvent, sent: ReceivedEvent) {
        let request = request(text)
        let decision = try #require(decided(try observed(request, deliveries)))
        let told = try told(HookEvent.rewritten, decision, request, second: second, deliveries)
        return (told, try sent(id, "call •••", second: second, deliveries, hook: .rewritten(mark: mark)))
    }

    private static func request(_ text: String) -> [UInt8] {
        let message = #"{"id":"","text":"\#(text)","type":"regular"}"#
        let channel = #"{"cid":"\#(cid)","id":"lobby","type":"messaging"}"#
        return Array(#"{"message":\#(message),"user":{"id":"u1"},"channel":\#(channel)}"#.utf8)
    }

    private static func observed(_ request: [UInt8], _ deliveries: Deliveries) throws -> Observation {
        let (event, value) = try StreamProvider().hook(
            request,
            as: RuleEvent.messageNew,
            id: EventID(bytes: SHA256.digest(request)),
            receivedAt: time(4),
            parser: JSONParser()
        )
        return try #require(deliveries.examiner.observe(event, value))
    }

    /// As a node decides that has heard of nothing else.
    private static func decided(_ observation: Observation) -> Decision? {
        observation.decide { if case .rate = $0 { .value(.number(1)) } else { .missing } }
    }

    private static func told(
        _ type: EventType,
        _ decision: Decision,
        _ request: [UInt8],
        second: Int,
        _ deliveries: Deliveries
    ) throws -> ReceivedEvent {
        let record = DecisionRecord(decision, as: type, mark: mark, at: time(second))
        let fields: KeyValuePairs = [HookEvent.decisionField: record.base64]
        let body = try #require(HookEvent.body(type, of: request, at: time(second), fields))
        let id = EventID(bytes: SHA256.digest(body))
        let decided = try #require(DecisionRecord(base64: record.base64, of: id))
        return try deliveries.received(body, at: time(second), hook: .decided(decided))
    }
}
