import Analytics
import Blocking
import Limits

/// Counts of the members of scopes, by month and question, as they were last counted, each with the numbers that its days had then.
final class MemberMemory: Sendable {
    struct Key: Hashable, Sendable {
        let scope: RollupScope
        let measure: RollupMeasure
        let type: String?
        let quarters: Range<Quarter>

        init(_ selection: RollupSelection, in quarters: Range<Quarter>) {
            (scope, measure, type) = (selection.scope, selection.measure, selection.type)
            self.quarters = quarters
        }
    }

    struct Known: Sendable {
        let counts: MemberCounts
        /// See ``FigureVersions/ofMembers(_:)``.
        let numbers: [String: Int64]
    }

    private let state: Locked<(names: NamesInUse, counts: Remembered<Key, Known>)>

    init(_ limits: Limits.Figures) { state = Locked((NamesInUse(), Remembered(most: limits.memberCountsKept))) }

    /// - Parameter names: what numbers stand for; counts that rest on others are not known.
    func counts(_ key: Key, version: Int64, _ names: FigureNames) -> MemberCounts? {
        state.withLock { $0.names.are(names) ? $0.counts.value(key, version: version)?.counts : nil }
    }

    /// As they were, whatever has changed since.
    func former(_ key: Key, _ names: FigureNames) -> Known? {
        state.withLock { $0.names.are(names) ? $0.counts.former(key) : nil }
    }

    /// - Parameter numbers: of which the version is the sum.
    func keep(
        _ counts: MemberCounts,
        _ key: Key,
        version: Int64,
        numbers: [String: Int64] = [:],
        _ names: FigureNames
    ) {
        let kept = Known(counts: counts.compact, numbers: numbers)
        state.withLock { state in
            guard let isNew = state.names.adopt(names) else { return }
            if isNew { state.counts.forgetAll() }
            state.counts.keep(kept, taking: kept.counts.room + numbers.count * Self.roomOfNumber, key, version: version)
        }
    }

    /// In counts, of twelve bytes.
    private static let roomOfNumber = 5
}
