import Crypto
import Gzip
import Randomness
import Testing

@testable import WebhookIngest

struct SignatureDoctorTests {
    struct Case: CustomTestStringConvertible {
        let testDescription: String
        var signature: String?
        var apiKey: String? = "key"
        var sent: [UInt8] = SignatureDoctorTests.body
        var inflated: [UInt8]?
        let cause: RejectionCause

        init(
            _ name: String,
            signature: String?,
            apiKey: String? = "key",
            sent: [UInt8] = SignatureDoctorTests.body,
            inflated: [UInt8]?? = .none,
            _ cause: RejectionCause
        ) {
            testDescription = name
            self.signature = signature
            self.apiKey = apiKey
            self.sent = sent
            self.inflated = inflated ?? sent
            self.cause = cause
        }
    }

    static let text = #"{"type":"message.new","message":{"text":"a <b> & \"c/d\" \\u003c é"},"cid":"messaging:1"}"#
    static let body = Array(text.utf8)
    static let secrets = [
        SigningSecret(apiKey: "key", secret: "secret"), SigningSecret(apiKey: "old-key", secret: "old-secret"),
        SigningSecret(apiKey: nil, secret: "webhook-secret"),
    ]

    static func signed(_ bytes: [UInt8], _ secret: String = "secret") -> String {
        Hex.encode(HMACSHA256(key: secret).sign(bytes))
    }

    static func signed(_ text: String) -> String { signed(Array(text.utf8)) }

    static func cases() throws -> [Case] {
        let zipped = try Gzip.deflate(body)
        let cut = Array(zipped.dropLast(10))
        let bent = zipped.dropLast(8) + zipped.suffix(8).map { ~$0 }
        let spaced = "{ \"type\": \"message.new\",\n  \"list\": [1, \"two  words\"] }"
        let compact = #"{"type":"message.new","list":[1,"two  words"]}"#
        return [
            Case("no header", signature: nil, .missingSignature),
            Case("an empty header", signature: " ", .missingSignature),
            Case("a prefix", signature: "sha256=" + signed(body), .notHex),
            Case("too short", signature: String(signed(body).dropLast(2)), .notHex),
            Case("not digits", signature: String(repeating: "g", count: 64), .notHex),
            Case("not ASCII", signature: String(repeating: "é", count: 32), .notHex),
            Case("the compressed bytes", signature: signed(zipped), sent: zipped, inflated: body, .compressedBytes),
            Case(
                "the compressed bytes, of another key",
                signature: signed(zipped, "old-secret"),
                sent: zipped,
                inflated: body,
                .compressedBytes
            ),
            Case("broken gzip", signature: signed(body), sent: Array(bent), inflated: .some(nil), .malformedGzip),
            Case("gzip cut off", signature: signed(body), sent: cut, inflated: .some(nil), .truncated),
            Case("the key for a secret", signature: signed(body, "old-key"), .otherKey),
            Case("a newline trimmed", signature: signed(text + "\n"), .reserialised),
            Case("a newline added", signature: signed(text), sent: body + [0x0a], .reserialised),
            Case("spaces added", signature: signed(compact), sent: Array(spaced.utf8), .reserialised),
            Case(
                "characters escaped",
                signature: signed(body),
                sent: Array(
                    text.replacing("<", with: #"\u003c"#).replacing(">", with: #"\u003e"#)
                        .replacing("&", with: #"\u0026"#).utf8
                ),
                .reserialised
            ),
            Case(
                "escapes undone",
                signature: signed(#"{"text":"\u003cp\u003e \u0026"}"#),
                sent: Array(#"{"text":"<p> &"}"#.utf8),
                .reserialised
            ),
            Case(
                "slashes escaped",
                signature: signed(#"{"url":"https://a/b"}"#),
                sent: Array(#"{"url":"https:\/\/a\/b"}"#.utf8),
                .reserialised
            ),
            Case("another app's key", signature: signed(body, "theirs"), apiKey: "theirs", .unknownKey),
            Case("cut off", signature: signed(body), sent: Array(body.dropLast(9)), .truncated),
            Case("another secret", signature: signed(body, "wrong"), .mismatch),
            Case("another secret, no key", signature: signed(body, "wrong"), apiKey: nil, .mismatch),
            Case("another body", signature: signed("{}"), .mismatch),
            Case("nothing", signature: signed("{}"), sent: [], .mismatch),
        ]
    }

    @Test(arguments: try cases())
    func names(_ example: Case) {
        let cause = SignatureDoctor.diagnose(
            signatureHeader: example.signature,
            apiKeyHeader: example.apiKey,
            rawBytes: example.sent,
            inflatedBytes: example.inflated,
            secrets: Self.secrets
        )
        #expect(cause == example.cause)
    }

    @Test func largeBodiesAreNotExamined() {
        let cause = SignatureDoctor.diagnose(
            signatureHeader: Self.signed(Self.text + "\n"),
            apiKeyHeader: "key",
            rawBytes: Self.body,
            inflatedBytes: Self.body,
            secrets: Self.secrets,
            bytesMost: Self.body.count - 1
        )
        #expect(cause == .mismatch)
    }

    @Test func anythingAtAllHasACause() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        for _ in 0..<2_000 {
            let count = Int.random(in: 0..<60, using: &random)
            let bytes = (0..<count).map { _ in Self.body[Int.random(in: 0..<Self.body.count, using: &random)] }
            let cause = SignatureDoctor.diagnose(
                signatureHeader: Self.signed("none of them"),
                apiKeyHeader: nil,
                rawBytes: bytes,
                inflatedBytes: bytes,
                secrets: Self.secrets
            )
            #expect(cause == .mismatch || cause == .truncated, "seed \(seed)")
        }
    }

    @Test(arguments: RejectionCause.allCases)
    func sentencesSayWhatToDo(_ cause: RejectionCause) {
        #expect(cause.sentence.hasSuffix("."))
        #expect(cause.sentence.count > 60)
    }

    @Test func secretsAreNotPrinted() {
        var dumped = ""
        dump(Self.secrets, to: &dumped)
        for text in ["\(Self.secrets)", String(reflecting: Self.secrets), dumped] {
            #expect(!text.contains("secret\"") && !text.contains("webhook-secret"), "\(text)")
        }
    }
}
