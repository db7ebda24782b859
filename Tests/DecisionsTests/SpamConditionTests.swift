import Chat
import Decisions
import Foundation
import History
import Limits
import Rules
import TestSupport
import Testing

/// Conditions on spam: answered by the model in force, and as they were answered then when a decision is made again.
struct SpamConditionTests {
    private static let rules = """
        rules:
          - id: blocked
            when: [ spam: { at_least: 0.9 } ]
            then: [ { delete: soft } ]
          - id: held
            when: [ spam: { at_least: 0.2 } ]
            then: [ hold ]
        """

    /// Holds one model, or none.
    private final class Fixed: SpamSource {
        let current: SpamModelInForce?
        init(_ model: SpamModelInForce?) { current = model }
    }

    private static func model() throws -> SpamModel {
        let path = fixturesRoot.appending(path: "spam/labelled.txt")
        let texts = try LabelledFile(Array(Data(contentsOf: path))).texts
        return try SpamTraining(seed: 1).outcome(of: texts).model
    }

    private static func settings(_ model: SpamModelInForce?) throws -> RuleEngine.Settings {
        var settings = try DecisionRules.settings()
        settings.spam = Fixed(model)
        return settings
    }

    private static func body(_ id: String, _ text: String) -> String {
        """
        {"type":"message.new","created_at":"2026-05-20T11:59:01Z","cid":"messaging:c1","channel_id":"c1",\
        "channel_type":"messaging","message":{"id":"\(id)","text":"\(text)","created_at":"2026-05-20T11:59:01Z",\
        "user":{"id":"ada","role":"user"}},"user":{"id":"ada"}}
        """
    }

    private static let spam = "WINNER! Claim your FREE holiday voucher, call 09061234567 now"
    private static let foreign =
        "Herzlichen Gl\u{fc}ckwunsch! Sie haben gewonnen: \u{a3}900 prize, jetzt anrufen 09061234567, claim FREE Gutschein heute"

    private func decided(
        by model: SpamModelInForce?,
        then check: @escaping @Sendable (StoredDecisions, [String: Decision]) throws -> Void
    ) async throws {
        try await withFreshDatabase { pool, database in
            let engine = try DecisionRules.engine(Self.rules, try Self.settings(model))
            let decisions = try StoredDecisions(
                pool,
                database,
                engine,
                at: try #require(Timestamp(rfc3339: "2026-05-20T12:00:00Z"))
            )
            try decisions.commit([
                Self.body("spam", Self.spam), Self.body("ham", "Is the tent still available?"),
                Self.body("foreign", Self.foreign),
            ])
            let standing = try decisions.standing.values.map { ($0.subject.messageID ?? "", $0) }
            try check(decisions, Dictionary(uniqueKeysWithValues: standing))
        }
    }

    @Test func theModelDecidesAndIsNamed() async throws {
        let model = SpamModelInForce(try Self.model())
        try await decided(by: model) { _, decisions in
            #expect(Set(decisions.keys) == ["spam", "foreign"])
            let spam = try #require(decisions["spam"])
            #expect(spam.fired.map(\.id) == ["blocked", "held"] && spam.enforced.verdict == .block)
            #expect(spam.inputs.map(\.name) == ["spam.model", "spam"])
            #expect(spam.inputs[0].answer == .value(.text(model.version)))
            guard case .value(.number(let probability)) = spam.inputs[1].answer else {
                Issue.record("no probability")
                return
            }
            #expect(probability >= 0.9 && probability <= 1)
        }
    }

    @Test func outsideItsLanguagesItHolds() async throws {
        try await decided(by: SpamModelInForce(try Self.model())) { _, decisions in
            #expect(decisions["foreign"]?.fired.map(\.id) == ["held"])
        }
    }

    @Test func withoutAModelItIsUnknown() async throws {
        try await decided(by: nil) { _, decisions in #expect(decisions.isEmpty) }
    }

    @Test func madeAgainTheSameComesOutWhateverTheModelIsByNow() async throws {
        try await decided(by: SpamModelInForce(try Self.model())) { stored, decisions in
            let queries = HistoryQueries(stored.store, limits: Limits.Query())
            // No model at all, and one that has learned the contrary.
            for settings in [try Self.settings(nil), try Self.settings(try Self.contrary())] {
                let review = DecisionReview(queries, provider: StreamProvider(), settings: settings)
                for decision in decisions.values { #expect(try review.rerun(decision) == .same) }
            }
        }
    }

    private static func contrary() throws -> SpamModelInForce {
        let path = fixturesRoot.appending(path: "spam/labelled.txt")
        let texts = try LabelledFile(Array(Data(contentsOf: path))).texts.map {
            LabelledText($0.text, isSpam: !$0.isSpam)
        }
        return SpamModelInForce(try SpamTraining(seed: 1).outcome(of: texts).model)
    }
}
