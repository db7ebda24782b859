import Crypto
import MongoDB

/// An entry in its place in the chain.
struct AuditLink: Sendable, Equatable {
    /// 1 for the first.
    let sequence: Int64
    private(set) var entry: SealedEntry
    /// The hash of the entry before; of the first, zeros.
    let previous: [UInt8]
    let hash: [UInt8]

    /// The next entry after `head`.
    init(_ entry: SealedEntry, after head: AuditHead) {
        (sequence, self.entry, previous) = (head.sequence + 1, entry, head.hash)
        hash = Self.hash(sequence, entry, previous)
    }

    /// Where the chain ends with it.
    var head: AuditHead { AuditHead(sequence: sequence, hash: hash) }

    /// The hash is that of what stands here.
    var isTrueToHash: Bool { Self.hash(sequence, entry, previous) == hash }

    /// Those of its values that are not what was committed to.
    var alteredValues: [String] { entry.values.filter { !$0.holds }.map(\.name) }

    /// Values that are no longer there.
    var erasedValues: Int { entry.values.count { $0.opening == nil } }

    mutating func erase(_ user: String) -> [String] { entry.erase(user) }

    /// SHA-256 over place, entry and the hash before.
    private static func hash(_ sequence: Int64, _ entry: SealedEntry, _ previous: [UInt8]) -> [UInt8] {
        var bytes = CanonicalBytes()
        bytes.append(Array("backchannel audit 1".utf8))
        bytes.append(sequence)
        entry.write(to: &bytes)
        bytes.append(previous)
        return SHA256.digest(bytes.bytes)
    }
}

extension AuditLink {
    var document: BSONDocument {
        var document = BSONDocument(capacity: 1_024)
        document.append("_id", sequence)
        entry.append(to: &document)
        document.append("previous", previous)
        document.append("hash", hash)
        return document
    }

    /// `nil` for a document that is not what ``document`` makes, to the byte: nothing can be added to an entry either.
    init?(_ document: BSONDocument) {
        guard case .int64(let sequence) = document["_id"], let entry = SealedEntry(document),
            let previous = document.binary("previous"), let hash = document.binary("hash")
        else { return nil }
        (self.sequence, self.entry, self.previous, self.hash) = (sequence, entry, previous, hash)
        guard self.document == document else { return nil }
    }
}
