import TestSupport

/// Bodies of the fixtures, damaged: most are no JSON any more, many are and say something odd.
struct BodyMutation {
    private static let hugeNumbers = [
        "1e999", "-1e308", "18446744073709551615", "9223372036854775808", "-9223372036854775809", "1e-400",
        String(repeating: "9", count: 400),
    ]
    private static let oddValues = [
        "null", "true", "0", "-1", "0.5", "[]", "{}", #""""#, #""\u0000""#, #""\ud800""#, #""$set""#, #""a.b""#,
        #"{"$set":{"_id":1}}"#, #"{"a.b":"c"}"#, #"{"":1}"#, #"{"\u0000":1}"#, #"[null,[],{}]"#,
        #""0001-01-01T00:00:00Z""#, #""9999-12-31T23:59:60Z""#, #""2026-02-30T25:61:61+99:99""#,
    ]
    private static let badUTF8: [[UInt8]] = [
        [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80], [0x00],
    ]

    let bodies: [[UInt8]]

    func body(_ random: inout SeededRandom) -> [UInt8] {
        var body = bodies.randomElement(using: &random) ?? []
        // Now and then over the limits.
        if Int.random(in: 0..<50, using: &random) == 0 { repeatSlice(&body, times: 100, &random) }
        for _ in 0..<Int.random(in: 1...3, using: &random) { damage(&body, &random) }
        return body
    }

    private func damage(_ body: inout [UInt8], _ random: inout SeededRandom) {
        guard !body.isEmpty else { return body.append(UInt8.random(in: 0...255, using: &random)) }
        let index = Int.random(in: 0..<body.count, using: &random)
        switch Int.random(in: 0..<24, using: &random) {
        case 0: body[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: body.removeSubrange(index..<min(body.count, index + Int.random(in: 1...40, using: &random)))
        case 2: body.insert(UInt8.random(in: 0...255, using: &random), at: index)
        case 3: repeatSlice(&body, times: 2, &random)
        case 4: body.removeSubrange(index...)
        case 5: body.insert(contentsOf: Self.badUTF8.randomElement(using: &random) ?? [], at: index)
        case 6: nest(&body, at: index, &random)
        case 7, 8: replaceValue(&body, after: index, by: Self.hugeNumbers.randomElement(using: &random) ?? "")
        default: replaceValue(&body, after: index, by: Self.oddValues.randomElement(using: &random) ?? "")
        }
    }

    private func repeatSlice(_ body: inout [UInt8], times: Int, _ random: inout SeededRandom) {
        let start = Int.random(in: 0..<max(1, body.count), using: &random)
        let slice = Array(body[start..<min(body.count, start + Int.random(in: 1...1_000, using: &random))])
        for _ in 0..<times { body.insert(contentsOf: slice, at: start) }
    }

    /// Around JSON's limit, closed or left open.
    private func nest(_ body: inout [UInt8], at index: Int, _ random: inout SeededRandom) {
        let depth = Int.random(in: 1...3_000, using: &random)
        let isClosed = Bool.random(using: &random)
        let text = String(repeating: "[", count: depth) + (isClosed ? String(repeating: "]", count: depth) : "")
        replaceValue(&body, after: index, by: text)
    }

    /// Where a value begins; what follows it stays, so that most bodies remain JSON.
    private func replaceValue(_ body: inout [UInt8], after index: Int, by value: String) {
        guard let colon = body[index...].firstIndex(of: UInt8(ascii: ":")),
            let end = body[colon...].firstIndex(where: { [UInt8(ascii: ","), UInt8(ascii: "}")].contains($0) })
        else { return }
        body.replaceSubrange(colon + 1..<end, with: Array(value.utf8))
    }
}
