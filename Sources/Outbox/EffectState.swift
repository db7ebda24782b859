/// How far an effect has come.
package enum EffectState: String, Sendable, CaseIterable {
    /// Its time has not come.
    case scheduled
    /// To be performed, for the first time or again.
    case waiting
    /// A node is performing it, or died while it did.
    case running
    case done
    /// Written down only, since ``EffectMode/record`` was on.
    case recorded
    /// Too old to be performed when its turn came.
    case stale
    /// Given up: keeps its payload, the last answer and every attempt.
    case dead
    case cancelled

    /// Whether it is, or will be, the dispatcher's.
    package var isOpen: Bool { self == .waiting || self == .running }
    /// Whether an operator may still stop it.
    package var isCancellable: Bool { self == .scheduled || self == .waiting }
    /// Whether an operator may have it performed (again).
    package var isRetriable: Bool { self == .dead || self == .stale || self == .recorded || self == .cancelled }
}
