import Analytics
import Blocking
import Limits

/// Figures of pieces of time as they were last counted, each with the number that its days had then (``FigureVersions``).
///
/// In bounded memory: when it is full all of it is forgotten, and what is asked for again comes back.
final class FigureMemory: Sendable {
    struct LatenciesKey: Hashable, Sendable {
        let kind: LatencyKind
        let target: Int64
        let quarters: Range<Quarter>
    }

    struct RowsKey: Hashable, Sendable {
        let kind: LatencyKind
        let quarters: Range<Quarter>
    }

    struct CountsKey: Hashable, Sendable {
        let scope: RollupScope
        let measure: RollupMeasure
        let type: String?
        let quarters: Range<Quarter>

        init(_ selection: RollupSelection, in quarters: Range<Quarter>) {
            (scope, measure, type) = (selection.scope, selection.measure, selection.type)
            self.quarters = quarters
        }
    }

    private struct Versioned<Value: Sendable>: Sendable {
        let version: Int64
        let value: Value
    }

    private struct State {
        var latencies: [LatenciesKey: Versioned<LatencyTimes>] = [:]
        var rows: [RowsKey: Versioned<LatencyRows>] = [:]
        /// What all of them take.
        var rowsKept = 0
        var counts: [CountsKey: Versioned<MemberCounts>] = [:]
        /// What all of them take.
        var countsKept = 0
        /// In rows and counts.
        var names = NamesInUse()

        mutating func forgetRows() { (rows, rowsKept) = ([:], 0) }

        mutating func forgetCounts() { (counts, countsKept) = ([:], 0) }

        /// - Returns: whether what rests on these may be kept.
        mutating func adopt(_ names: FigureNames) -> Bool {
            guard let isNew = self.names.adopt(names) else { return false }
            if isNew {
                forgetRows()
                forgetCounts()
            }
            return true
        }

        mutating func forget(_ key: CountsKey) {
            if let known = counts.removeValue(forKey: key) { countsKept -= known.value.room }
        }
    }

    private let state = Locked(State())
    private let limits: Limits.Figures

    init(_ limits: Limits.Figures) { self.limits = limits }

    // MARK: Latencies

    func latencies(_ key: LatenciesKey, version: Int64) -> LatencyTimes? {
        state.withLock { state in
            guard let known = state.latencies[key], known.version == version else { return nil }
            return known.value
        }
    }

    func keep(_ latencies: LatencyTimes, _ key: LatenciesKey, version: Int64) {
        state.withLock { state in
            if state.latencies.count >= limits.latencyDaysKept, state.latencies[key] == nil { state.latencies = [:] }
            state.latencies[key] = Versioned(version: version, value: latencies)
        }
    }

    /// - Parameter names: what numbers stand for; rows that rest on others are not known.
    func rows(_ key: RowsKey, version: Int64, _ names: FigureNames) -> LatencyRows? {
        state.withLock { state in
            guard state.names.are(names), let known = state.rows[key], known.version == version else { return nil }
            return known.value
        }
    }

    func keep(_ rows: LatencyRows, _ key: RowsKey, version: Int64, _ names: FigureNames) {
        let kept = rows.compact
        state.withLock { state in
            guard rows.room <= limits.latencyRowsKept, state.adopt(names) else { return }
            if let known = state.rows.removeValue(forKey: key) { state.rowsKept -= known.value.room }
            if state.rowsKept + rows.room > limits.latencyRowsKept { state.forgetRows() }
            state.rows[key] = Versioned(version: version, value: kept)
            state.rowsKept += rows.room
        }
    }

    // MARK: Counts of members

    /// - Parameter names: what numbers stand for; counts that rest on others are not known.
    func counts(_ key: CountsKey, version: Int64, _ names: FigureNames) -> MemberCounts? {
        state.withLock { state in
            guard state.names.are(names), let known = state.counts[key], known.version == version else {
                return nil
            }
            return known.value
        }
    }

    func keep(_ counts: MemberCounts, _ key: CountsKey, version: Int64, _ names: FigureNames) {
        let kept = counts.compact
        state.withLock { state in
            guard counts.room <= limits.memberCountsKept, state.adopt(names) else { return }
            state.forget(key)
            if state.countsKept + counts.room > limits.memberCountsKept { state.forgetCounts() }
            state.counts[key] = Versioned(version: version, value: kept)
            state.countsKept += counts.room
        }
    }
}
