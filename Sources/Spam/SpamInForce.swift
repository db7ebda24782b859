import Blocking
package import Rules

/// The spam model that judges on this node; another takes its place at once, between two texts.
package final class SpamInForce: SpamSource {
    private let state: Locked<SpamModelInForce?>

    package init(_ model: SpamModel? = nil) { state = Locked(model.map { SpamModelInForce($0) }) }

    package var current: SpamModelInForce? { state.withLock { $0 } }

    package func take(_ model: SpamModelInForce) { state.withLock { $0 = model } }
}
