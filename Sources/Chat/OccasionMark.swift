import Crypto

/// Something that is done once for a subject within a time: who and what, by digest alone.
package struct OccasionMark: Sendable, Hashable {
    /// 32 hexadecimal digits.
    package let id: String
    /// `nil` is for ever.
    package let seconds: Int64?

    /// - Parameter what: names the occasion and its subject.
    package init(of what: String, seconds: Int64?) {
        id = Hex.encode(Array(SHA256.digest(Array(what.utf8)).prefix(16)))
        self.seconds = seconds
    }

    /// As ``id`` and ``seconds`` were stored.
    package init(stored id: String, seconds: Int64?) { (self.id, self.seconds) = (id, seconds) }
}
