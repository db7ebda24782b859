/// What a condition comes to; while something is still to be found out, what it may come to.
package struct Truth: Sendable, Hashable {
    /// A bit for each outcome.
    private let outcomes: UInt8

    package static let no = Truth(outcomes: 1)
    package static let yes = Truth(outcomes: 2)
    /// Something it needs is missing: it neither holds nor does not.
    package static let unknown = Truth(outcomes: 4)
    /// To be found out beyond the event.
    package static let pending = Truth(outcomes: 7)

    /// In place of one that nobody has asked for yet.
    static let unasked = Truth(outcomes: 0)

    private init(outcomes: UInt8) { self.outcomes = outcomes }

    init(_ holds: Bool) { self = holds ? .yes : .no }

    /// It may hold, whatever else is found out.
    var mayBeYes: Bool { outcomes & 2 != 0 }

    /// It is one outcome.
    var isSettled: Bool { outcomes != 0 && outcomes & (outcomes &- 1) == 0 }

    /// Itself, or unasked where it is not settled.
    var ifSettled: Truth { outcomes & (outcomes &- 1) == 0 ? self : .unasked }
}

extension Truth {
    /// Both hold: unknown where one is unknown and the other is not refuted.
    ///
    /// Source: Kleene's strong logic of three values, over all that the two may come to.
    func and(_ other: Truth) -> Truth {
        let (left, right) = (outcomes, other.outcomes)
        let unknown = Self.meet(left, right) | Self.meet(right, left)
        return Truth(outcomes: (left | right) & 1 | left & right & 2 | unknown)
    }

    /// One holds.
    func or(_ other: Truth) -> Truth { negated.and(other.negated).negated }

    /// What is unknown stays so.
    var negated: Truth { Truth(outcomes: outcomes & 4 | outcomes >> 1 & 1 | outcomes << 1 & 2) }

    /// The bit for unknown, where the one may be unknown and the other more than no.
    private static func meet(_ left: UInt8, _ right: UInt8) -> UInt8 { right & 6 != 0 ? left & 4 : 0 }
}
