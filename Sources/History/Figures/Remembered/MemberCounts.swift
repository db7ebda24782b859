import Blocking

/// Counts of a scope's members by their numbers; a member may come more than once.
struct MemberCounts: Sendable {
    private(set) var members: [Int32] = []
    private(set) var counts: [Int64] = []

    /// What they take where they are remembered, in counts: none at all takes a place, too.
    var room: Int { members.count + 8 }

    mutating func add(_ count: Int64, of member: Int32) {
        members.append(member)
        counts.append(count)
    }
}

/// A scope's members by number: many counts of one name then hold it once.
final class MemberNames: Sendable {
    private let state = Locked((numbers: [String: Int32](), names: [String]()))

    var count: Int { state.withLock { $0.names.count } }
    /// By number.
    var all: [String] { state.withLock(\.names) }

    func known(_ name: String) -> Int32? { state.withLock { $0.numbers[name] } }

    func number(of name: String) -> Int32 {
        state.withLock { state in
            if let number = state.numbers[name] { return number }
            let number = Int32(state.names.count)
            state.numbers[name] = number
            state.names.append(name)
            return number
        }
    }
}
