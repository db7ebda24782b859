import Crypto
import Testing

struct HashTests {
    struct Vector: CustomTestStringConvertible {
        let name: String
        let key: [UInt8]
        let body: [UInt8]
        let code: String
        var testDescription: String { name }
    }

    static let vectors = [
        Vector(
            name: "the provider's Go SDK",
            key: Array("test_secret_do_not_use_in_production".utf8),
            body: Array(#"{"type":"message.new","created_at":1778198400000000000}"#.utf8),
            code: "408ab27d58b18a584d29f2801dde0d5ad20e5f5965039ac88d2ef49014a2c4a7"
        ),
        Vector(
            name: "the provider's JS SDK, text",
            key: Array("porewqKAFDSAKZssecretsercretfads".utf8),
            body: Array("text".utf8),
            code: "d0b770e93a56adc3ee9ac5734533cc0acd71eea8e5e8204a28042ca0f60de1f3"
        ),
        Vector(
            name: "the provider's JS SDK, JSON",
            key: Array("porewqKAFDSAKZssecretsercretfads".utf8),
            body: Array(#"{"a":1}"#.utf8),
            code: "e527a6ad4993a4c9a30680c8be4b3eda1c36ab104f1f7d39c744bd27016a9624"
        ),
        Vector(
            name: "RFC 4231, case 1",
            key: [UInt8](repeating: 0x0b, count: 20),
            body: Array("Hi There".utf8),
            code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        Vector(
            name: "RFC 4231, case 6: a key longer than a block",
            key: [UInt8](repeating: 0xaa, count: 131),
            body: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        Vector(
            name: "nothing, with no key",
            key: [],
            body: [],
            code: "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        ),
    ]

    @Test(arguments: vectors)
    func signsAsKnown(_ vector: Vector) {
        let code = HMACSHA256(key: vector.key)
        #expect(Hex.encode(code.sign(vector.body)) == vector.code)
        // The key's state must survive signing, and a slice must not sign what is around it.
        #expect(Hex.encode(code.sign(([1] + vector.body + [2])[1..<1 + vector.body.count])) == vector.code)
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func digestsAsInFIPS180(_ text: String, _ digest: String) {
        #expect(Hex.encode(SHA256.digest(Array(text.utf8))) == digest)
    }

    @Test func comparesWholeArrays() {
        #expect(constantTimeEquals([], []))
        #expect(constantTimeEquals([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEquals([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEquals([1, 2, 3], [1, 2]))
    }

    @Test func randomBytesDiffer() throws {
        let (one, two) = (try randomBytes(32), try randomBytes(32))
        #expect(one.count == 32)
        #expect(one != two)
        #expect(try randomBytes(0).isEmpty)
    }
}
