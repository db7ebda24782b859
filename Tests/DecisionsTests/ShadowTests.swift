import Chat
import Facts
import History
import Limits
import Rules
import TestSupport
import Testing

@testable import Decisions

/// A rule in shadow mode decides and records, and that is all.
struct ShadowTests {
    /// 60 rule sets of random modes, one story each.
    @Test func shadowNeverActs() async throws {
        try await blocking {
            var random = SeededRandom()
            var shadowed = 0
            for number in 0..<60 { shadowed += try Self.compare(number, &random) }
            #expect(shadowed > 0, "TEST_SEED=\(random.seed)")
        }
    }

    /// - Returns: how often a rule in shadow mode fired.
    private static func compare(_ number: Int, _ random: inout SeededRandom) throws -> Int {
        let comment = "set \(number), TEST_SEED=\(random.seed)"
        let rules = RandomRules(&random)
        let story = DecisionStory(random, from: DecisionConvergenceTests.start, events: 25)
        random = story.random
        let all = try history(of: story, rules.yaml(with: { _ in true }))
        let enforced = try history(of: story, rules.yaml(with: { !rules.isShadow($0) }))
        let stood = enforced.standing
        for (id, decision) in all.standing {
            let other = stood[id]
            let fired = decision.fired.filter { !$0.isShadow }
            try #require(fired == other?.fired ?? [], "\(comment), \(id)")
            try #require(decision.actions == other?.actions ?? [], "\(comment), \(id)")
            try #require(decision.enforced == other?.enforced ?? Decision.Outcome(), "\(comment), \(id)")
        }
        try #require(Set(stood.keys).subtracting(all.standing.keys) == [], "\(comment)")
        try #require(all.effects.keys.sorted == enforced.effects.keys.sorted, "\(comment)")
        try #require(all.flagged == enforced.flagged, "\(comment)")
        for effect in all.effects.values { try #require(!rules.isShadow(effect.cause.id), "\(comment)") }
        return all.standing.values.reduce(0) { $0 + $1.fired.count(where: \.isShadow) }
    }

    private static func history(of story: DecisionStory, _ yaml: String) throws -> MemoryDecisions {
        let deliveries = Deliveries(try DecisionRules.engine(yaml))
        let history = try MemoryDecisions(judge: DecisionConvergenceTests.judge())
        for body in story.bodies { try history.apply([deliveries.received(body, at: DecisionConvergenceTests.start)]) }
        return history
    }
}

/// Some rules with conditions, actions and modes that chance has chosen; labels and scores hand on from one to the next.
private struct RandomRules {
    private var rules: [(id: String, yaml: String, isShadow: Bool)] = []

    private static let conditions = [
        "{ text: { contains: available } }", "{ text: { links: true } }", "{ first_message: user }", "{ label: a }",
        "{ label: [b, c] }", "{ score: { at_least: 2 } }", "{ rate: { of: messages, more_than: 2, within: 20s } }",
        "{ none: [{ label: a }] }", "{ listing.status: sold }", "{ silence: { longer_than: 1m, per: user } }",
    ]
    private static let actions = [
        "{ score: 1 }", "{ score: 3 }", "{ score: -2 }", "{ label: a }", "{ label: b }", "{ label: c }", "flag", "hold",
        "delete", "{ delete: hard }", "shadow", "{ mask: links }", "sanitise", "{ rewrite: sold }", "ban",
        "{ ban: { for: 1h, of: channel } }", "{ mute: 5m }", "freeze", "{ restrict: [sender] }", "{ count: seen }",
        "{ set: { fact: listing.asked, to: true } }",
    ]

    init(_ random: inout SeededRandom) {
        for index in 0..<Int.random(in: 3...10, using: &random) {
            let id = "r\(index)"
            let isShadow = Bool.random(using: &random)
            let phase = ["gate", "detect", "detect", "respond"].randomElement(using: &random) ?? "detect"
            var actions = (0..<Int.random(in: 1...3, using: &random)).compactMap { _ in
                Self.actions.randomElement(using: &random)
            }
            // What is scored and done to the message comes before the verdict; what is answered comes after.
            if phase == "respond" { actions = ["{ reply: sold }", "{ count: asked }"] }
            let stop = Int.random(in: 0..<6, using: &random) == 0
            let condition = Self.conditions.randomElement(using: &random) ?? "{ first_message: user }"
            let yaml = """
                  - id: \(id)
                    phase: \(phase)
                    mode: \(isShadow ? "shadow" : "enforce")
                    priority: \(Int.random(in: 0...2, using: &random))
                    stop: \(stop)
                    when: \(condition)
                    then: [\(actions.joined(separator: ", "))]
                """
            rules.append((id, yaml, isShadow))
        }
        // Somebody has to set what others ask for.
        rules.append(
            (
                "labels",
                "  - { id: labels, when: { first_message: channel }, then: [{ label: a }, { label: b }, { label: c }] }",
                false
            )
        )
    }

    func isShadow(_ id: String) -> Bool { rules.contains { $0.id == id && $0.isShadow } }

    func yaml(with isWanted: (String) -> Bool) -> String {
        "thresholds: { mask: 2, hold: 4, block: 6 }\nrules:\n"
            + rules.filter { isWanted($0.id) }.map(\.yaml).joined(separator: "\n")
    }
}

extension Sequence where Element == Effect.EffectKey {
    fileprivate var sorted: [String] { map(\.description).sorted() }
}
