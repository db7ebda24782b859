import Crypto
import Testing

struct HexTests {
    @Test func everyByteGoesThereAndBack() {
        let bytes = (0...255).map { UInt8($0) }
        let text = Hex.encode(bytes)
        #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff"))
        #expect(Hex.decode(text) == bytes)
        #expect(Hex.decodeLenient(text.uppercased()) == bytes)
    }

    @Test(arguments: ["0", "0g", "0G", "AB", " ab", "ab\n", "0x", "é", "a\u{0}", "００"])
    func strictRefuses(_ text: String) { #expect(Hex.decode(text) == nil) }

    @Test(arguments: ["aB", " ab\r\n", "\tAb "])
    func lenientTakesCaseAndSpace(_ text: String) { #expect(Hex.decodeLenient(text) == [0xab]) }

    @Test(arguments: ["0", "0g", "a b", "sha256=ab", "é", " "])
    func lenientRefuses(_ text: String) { #expect(Hex.decodeLenient(text).map { $0.isEmpty } != false) }
}
