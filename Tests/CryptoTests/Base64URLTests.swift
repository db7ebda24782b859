import Crypto
import Testing

struct Base64URLTests {
    /// The vectors of RFC 4648, section 10, without padding, and the two characters that differ from plain base64.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"), ("~~~???", "fn5-Pz8_"),
    ])
    func encodesAsInTheRFC(_ text: String, _ encoded: String) {
        #expect(Base64URL.encode(Array(text.utf8)) == encoded)
        #expect(Base64URL.decode(encoded) == Array(text.utf8))
    }

    @Test func everyLengthGoesThereAndBack() {
        let bytes = (0...255).map { UInt8($0) }
        for count in 0...bytes.count {
            #expect(Base64URL.decode(Base64URL.encode(Array(bytes.suffix(count)))) == Array(bytes.suffix(count)))
        }
    }

    /// Padding, plain base64, white space, a left-over character, bits that no byte has.
    @Test(arguments: ["Zg==", "fn5+", "Pz8/", "Zm 9v", "Zm9v\n", "Z", "Zm9vZ", "Zh", "Zm9", "é", "Z\u{0}"])
    func refusesEverythingElse(_ text: String) { #expect(Base64URL.decode(text) == nil) }
}
