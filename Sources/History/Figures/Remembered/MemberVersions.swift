import MongoDB

/// Numbers that change when channels get other members, part by part, and of which channels the latest changes were; see
/// ``MemberChanges``.
struct MemberVersions: Sendable {
    private struct Part {
        let number: Int64
        let latest: LatestChanges
    }

    private var parts: [String: Part] = [:]

    init() {}

    var numbers: [String: Int64] { parts.mapValues(\.number) }

    mutating func add(_ document: BSONDocument) {
        guard let id = document.string("_id") else { return }
        let field = MemberChanges.numberField
        parts[id] = Part(number: document.int64(field) ?? 0, latest: LatestChanges(document, number: field))
    }

    /// Channels whose members may be others than when the numbers were these; `nil` is any.
    func channels(since known: [String: Int64]) -> Set<String>? {
        guard known.keys.allSatisfy({ parts[$0] != nil }) else { return nil }
        var changed: Set<String> = []
        for (id, part) in parts {
            guard let latest = part.latest.since(known[id] ?? 0) else { return nil }
            changed.formUnion(latest.compactMap { $0.string(MemberChanges.channelField) })
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
        try forEach(.figureDays, filter, .only(MemberChanges.numberField, LatestChanges.field)) {
            versions.add($0)
        }
        return versions
    }
}
