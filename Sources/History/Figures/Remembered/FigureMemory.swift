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
        var rowNames = MemberNames()
        var counts: [CountsKey: Versioned<MemberCounts>] = [:]
        /// What all of them take.
        var countsKept = 0
        var names: [RollupScope: MemberNames] = [:]

        mutating func forgetRows() { (rows, rowsKept) = ([:], 0) }

        mutating func forgetCounts(where isOver: (CountsKey) -> Bool) {
            for key in counts.keys where isOver(key) { forget(key) }
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

    /// What numbers stand for in rows that are kept from now on.
    func rowNames() -> MemberNames {
        state.withLock { state in
            if state.rowNames.count >= limits.latencyNamesKept {
                state.rowNames = MemberNames()
                state.forgetRows()
            }
            return state.rowNames
        }
    }

    /// - Parameter names: as they were asked for before; rows that rest on others are not known.
    func rows(_ key: RowsKey, version: Int64, _ names: MemberNames) -> LatencyRows? {
        state.withLock { state in
            guard state.rowNames === names, let known = state.rows[key], known.version == version else { return nil }
            return known.value
        }
    }

    func keep(_ rows: LatencyRows, _ key: RowsKey, version: Int64, _ names: MemberNames) {
        state.withLock { state in
            guard state.rowNames === names, rows.room <= limits.latencyRowsKept else { return }
            if let known = state.rows.removeValue(forKey: key) { state.rowsKept -= known.value.room }
            if state.rowsKept + rows.room > limits.latencyRowsKept { state.forgetRows() }
            state.rows[key] = Versioned(version: version, value: rows)
            state.rowsKept += rows.room
        }
    }

    // MARK: Counts of members

    /// What numbers of members stand for, in counts that are kept from now on.
    func names(of scope: RollupScope) -> MemberNames {
        state.withLock { state in
            if let names = state.names[scope], names.count < limits.memberNamesKept { return names }
            let names = MemberNames()
            state.names[scope] = names
            state.forgetCounts { $0.scope == scope }
            return names
        }
    }

    /// - Parameter names: as they were asked for before; counts that rest on others are not known.
    func counts(_ key: CountsKey, version: Int64, _ names: MemberNames) -> MemberCounts? {
        state.withLock { state in
            guard state.names[key.scope] === names, let known = state.counts[key], known.version == version else {
                return nil
            }
            return known.value
        }
    }

    func keep(_ counts: MemberCounts, _ key: CountsKey, version: Int64, _ names: MemberNames) {
        state.withLock { state in
            guard state.names[key.scope] === names, counts.room <= limits.memberCountsKept else { return }
            state.forget(key)
            if state.countsKept + counts.room > limits.memberCountsKept { state.forgetCounts { _ in true } }
            state.counts[key] = Versioned(version: version, value: counts)
            state.countsKept += counts.room
        }
    }
}
