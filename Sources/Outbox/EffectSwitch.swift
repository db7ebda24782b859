import Blocking

/// The master switch: what `EFFECTS` says, else what connecting has set, else ``EffectMode/record``.
package final class EffectSwitch: Sendable {
    private let configured: EffectMode?
    private let stored = Locked<EffectMode?>(nil)

    /// - Parameter configured: by the operator, whose word is final; `nil` if there is none.
    package init(configured: EffectMode?) { self.configured = configured }

    package var mode: EffectMode { configured ?? stored.withLock { $0 } ?? .record }

    /// What the database holds, for every node: see ``DestinationControls``.
    func note(stored mode: EffectMode?) { stored.withLock { $0 = mode } }
}
