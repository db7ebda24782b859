import Analytics
import Blocking
import Limits

/// How long answers and readings took, by day: all of a day together, and one by one.
final class LatencyMemory: Sendable {
    struct TimesKey: Hashable, Sendable {
        let kind: LatencyKind
        let target: Int64
        let quarters: Range<Quarter>
    }

    struct RowsKey: Hashable, Sendable {
        let kind: LatencyKind
        let quarters: Range<Quarter>
    }

    private struct State {
        var times: Remembered<TimesKey, LatencyTimes>
        var places = LatencyPlaces(FigureNames(generation: -1))
        var rows: Remembered<RowsKey, LatencyRows>
    }

    private let state: Locked<State>
    private let limits: Limits.Figures

    init(_ limits: Limits.Figures) {
        self.limits = limits
        state = Locked(
            State(times: Remembered(most: limits.latencyDaysKept), rows: Remembered(most: limits.latencyRowsKept))
        )
    }

    func times(_ key: TimesKey, version: Int64) -> LatencyTimes? {
        state.withLock { $0.times.value(key, version: version) }
    }

    func keep(_ times: LatencyTimes, _ key: TimesKey, version: Int64) {
        state.withLock { $0.times.keep(times, taking: 1, key, version: version) }
    }

    /// What numbers stand for in rows that are kept from now on; rows that rest on others are neither known nor kept.
    func places(_ names: FigureNames) -> LatencyPlaces {
        state.withLock { state in
            let known = state.places
            // Of a question that began before others were in use, nothing is kept.
            guard known.names.generation <= names.generation else { return LatencyPlaces(names) }
            if known.names !== names || known.count >= limits.latencyPlacesKept {
                state.places = LatencyPlaces(names)
                state.rows.forgetAll()
            }
            return state.places
        }
    }

    func rows(_ key: RowsKey, version: Int64, _ places: LatencyPlaces) -> LatencyRows? {
        state.withLock { $0.places === places ? $0.rows.value(key, version: version) : nil }
    }

    func keep(_ rows: LatencyRows, _ key: RowsKey, version: Int64, _ places: LatencyPlaces) {
        let kept = rows.compact
        state.withLock { state in
            guard state.places === places else { return }
            state.rows.keep(kept, taking: kept.room, key, version: version)
        }
    }
}
