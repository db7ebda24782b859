import Chat
import JSON
import Randomness
import Testing

struct DecodingMutationTests {
    /// Bodies of the fixtures, damaged: nothing crashes, and every body is either an event or a stated failure.
    @Test func survivesTenThousandMutations() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        let fixtures = try DecodingFixture.valid() + DecodingFixture.deadLetters()
        let parser = JSONParser()
        var (decoded, refused) = (0, 0)
        for _ in 0..<10_000 {
            let fixture = try #require(fixtures.randomElement(using: &random))
            let body = mutated(fixture.body, &random)
            let envelope = StreamProvider().envelope(of: body, parser: parser)
            do throws(DecodingFailure) {
                let event = try StreamProvider().decode(
                    body,
                    id: DecodingFixture.id,
                    receivedAt: DecodingFixture.receivedAt,
                    parser: parser
                )
                decoded += 1
                #expect(envelope.isReadable && envelope.type == event.type.rawValue, "\(fixture.name), seed \(seed)")
            } catch {
                refused += 1
                if !envelope.isReadable { #expect(envelope == .unreadable, "\(fixture.name), seed \(seed)") }
            }
        }
        #expect(decoded > 1_000 && refused > 1_000, "the mutations no longer try both ways, seed \(seed)")
    }

    private func mutated(_ body: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var body = body
        for _ in 0..<Int.random(in: 1...3, using: &random) where !body.isEmpty {
            let index = Int.random(in: 0..<body.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: body[index] = UInt8.random(in: 0...255, using: &random)
            case 1: body.remove(at: index)
            case 2: body.insert(UInt8.random(in: 32...126, using: &random), at: index)
            case 3: body.removeLast(Int.random(in: 0..<body.count, using: &random))
            default: replaceValue(in: &body, after: index, &random)
            }
        }
        return body
    }

    /// Puts another kind of value where one begins, which leaves most bodies JSON.
    private func replaceValue(in body: inout [UInt8], after index: Int, _ random: inout SplitMix) {
        let values = ["null", "7", "-1.5e300", "true", #""""#, #""text""#, "[]", "{}", #"[{"id":"x"}]"#, #"{"id":7}"#]
        guard let colon = body[index...].firstIndex(of: UInt8(ascii: ":")),
            let end = body[colon...].firstIndex(where: { [UInt8(ascii: ","), UInt8(ascii: "}")].contains($0) }),
            let value = values.randomElement(using: &random)
        else { return }
        body.replaceSubrange(colon + 1..<end, with: Array(value.utf8))
    }
}
