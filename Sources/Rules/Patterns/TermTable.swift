/// The automaton's states and ways, as arrays.
///
/// States are numbered level by level, and so the children of one state follow one another, and those of the next state
/// follow them: `firstChild[state]..<firstChild[state + 1]`, by ascending label. The first ``denseCount`` states have rows in
/// ``dense``. A way on is a state's place, doubled, plus 1 where a term ends in it; the place is where its row begins, and for
/// a state without a row it is counted on from the last row's end.
struct TermTable: Sendable {
    /// What ends in a state, as numbers of ``outputs``; 0 is nothing.
    struct Outputs: Sendable {
        var anywhere: UInt32 = 0
        var wholeWord: UInt32 = 0
    }

    /// Terms with the same bytes and mode.
    struct Output: Sendable {
        let byteCount: UInt32
        /// Of ``ids``.
        let ids: Range<UInt32>
        /// The next shorter term of this mode that ends where this one does; 0 is none.
        var shorter: UInt32
    }

    /// The class of each byte: 0 is all bytes that no term has.
    private(set) var classes = [UInt8](repeating: 0, count: 256)
    private(set) var classCount = 1
    /// States with a row of `classCount` ways in ``dense``.
    private(set) var denseCount = 0
    private(set) var dense: [UInt32] = []
    private(set) var outputs = [Output(byteCount: 0, ids: 0..<0, shorter: 0)]
    private(set) var ids: [UInt32] = []

    /// For each state: its first child; one more than there are states.
    private var firstChild: [UInt32] = [1]
    /// For each state: the class of the byte that leads to it.
    private var label: [UInt8] = [0]
    /// For each state: its longest proper suffix that is a state.
    private var fallback: [UInt32] = [0]
    /// For each state: its place in ``ends``; 0 is nothing.
    private var end: [UInt32] = [0]
    private var ends = [Outputs()]

    /// - Parameter terms: none of them empty.
    init(_ terms: [Term], denseBytes: Int) {
        findClasses(terms)
        buildTrie(terms)
        denseCount = min(label.count, max(1, denseBytes / (classCount * MemoryLayout<UInt32>.stride)))
        link()
    }

    var byteCount: Int {
        dense.count * 4 + outputs.count * MemoryLayout<Output>.stride + ids.count * 4 + firstChild.count * 4
            + label.count + fallback.count * 4 + end.count * 4 + ends.count * MemoryLayout<Outputs>.stride + 256
    }

    func output(at place: Int) -> Outputs { ends[Int(end[state(at: place)])] }

    /// The way on from the place of a state without a row.
    func next(afterPlace place: Int, by symbol: UInt8) -> UInt32 { next(after: state(at: place), by: symbol) }

    private func next(after start: Int, by symbol: UInt8) -> UInt32 {
        var state = start
        while state >= denseCount {
            let child = self.child(of: state, by: symbol)
            if child != 0 { return way(to: child) }
            state = Int(fallback[state])
        }
        return dense[state * classCount + Int(symbol)]
    }

    private func way(to state: Int) -> UInt32 {
        let place = state < denseCount ? state * classCount : dense.count + state - denseCount
        return UInt32(place) << 1 | (end[state] == 0 ? 0 : 1)
    }

    private func state(at place: Int) -> Int {
        place < dense.count ? place / classCount : place - dense.count + denseCount
    }

    /// 0 where there is none: the root is nobody's child.
    private func child(of state: Int, by symbol: UInt8) -> Int {
        var (low, high) = (Int(firstChild[state]), Int(firstChild[state + 1]))
        while high - low > 8 {
            let middle = (low + high) / 2
            if label[middle] <= symbol { low = middle } else { high = middle }
        }
        while low < high {
            if label[low] == symbol { return low }
            low += 1
        }
        return 0
    }
}

// MARK: - Building

