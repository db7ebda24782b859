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

/// Who is erased among the users that some records name, and what stands for each of them.
package struct Pseudonyms {
    private let salt: [UInt8]
    private let isErased: (String) -> Bool

    /// - Parameter isErased: whether this user, who is no pseudonym, is known to be erased.
    package init(salt: [UInt8], isErased: @escaping (String) -> Bool) { (self.salt, self.isErased) = (salt, isErased) }

    package func of(_ user: String) -> String { Pseudonym.of(user, salt: salt) }

    /// The user's id, or the pseudonym of one who is erased.
    package func name(_ user: String) -> String { isErased(user) ? of(user) : user }

    /// Both are one user, by id or by pseudonym.
    func areSame(_ left: String, _ right: String) -> Bool {
        if left == right { return true }
        switch (Pseudonym.isPseudonym(left), Pseudonym.isPseudonym(right)) {
        case (true, false): return left == of(right)
        case (false, true): return of(left) == right
        default: return false
        }
    }
}
