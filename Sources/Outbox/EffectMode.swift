/// Whether effects reach the outside world (`EFFECTS`).
package enum EffectMode: String, Sendable, CaseIterable {
    /// None is written down.
    case off
    /// Each is written down as what would have been done.
    case record
    /// Each is written down and performed.
    case on
}
