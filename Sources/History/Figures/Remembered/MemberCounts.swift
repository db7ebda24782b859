/// Counts of a scope's members by their numbers; a member may come more than once.
struct MemberCounts: Sendable {
    private(set) var members: [Int32] = []
    private(set) var counts: [Int64] = []

    /// What they take where they are remembered, in counts: none at all takes a place, too.
    var room: Int { members.count + 8 }

    /// In no more memory than they need.
    var compact: MemberCounts {
        var compact = self
        (compact.members, compact.counts) = (members.compact, counts.compact)
        return compact
    }

    /// Those of all others.
    func without(_ some: Set<Int32>) -> MemberCounts {
        var others = MemberCounts()
        for (member, count) in zip(members, counts) where !some.contains(member) { others.add(count, of: member) }
        return others
    }

    mutating func add(_ count: Int64, of member: Int32) {
        members.append(member)
        counts.append(count)
    }
}
