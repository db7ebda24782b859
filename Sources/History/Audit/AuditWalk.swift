import MongoDB

/// Goes along the chain, entry by entry, and finds what does not fit.
///
/// Pure; holds the last entry's hash and counts.
struct AuditWalk {
    /// The last entry seen; its hash is `nil` where it cannot be told.
    private var last: (sequence: Int64, hash: [UInt8]?)
    /// Heads that the chain must go through, noted elsewhere.
    private let noted: [AuditHead]
    private(set) var entries = 0
    private(set) var erasedValues = 0

    /// - Parameters:
    ///   - start: what comes before the first entry that is looked at: ``AuditHead/empty``, or that entry's own word for it.
    init(after start: (sequence: Int64, hash: [UInt8]?), noted: [AuditHead] = []) {
        (last, self.noted) = (start, noted)
    }

    /// As far as the chain was followed; `nil` where the last entry is none.
    var head: AuditHead? { last.hash.map { AuditHead(sequence: last.sequence, hash: $0) } }

    /// Looks at the next document in the order of places.
    mutating func take(_ document: BSONDocument) -> [AuditFault] {
        entries += 1
        guard let sequence = document.int64("_id"), sequence > last.sequence else {
            return [
                AuditFault(.stray, at: last.sequence, "after it stands a document whose _id is no place in the chain")
            ]
        }
        var faults: [AuditFault] = []
        let follows = sequence == last.sequence + 1
        if !follows {
            let missing = sequence == last.sequence + 2 ? "" : " to \(sequence - 1)"
            faults.append(AuditFault(.gap, at: last.sequence + 1, "missing\(missing)"))
        }
        guard let link = AuditLink(document) else {
            faults.append(AuditFault(.altered, at: sequence, "altered: it does not have the form of an entry"))
            last = (sequence, document.binary("hash"))
            return faults
        }
        if follows, let hash = last.hash, link.previous != hash {
            faults.append(AuditFault(.brokenLink, at: sequence, "does not continue the entry before it"))
        }
        if !link.isTrueToHash { faults.append(AuditFault(.altered, at: sequence, "altered: its hash is another")) }
        for name in link.alteredValues {
            faults.append(AuditFault(.alteredValue, at: sequence, "the value \(name) is not what was entered"))
        }
        for head in noted where head.sequence == sequence && head.hash != link.hash {
            faults.append(AuditFault(.otherHistory, at: sequence, "another entry than the noted head has seen"))
        }
        erasedValues += link.erasedValues
        last = (sequence, link.hash)
        return faults
    }

    /// What is wrong with where the chain ends.
    func end() -> [AuditFault] {
        let latest = noted.max { $0.sequence < $1.sequence }
        guard let latest, latest.sequence > last.sequence else { return [] }
        let missing = latest.sequence == last.sequence + 1 ? "" : " to \(latest.sequence)"
        return [AuditFault(.missingTail, at: last.sequence + 1, "missing\(missing): a noted head has seen them")]
    }
}
