import Rules
import TestSupport
import Testing

struct SpamAuditTests {
    @Test(arguments: [0, 1, 20, 500, 1_000])
    func choosesItsShare(_ perMille: Int) {
        var random = SeededRandom()
        let audit = SpamAudit(perMille: perMille)
        let chosen = (0..<50_000).count { _ in
            audit.isAudited("message-\(UInt64.random(in: 0...UInt64.max, using: &random))")
        }
        let expected = Double(perMille) * 50
        #expect(abs(Double(chosen) - expected) <= 6 * expected.squareRoot() + 1, "seed \(random.seed)")
    }

    @Test func choosesTheSameAgain() {
        let audit = SpamAudit(perMille: 20)
        let ids = (0..<1_000).map { "m\($0)" }
        #expect(ids.filter(audit.isAudited) == ids.filter(SpamAudit(perMille: 20).isAudited))
        // Who looks at more looks at these too.
        #expect(ids.filter(audit.isAudited).allSatisfy(SpamAudit(perMille: 40).isAudited))
    }
}