extension TermTable {
    /// Ascending with the bytes, so that order by class is order by byte; 256 different bytes leave no class 0.
    private mutating func findClasses(_ terms: [Term]) {
        var isUsed = [Bool](repeating: false, count: 256)
        for term in terms { for byte in term.bytes { isUsed[Int(byte)] = true } }
        classCount = isUsed.contains(false) ? 1 : 0
        for byte in 0..<256 where isUsed[byte] {
            classes[byte] = UInt8(classCount)
            classCount += 1
        }
    }

    /// Splits the terms of a state by their next byte, one state after the other.
    private mutating func buildTrie(_ terms: [Term]) {
        var order = TermOrder(terms, classes: classes)
        // The states of the level at hand, and of the next: for each, the terms that begin with it.
        var level: [Range<Int32>] = [0..<Int32(terms.count)]
        var depth = 0
        var state = 0
        while !level.isEmpty {
            var below: [Range<Int32>] = []
            for range in level {
                let rest = order.sort(range, by: depth)
                if rest.lowerBound > range.lowerBound {
                    addEnd(of: state, order.indices[Int(range.lowerBound)..<Int(rest.lowerBound)], terms, depth)
                }
                order.forEachGroup(of: rest, by: depth) { symbol, group in
                    below.append(group)
                    label.append(symbol)
                    end.append(0)
                }
                firstChild.append(UInt32(label.count))
                state += 1
            }
            (level, depth) = (below, depth + 1)
        }
    }

    private mutating func addEnd(of state: Int, _ indices: ArraySlice<Int32>, _ terms: [Term], _ byteCount: Int) {
        end[state] = UInt32(ends.count)
        ends.append(
            Outputs(
                anywhere: addOutput(.anywhere, indices, terms, byteCount),
                wholeWord: addOutput(.wholeWord, indices, terms, byteCount)
            )
        )
    }

    private mutating func addOutput(
        _ mode: Term.Mode,
        _ indices: ArraySlice<Int32>,
        _ terms: [Term],
        _ byteCount: Int
    ) -> UInt32 {
        let first = UInt32(ids.count)
        for index in indices where terms[Int(index)].mode == mode { ids.append(terms[Int(index)].id) }
        guard ids.count > Int(first) else { return 0 }
        outputs.append(Output(byteCount: UInt32(byteCount), ids: first..<UInt32(ids.count), shorter: 0))
        return UInt32(outputs.count - 1)
    }

    /// Level by level, every state finds what its parent's shorter state leads to; shorter states are complete by then.
    private mutating func link() {
        fallback = [UInt32](repeating: 0, count: label.count)
        dense = [UInt32](repeating: 0, count: denseCount * classCount)
        for state in 0..<label.count {
            if state < denseCount { fillRow(of: state) }
            for child in Int(firstChild[state])..<Int(firstChild[state + 1]) {
                let shorter =
                    state == 0 ? 0 : self.state(at: Int(next(after: Int(fallback[state]), by: label[child]) >> 1))
                fallback[child] = UInt32(shorter)
                inheritOutputs(child, from: shorter)
                // Only now is it known whether a term ends in the child.
                if state < denseCount { dense[state * classCount + Int(label[child])] = way(to: child) }
            }
        }
    }

    private mutating func fillRow(of state: Int) {
        guard state > 0 else { return }
        let from = Int(fallback[state]) * classCount
        for symbol in 0..<classCount { dense[state * classCount + symbol] = dense[from + symbol] }
    }

    private mutating func inheritOutputs(_ state: Int, from shorter: Int) {
        guard end[shorter] != 0 else { return }
        guard end[state] != 0 else { return end[state] = end[shorter] }
        let inherited = ends[Int(end[shorter])]
        var own = ends[Int(end[state])]
        if own.anywhere == 0 {
            own.anywhere = inherited.anywhere
        } else {
            outputs[Int(own.anywhere)].shorter = inherited.anywhere
        }
        if own.wholeWord == 0 {
            own.wholeWord = inherited.wholeWord
        } else {
            outputs[Int(own.wholeWord)].shorter = inherited.wholeWord
        }
        ends[Int(end[state])] = own
    }
}
