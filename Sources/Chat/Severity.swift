/// How grave something is that moderators are to look at.
package enum Severity: String, Sendable, CaseIterable, Comparable {
    case low, medium, high, critical

    /// From 0.
    package var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    /// So many steps graver, at most critical.
    package func raised(by steps: Int) -> Severity {
        Self.allCases[min(rank + steps, Self.allCases.count - 1)]
    }

    /// The provider's number, of 100.
    package init(percent: Int64) {
        self =
            switch percent {
            case ..<40: .low
            case ..<70: .medium
            case ..<90: .high
            default: .critical
            }
    }
}
