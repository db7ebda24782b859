import Chat
import Facts
import Foundation
import History
import Limits
import Rules
import TestSupport
import Testing

@testable import Decisions

/// Decisions that stand do not depend on the order in which events arrive, on repetition, or on how batches are cut;
/// made again from what was stored with them they are the same.
struct DecisionConvergenceTests {
    private static let stories = ProcessInfo.processInfo.environment["CONVERGENCE_STORIES"].flatMap { Int($0) } ?? 10
    static let start = Timestamp(milliseconds: 1_779_278_400_000)

    /// Stories after which every rule has to have fired.
    private static let storiesMost = 60

    /// 10 stories, 12 orders each, unless `CONVERGENCE_STORIES` asks for more; then more until every rule has fired: one
    /// that never does proves nothing.
    ///
    /// On a thread of its own: computing would keep other tests from the few threads of Swift's pool.
    @Test func anyOrderDecidesTheSame() async throws {
        try await blocking {
            var random = SeededRandom()
            let engine = try DecisionRules.engine(DecisionRules.windowed)
            var (idle, story) = (Set(engine.ruleSet.rules.map(\.id)), 0)
            while story < Self.stories || !idle.isEmpty && story < Self.storiesMost {
                idle.subtract(try Self.firedInAnyOrder(story, engine, &random))
                story += 1
            }
            #expect(idle == [], "TEST_SEED=\(random.seed)")
        }
    }

    /// - Returns: the rules that fire in the story.
    private static func firedInAnyOrder(
        _ number: Int,
        _ engine: RuleEngine,
        _ random: inout SeededRandom
    ) throws -> Set<String> {
        let seed = random.seed
        let story = DecisionStory(random, from: start, events: Int.random(in: 10...60, using: &random))
        random = story.random
        let expected = try history(of: story.bodies.map { [$0] }, engine)
        try checkReruns(expected, engine, "story \(number), TEST_SEED=\(seed)")
        for order in 0..<12 {
            let batches = DeliveryOrder(story.bodies, &random).batches
            let other = try history(of: batches, engine, ahead: &random)
            let comment = "story \(number), order \(order), TEST_SEED=\(seed)"
            try #require(differences(other.standing, from: expected.standing) == [], "\(comment)")
            try checkReruns(other, engine, comment)
        }
        return Set(expected.standing.values.flatMap { $0.fired.map(\.id) })
    }

    static func judge(_ now: Timestamp = start, limits: Limits.Rules? = nil) -> RuleJudge {
        var own = Limits.Rules()
        own.lateSeconds = 1_000_000_000
        return RuleJudge(
            facts: FactStore(FixedFacts.sold, at: now),
            provider: StreamProvider(),
            planner: EffectPlanner(.init(ownUserID: "backchannel", maximumAge: .seconds(900))),
            limits: limits ?? own,
            now: { now }
        )
    }

    private static func history(of batches: [[[UInt8]]], _ engine: RuleEngine) throws -> MemoryDecisions {
        let history = try MemoryDecisions(judge: judge())
        let deliveries = Deliveries(engine)
        for batch in batches { try history.apply(batch.map { try deliveries.received($0, at: start) }) }
        return history
    }

    /// Some batches are folded while the one before is not kept yet, some are folded twice; now and then everything
    /// remembered is forgotten.
    private static func history(
        of batches: [[[UInt8]]],
        _ engine: RuleEngine,
        ahead random: inout SeededRandom
    ) throws -> MemoryDecisions {
        let history = try MemoryDecisions(judge: judge())
        let deliveries = Deliveries(engine)
        var previous: MemoryDecisions.Ahead?
        for batch in batches {
            let received = try batch.map { try deliveries.received($0, at: start) }
            switch Int.random(in: 0..<6, using: &random) {
            case 0: history.epoch += 1
            case 1: _ = try history.prepare(received, after: previous)
            default: break
            }
            let isEarly = Bool.random(using: &random)
            let early = isEarly ? try history.prepare(received, after: previous) : nil
            if let previous { history.keep(previous) }
            previous = try early ?? history.prepare(received, after: nil)
        }
        if let previous { history.keep(previous) }
        return history
    }

    /// Also of decisions that something late has taken the place of.
    private static func checkReruns(_ history: MemoryDecisions, _ engine: RuleEngine, _ comment: String) throws {
        let deliveries = Deliveries(engine)
        for record in history.decisions {
            for decision in [record.decision].compactMap(\.self) + record.superseded {
                let body = try #require(history.event(decision.subject.event)).body
                let observation = try #require(try deliveries.received(body, at: start).observation)
                try #require(observation.decide { decision.answer(to: $0) } == decision, "\(comment)")
            }
        }
    }
}
