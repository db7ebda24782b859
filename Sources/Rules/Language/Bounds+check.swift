import YAML

extension Bounds {
    static func exactly(_ number: Double) -> Bounds { Bounds(lowest: number, highest: number) }

    /// - Returns: `nil` once a fault was noted: nothing said, an end twice, or a range in which there is no number.
    init?(_ draft: BoundsDraft, of kind: NumberKind, at node: YAMLNode, _ reading: inout Reading) {
        self.init()
        let before = reading.faultCount
        let lows = [("at_least", draft.atLeast, true), ("more_than", draft.moreThan, false)]
        let highs = [("at_most", draft.atMost, true), ("less_than", draft.lessThan, false)]
        for (name, low, isIncluded) in lows {
            guard let low else { continue }
            if lowest != nil {
                reading.refuse(
                    low.position,
                    "\(name): at_least and more_than both say where the range begins; keep one"
                )
            }
            (lowest, isLowestIncluded) = (low.value, isIncluded)
        }
        for (name, high, isIncluded) in highs {
            guard let high else { continue }
            if highest != nil {
                reading.refuse(high.position, "\(name): at_most and less_than both say where the range ends; keep one")
            }
            (highest, isHighestIncluded) = (high.value, isIncluded)
        }
        if let between = draft.between {
            if lowest != nil || highest != nil {
                reading.refuse(
                    between.position,
                    "between: the range has other ends as well; keep between or the others"
                )
            }
            (lowest, highest) = (between.value[0], between.value[1])
            (isLowestIncluded, isHighestIncluded) = (true, true)
        }
        guard reading.faultCount == before else { return nil }
        if let problem = fault(for: kind) {
            reading.refuse(node.position, "\(reading.key): \(problem)")
            return nil
        }
        if holdsAlways(for: kind) {
            reading.warn(
                node.position,
                "\(reading.key): every number there can be is \(self); the condition is always so"
            )
        }
    }

    /// Why no number that there can be lies within.
    func fault(for kind: NumberKind) -> String? {
        var (low, high) = (lowest ?? -.infinity, highest ?? .infinity)
        if low > high || (low == high && !(isLowestIncluded && isHighestIncluded)) {
            return "no number is \(self); the condition can never be so"
        }
        if let range = kind.range {
            let isAbove = low > range.upperBound || (low == range.upperBound && !isLowestIncluded)
            let isBelow = high < range.lowerBound || (high == range.lowerBound && !isHighestIncluded)
            if isAbove || isBelow {
                let most =
                    kind.isWhole ? "0 or more" : "from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))"
                return "no number here is \(self), as it is always \(most); the condition can never be so"
            }
        }
        guard kind.isWhole, low.isFinite, high.isFinite else { return nil }
        low = isLowestIncluded ? low.rounded(.up) : low.rounded(.down) + 1
        high = isHighestIncluded ? high.rounded(.down) : high.rounded(.up) - 1
        return low > high ? "no whole number is \(self); the condition can never be so" : nil
    }

    private func holdsAlways(for kind: NumberKind) -> Bool {
        guard let range = kind.range else { return false }
        let isOpenBelow = lowest.map { $0 < range.lowerBound || ($0 == range.lowerBound && isLowestIncluded) } ?? true
        let isOpenAbove = highest.map { !kind.isWhole && $0 >= range.upperBound && isHighestIncluded } ?? true
        return isOpenBelow && isOpenAbove
    }

    private static func text(_ number: Double) -> String { Int64(exactly: number).map { "\($0)" } ?? "\(number)" }
}

extension Bounds: CustomStringConvertible {
    /// `more than 5 and less than 3`.
    package var description: String {
        if let lowest, lowest == highest, isLowestIncluded, isHighestIncluded { return Self.text(lowest) }
        let low = lowest.map { "\(isLowestIncluded ? "at least" : "more than") \(Self.text($0))" }
        let high = highest.map { "\(isHighestIncluded ? "at most" : "less than") \(Self.text($0))" }
        return [low, high].compactMap { $0 }.joined(separator: " and ")
    }
}
