import Crypto

/// What stands for a user after an erasure: figures can still tell people apart, not who they were.
package enum Pseudonym {
    package static let prefix = "erased:"

    /// The same for the same user in one database; not computable without the database's salt.
    package static func of(_ userID: String, salt: [UInt8]) -> String {
        let code = HMACSHA256(key: salt).sign(Array(userID.utf8))
        return prefix + Hex.encode(Array(code.prefix(8)))
    }

    package static func isPseudonym(_ id: String) -> Bool { id.hasPrefix(prefix) }

    /// A pseudonym wins over an id for ever; between two ids the smaller, so that the choice needs no order.
    static func preferred(_ left: String?, _ right: String?) -> String? {
        guard let left, let right else { return left ?? right }
        let (leftErased, rightErased) = (isPseudonym(left), isPseudonym(right))
        guard leftErased == rightErased else { return leftErased ? left : right }
        return min(left, right)
    }
}
