import Crypto
import JSON

/// Knows the app's key and secret, and tells a server's call from a user's.
///
/// Source: contract, "Base, auth, tokens"; RFC 7515, RFC 7519.
struct Authenticator: Sendable {
    let apiKey: String
    private let secret: HMACSHA256

    init(apiKey: String, secret: String) {
        self.apiKey = apiKey
        self.secret = HMACSHA256(key: secret)
    }

    /// What a request says of its sender.
    struct Credentials: Sendable {
        var apiKey: String?
        var authType: String?
        var token: String?
    }

    /// - Parameter now: in seconds since 1970.
    /// - Throws: ``Refusal`` with code 2, 5, 40, 41, 42 or 43, all of status 401.
    func actor(for credentials: Credentials, at now: Int64) throws(Refusal) -> APICall.Actor {
        guard let key = credentials.apiKey, !key.isEmpty else { throw Self.refusal(2, "api_key not provided") }
        guard key == apiKey else { throw Self.refusal(2, "api_key is not known") }
        guard credentials.authType == "jwt" else { throw Self.refusal(5, "the header stream-auth-type must be jwt") }
        guard let token = credentials.token, !token.isEmpty else {
            throw Self.refusal(5, "the header Authorization is missing")
        }
        return try actor(of: token, at: now)
    }

    private func actor(of token: String, at now: Int64) throws(Refusal) -> APICall.Actor {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let signature = Base64URL.decode(parts[2])
        else {
            throw Self.refusal(5, "the header Authorization holds no JWT; it takes the token alone, without Bearer")
        }
        guard header["alg"]?.string == "HS256" else { throw Self.refusal(5, "the JWT is not signed with HS256") }
        guard constantTimeEquals(signature, secret.sign(Array("\(parts[0]).\(parts[1])".utf8))) else {
            throw Self.refusal(43, "the JWT's signature is not valid; check the API secret")
        }
        if let end = claims["exp"]?.int, end <= now { throw Self.refusal(40, "the JWT has expired") }
        if let start = claims["nbf"]?.int, start > now { throw Self.refusal(41, "the JWT is not valid yet") }
        if let issued = claims["iat"]?.int, issued > now { throw Self.refusal(42, "the JWT is issued in the future") }
        if claims["server"]?.bool == true { return .server }
        guard let user = claims["user_id"]?.string, !user.isEmpty else {
            throw Self.refusal(5, "the JWT names neither a server nor a user")
        }
        return .user(user)
    }

    private static func object(_ part: Substring) -> Fields? {
        Base64URL.decode(part).flatMap { try? Value(parsing: String(decoding: $0, as: UTF8.self)).object }
    }

    private static func refusal(_ code: Int, _ message: String) -> Refusal { Refusal(code: code, status: 401, message) }
}

/// Source: RFC 4648, section 5, without padding as RFC 7515 wants it.
enum Base64URL {
    static func decode(_ text: Substring) -> [UInt8]? {
        var (bytes, bits, count): ([UInt8], UInt32, Int) = ([], 0, 0)
        for character in text.utf8 {
            guard let value = value(of: character) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        return bytes
    }

    private static func value(of digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
