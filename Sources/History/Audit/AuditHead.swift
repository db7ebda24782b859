import Crypto

/// Where the chain ends: noted elsewhere, it proves later that everything up to then is still there as it was.
package struct AuditHead: Sendable, Equatable, CustomStringConvertible {
    /// 0 before the first entry.
    package let sequence: Int64
    package let hash: [UInt8]

    init(sequence: Int64, hash: [UInt8]) { (self.sequence, self.hash) = (sequence, hash) }

    static let empty = AuditHead(sequence: 0, hash: [UInt8](repeating: 0, count: SHA256.byteCount))

    /// `17:` and 64 hexadecimal digits.
    package var description: String { "\(sequence):\(Hex.encode(hash))" }

    /// As ``description`` gave it.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = Int64(parts[0]), sequence >= 0,
            let hash = Hex.decode(String(parts[1])), hash.count == SHA256.byteCount
        else { return nil }
        self.init(sequence: sequence, hash: hash)
    }
}
