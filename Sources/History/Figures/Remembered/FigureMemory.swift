import Analytics
import Blocking
import Limits

/// Figures of pieces of time as they were last counted, each with the number that its days had then (``FigureVersions``).
///
/// In bounded memory: when it is full all of it is forgotten, and what is asked for again comes back.
final class FigureMemory: Sendable {
    struct AnswersKey: Hashable, Sendable {
        /// Only the first answer in a channel.
        let first: Bool
        let target: Int64
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
        var answers: [AnswersKey: Versioned<AnswerTimes>] = [:]
        var answerRows: [Range<Quarter>: Versioned<AnswerRows>] = [:]
        /// What all of them take.
        var answerRowsKept = 0
        var answerNames = MemberNames()
        var counts: [CountsKey: Versioned<MemberCounts>] = [:]
        /// What all of them take.
        var countsKept = 0
        var names: [RollupScope: MemberNames] = [:]

        mutating func forgetAnswerRows() { (answerRows, answerRowsKept) = ([:], 0) }

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

    // MARK: Answers

    func answers(_ key: AnswersKey, version: Int64) -> AnswerTimes? {
        state.withLock { state in
            guard let known = state.answers[key], known.version == version else { return nil }
            return known.value
        }
    }

    func keep(_ answers: AnswerTimes, _ key: AnswersKey, version: Int64) {
        state.withLock { state in
            if state.answers.count >= limits.answerDaysKept, state.answers[key] == nil { state.answers = [:] }
            state.answers[key] = Versioned(version: version, value: answers)
        }
    }

    /// What numbers stand for in rows of answers that are kept from now on.
    func answerNames() -> MemberNames {
        state.withLock { state in
            if state.answerNames.count >= limits.answerNamesKept {
                state.answerNames = MemberNames()
                state.forgetAnswerRows()
            }
            return state.answerNames
        }
    }

    /// - Parameter names: as they were asked for before; rows that rest on others are not known.
    func answerRows(_ quarters: Range<Quarter>, version: Int64, _ names: MemberNames) -> AnswerRows? {
        state.withLock { state in
            guard state.answerNames === names, let known = state.answerRows[quarters], known.version == version else {
                return nil
            }
            return known.value
        }
    }

    func keep(_ rows: AnswerRows, _ quarters: Range<Quarter>, version: Int64, _ names: MemberNames) {
        state.withLock { state in
            guard state.answerNames === names, rows.room <= limits.answerRowsKept else { return }
            if let known = state.answerRows.removeValue(forKey: quarters) { state.answerRowsKept -= known.value.room }
            if state.answerRowsKept + rows.room > limits.answerRowsKept { state.forgetAnswerRows() }
            state.answerRows[quarters] = Versioned(version: version, value: rows)
            state.answerRowsKept += rows.room
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
