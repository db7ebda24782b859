/// Whoever finds out what leaves come to.
///
/// A protocol, because what a closure holds is counted at every step.
protocol LeafSource {
    func truth(ofLeaf leaf: Int) -> Truth
}

/// The conditions of all rules one after the other: asked a thousand times for every message, so that nothing of them is
/// copied or counted on the way.
struct ConditionProgram: Sendable {
    private enum Kind: UInt8 { case leaf, all, any, none }

    private struct Step {
        let kind: Kind
        /// The leaf; of a group the place after its last part.
        var value: Int32
    }

    private var steps: [Step] = []
    /// By rule.
    private var starts: [Int] = []

    /// Adds the condition of the next rule.
    mutating func append(_ node: ConditionNode) {
        starts.append(steps.count)
        add(node)
    }

    private mutating func add(_ node: ConditionNode) {
        switch node {
        case .leaf(let leaf): steps.append(Step(kind: .leaf, value: Int32(leaf)))
        case .all(let nodes): add(nodes, as: .all)
        case .any(let nodes): add(nodes, as: .any)
        case .none(let nodes): add(nodes, as: .none)
        }
    }

    private mutating func add(_ nodes: [ConditionNode], as kind: Kind) {
        let place = steps.count
        steps.append(Step(kind: kind, value: 0))
        for node in nodes { add(node) }
        steps[place].value = Int32(steps.count)
    }

    /// Every leaf of a rule's condition, one that stands there twice twice.
    func forEachLeaf(ofRule rule: Int, _ body: (Int) -> Void) {
        steps.withUnsafeBufferPointer { steps in
            let end = rule + 1 < starts.count ? starts[rule + 1] : steps.count
            for place in starts[rule]..<end where steps[place].kind == .leaf { body(Int(steps[place].value)) }
        }
    }

    /// What a rule's condition comes to; while that is open, with the first leaf that has to be found out.
    struct Answer {
        var truth: Truth
        var open: Int?
    }

    /// What is known of each leaf; others are asked.
    typealias Truths = UnsafeMutableBufferPointer<Truth>

    /// - Parameters:
    ///   - truths: by leaf; what is unasked is asked of `source`, which keeps there what stays so.
    func answer(ofRule rule: Int, _ truths: Truths, asking source: some LeafSource) -> Answer {
        steps.withUnsafeBufferPointer { steps in
            var (place, open) = (starts[rule], Self.nothing)
            let truth = Self.truth(steps, &place, &open, truths, source)
            return Answer(truth: truth, open: open == Self.nothing ? nil : open)
        }
    }

    private static let nothing = -1

    private static func truth(
        _ steps: UnsafeBufferPointer<Step>,
        _ place: inout Int,
        _ open: inout Int,
        _ truths: Truths,
        _ source: some LeafSource
    ) -> Truth {
        let step = steps[place]
        place += 1
        guard step.kind != .leaf else { return truth(Int(step.value), &open, truths, source) }
        let (end, openBefore) = (Int(step.value), open)
        let isAll = step.kind == .all
        var result = isAll ? Truth.yes : Truth.no
        while place < end {
            let part: Truth
            if steps[place].kind == .leaf {
                part = truth(Int(steps[place].value), &open, truths, source)
                place += 1
            } else {
                part = truth(steps, &place, &open, truths, source)
            }
            result = isAll ? result.and(part) : result.or(part)
            if result == (isAll ? .no : .yes) { place = end }
        }
        // What is open in it no longer matters.
        if result.isSettled { open = openBefore }
        return step.kind == .none ? result.negated : result
    }

    @inline(__always)
    private static func truth(_ leaf: Int, _ open: inout Int, _ truths: Truths, _ source: some LeafSource) -> Truth {
        let truth = truths[leaf] == .unasked ? source.truth(ofLeaf: leaf) : truths[leaf]
        if open == nothing, !truth.isSettled { open = leaf }
        return truth
    }
}
