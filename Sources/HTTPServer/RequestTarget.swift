/// A request target taken apart (RFC 9112 §3.2, RFC 3986 §3).
struct RequestTarget: Sendable {
    let rawPath: String
    let path: String
    let query: [(name: String, value: String)]

    /// - Parameter target: origin form (`/path?query`), absolute form (`http://host/path?query`) or `*`.
    init(_ target: some Collection<UInt8>) {
        let target = Self.withoutAuthority(target[...])
        let mark = target.firstIndex(of: UInt8(ascii: "?"))
        let path = target[..<(mark ?? target.endIndex)]
        rawPath = path.isEmpty ? "/" : String(decoding: path, as: UTF8.self)
        self.path = path.contains(UInt8(ascii: "%")) ? Self.decoded(path, plusIsSpace: false) : rawPath
        query = mark.map { Self.pairs(target[target.index(after: $0)...]) } ?? []
    }

    private static func withoutAuthority<C: Collection<UInt8>>(_ target: C) -> C.SubSequence
    where C.SubSequence == C {
        guard target.first != UInt8(ascii: "/"), let colon = target.firstIndex(of: UInt8(ascii: ":")),
            target[colon...].starts(with: "://".utf8)
        else { return target }
        let authority = target[target.index(colon, offsetBy: 3)...]
        return authority[(authority.firstIndex(of: UInt8(ascii: "/")) ?? authority.endIndex)...]
    }

    private static func pairs(_ query: some Collection<UInt8>) -> [(name: String, value: String)] {
        query.split(separator: UInt8(ascii: "&")).map { pair in
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else {
                return (decoded(pair, plusIsSpace: true), "")
            }
            return (
                decoded(pair[..<equals], plusIsSpace: true),
                decoded(pair[pair.index(after: equals)...], plusIsSpace: true)
            )
        }
    }

    /// Undoes percent-encoding; what is not an escape stays, and what gives no UTF-8 stays whole.
    private static func decoded(_ encoded: some Collection<UInt8>, plusIsSpace: Bool) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count)
        var rest = encoded[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = escaped(rest) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? String(decoding: encoded, as: UTF8.self)
    }

    private static func escaped(_ digits: some Collection<UInt8>) -> UInt8? {
        guard let first = digits.first, let second = digits.dropFirst().first,
            let high = Character(UnicodeScalar(first)).hexDigitValue,
            let low = Character(UnicodeScalar(second)).hexDigitValue
        else { return nil }
        return UInt8(high << 4 | low)
    }
}
