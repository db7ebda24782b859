import Analytics
import Blocking
import Limits

/// Counts of the members of scopes, by month and question, as they were last counted.
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

    private let state: Locked<(names: NamesInUse, counts: Remembered<Key, MemberCounts>)>

    init(_ limits: Limits.Figures) { state = Locked((NamesInUse(), Remembered(most: limits.memberCountsKept))) }

    /// - Parameter names: what numbers stand for; counts that rest on others are not known.
    func counts(_ key: Key, version: Int64, _ names: FigureNames) -> MemberCounts? {
        state.withLock { $0.names.are(names) ? $0.counts.value(key, version: version) : nil }
    }

    func keep(_ counts: MemberCounts, _ key: Key, version: Int64, _ names: FigureNames) {
        let kept = counts.compact
        state.withLock { state in
            guard let isNew = state.names.adopt(names) else { return }
            if isNew { state.counts.forgetAll() }
            state.counts.keep(kept, taking: kept.room, key, version: version)
        }
    }
}
