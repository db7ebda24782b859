import Crypto
import Foundation
import JSON
import Limits
import TestSupport
import Testing

struct JWTTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let testDescription: String
        let token: String
        /// `secret`, `rfc7515-a1`, or a file of `Fixtures/tokens/keys`.
        let keys: [String]
        /// Seconds since 1970.
        let now: Int64
        let issuer: String?
        let audiences: Set<String>
        let requiresExpiry: Bool
        /// What a good token says.
        let claims: String?
        /// Why another is refused: ``JWTError/reason``.
        let refused: String?
    }

    private static let secret = "fixture-token-secret-of-the-app-0123456789"
    private static let rfcSecret =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
    private static let now: Int64 = 1_800_000_000

    @Test(arguments: try fixtures(Case.self, in: "tokens"))
    func verifies(_ example: Case) throws {
        let verifier = JWTVerifier(
            keys: try example.keys.map(Self.key),
            issuer: example.issuer,
            audiences: example.audiences,
            requiresExpiry: example.requiresExpiry
        )
        let outcome = Result { () throws(JWTError) in try verifier.verify(example.token, now: example.now) }
        switch outcome {
        case .success(let claims): #expect(claims == example.claims)
        case .failure(let error):
            #expect(error.reason == example.refused)
            for part in example.token.split(separator: ".") where part.count > 8 {
                #expect(!error.description.contains(part))
            }
        }
    }

    @Test func signsWhatOthersVerify() throws {
        // As PyJWT signs it.
        let token = JWT.sign(#"{"sub":"u1","iat":1800000000,"exp":1800000060}"#, secret: Self.secret)
        let recorded = try #require(
            try fixtures(Case.self, in: "tokens").first { $0.testDescription == "PyJWT, HS256" }
        )
        #expect(token == recorded.token)
        let odd = JWT.sign(#"{"exp":1800000060,"name":"Zoë \"x\""}"#, secret: Self.secret)
        #expect(try Self.verifier().verify(odd, now: Self.now) == #"{"exp":1800000060,"name":"Zoë \"x\""}"#)
    }

    @Test func keysThatMustNotBe() throws {
        let rsa = try Self.file("rs256.pem")
        #expect(throws: JWTKeyError.secretIsPEM) { try JWTKey(secret: rsa) }
        #expect(throws: JWTKeyError.emptySecret) { try JWTKey(secret: []) }
        #expect(throws: PublicKeyError.tooSmall(bits: 1_024, least: 2_048)) {
            try JWTKey(publicKeyPEM: try Self.file("small-rsa.pem"))
        }
        #expect(throws: PublicKeyError.unknownKind) { try JWTKey(publicKeyPEM: try Self.file("p384.pem")) }
        for text in ["", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"] {
            #expect(throws: PublicKeyError.unreadable) { try JWTKey(publicKeyPEM: Array(text.utf8)) }
        }
        for kind in ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
            let text = "-----BEGIN \(kind)-----\nAAAA\n-----END \(kind)-----\n"
            #expect(throws: PublicKeyError.privateKey) { try JWTKey(publicKeyPEM: Array(text.utf8)) }
        }
        #expect(throws: JWTError.algorithmNotAllowed) {
            try JWTVerifier(keys: []).verify(JWT.sign("{}", secret: Self.secret), now: Self.now)
        }
    }

    /// Whatever happens to a good token on its way, it is refused, and nothing breaks.
    @Test func tenThousandDamagedTokens() throws {
        var random = SeededRandom()
        let good = try fixtures(Case.self, in: "tokens").filter { $0.testDescription.hasPrefix("PyJWT") }
        let keys = try ["secret", "rs256.pem", "es256.pem"].map(Self.key)
        let verifier = JWTVerifier(keys: keys)
        var reasons: [String: Int] = [:]
        for _ in 0..<10_000 {
            guard let example = good.randomElement(using: &random) else { break }
            let damaged = Self.damage(example.token, &random)
            // ECDSA: of (r, s) and (r, -s) both are signatures of the same thing, and no damage finds the second.
            guard damaged != example.token else { continue }
            do throws(JWTError) {
                _ = try verifier.verify(damaged, now: Self.now)
                Issue.record("\(damaged) was taken, seed \(random.seed)")
            } catch {
                reasons[error.reason, default: 0] += 1
            }
        }
        #expect(reasons.count > 5, "seed \(random.seed): \(reasons)")
        #expect(reasons.values.reduce(0, +) > 9_000, "seed \(random.seed)")
    }

    private static func damage(_ token: String, _ random: inout SeededRandom) -> String {
        var bytes = Array(token.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<7, using: &random)
            case 1: bytes[place] = UInt8.random(in: 0x20..<0x7f, using: &random)
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(UInt8.random(in: 0...0x7f, using: &random), at: place)
            case 4: bytes.removeLast(min(bytes.count - 1, Int.random(in: 1...40, using: &random)))
            case 5: bytes.insert(UInt8(ascii: "."), at: place)
            case 6: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &random))
            default:
                let headers = [#"{"alg":"none"}"#, #"{"alg":"HS256"}"#, #"{"alg":"ES256"}"#, #"{"alg":"RS256"}"#, "{}"]
                let rest = bytes.drop { $0 != UInt8(ascii: ".") }
                bytes = Array(Base64URL.encode(Array((headers.randomElement(using: &random) ?? "").utf8)).utf8) + rest
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func verifier() throws -> JWTVerifier { JWTVerifier(keys: [try key("secret")]) }

    private static func key(_ name: String) throws -> JWTKey {
        switch name {
        case "secret": try JWTKey(secret: Array(secret.utf8))
        case "rfc7515-a1": try JWTKey(secret: try #require(Base64URL.decode(rfcSecret)))
        default: try JWTKey(publicKeyPEM: try file(name))
        }
    }

    private static func file(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: fixturesRoot.appending(path: "tokens/keys/\(name)")))
    }
}
