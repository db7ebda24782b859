import MongoDB

/// Numbers that change when channels get other members, part by part, and of which channels the latest changes were; see
/// ``MemberChanges``.
struct MemberVersions: Sendable {
    private struct Part {
        let number: Int64
        /// In the order of time; where a transaction begins, by how much it raised the number.
        let latest: [(cid: String, step: Int64)]
    }

    private var parts: [String: Part] = [:]

    init() {}

    var numbers: [String: Int64] { parts.mapValues(\.number) }

    mutating func add(_ document: BSONDocument) {
        guard let id = document.string("_id") else { return }
        let latest = (document.array(MemberChanges.latestField) ?? []).compactMap { value -> (String, Int64)? in
            guard case .document(let change) = value, let cid = change.string(MemberChanges.channelField) else {
                return nil
            }
            return (cid, change.int64(MemberChanges.stepField) ?? 0)
        }
        parts[id] = Part(number: document.int64(MemberChanges.numberField) ?? 0, latest: latest)
    }

    /// Channels whose members may be others than when the numbers were these; `nil` is any.
    func channels(since known: [String: Int64]) -> Set<String>? {
        guard known.keys.allSatisfy({ parts[$0] != nil }) else { return nil }
        var changed: Set<String> = []
        for (id, part) in parts {
            var number = part.number
            for (cid, step) in part.latest.reversed() where number != known[id] ?? 0 {
                changed.insert(cid)
                number -= step
            }
            guard number == known[id] ?? 0 else { return nil }
        }
        return changed
    }
}

extension HistoryQueries {
    /// To be asked before members themselves, as ``versions(of:)``.
    func memberVersions() throws(MongoError) -> MemberVersions {
        var (filter, versions) = (BSONDocument(), MemberVersions())
        filter.append("_id") {
            $0.append("$gte", MemberChanges.idPrefix)
            // Zero comes after a slash.
            $0.append("$lt", String(MemberChanges.idPrefix.dropLast()) + "0")
        }
        try forEach(.figureDays, filter, .only(MemberChanges.numberField, MemberChanges.latestField)) {
            versions.add($0)
        }
        return versions
    }
}
