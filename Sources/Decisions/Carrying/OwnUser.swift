import Blocking
package import Chat
package import History
package import Limits
import MongoDB
package import Outbox
import Provider
import Synchronization

/// The user under whose name the service acts: made at the provider once, where it is the service's own.
package final class OwnUser: Sendable {
    private let id: String?
    private let history: HistoryHandle
    private let mode: @Sendable () -> EffectMode
    private let order: WriteOrder
    private let limits: Limits.Outbox
    private let now: @Sendable () -> Timestamp
    private let isMade: Atomic<Bool>
    private let pool = BlockingPool(label: "rules.user", threads: 1)

    /// - Parameters:
    ///   - id: `nil` for a user of the team's, who is there.
    ///   - order: the node's, which numbers everything that it writes to the outbox.
    package init(
        id: String?,
        history: HistoryHandle,
        mode: @escaping @Sendable () -> EffectMode,
        order: WriteOrder,
        limits: Limits.Outbox,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.id, self.history, self.mode, self.order) = (id, history, mode, order)
        (self.limits, self.now) = (limits, now)
        isMade = Atomic(id == nil)
    }

    /// Whether effects may name the user: one that the provider does not know makes it refuse them for good.
    var isThere: Bool { isMade.load(ordering: .acquiring) }

    /// Writes the effect that makes the user, once effects go out, and waits until it is done.
    ///
    /// - Parameter onEffects: told when it was written.
    package func run(onEffects: @escaping @Sendable () -> Void) async {
        guard let id else { return }
        var profile = UserProfile(id: id)
        profile.name = "Backchannel"
        let making = Effect(
            .upsertUsers([profile]),
            version: "1",
            cause: .init(.schedule, "rules"),
            eventTime: now()
        )
        while !Task.isCancelled, !isThere {
            if mode() == .on, let store = history.store {
                await pool.run { self.look(after: making, in: store, onEffects) }
            }
            try? await Task.sleep(for: .milliseconds(limits.pollMilliseconds))
        }
    }

    /// Blocking.
    private func look(after making: Effect, in store: HistoryStore, _ onEffects: () -> Void) {
        let outbox = OutboxStore(store, limits: limits)
        do throws(MongoError) {
            switch try outbox.effect(making.key)?.string("state").flatMap(EffectState.init) {
            case nil:
                try outbox.write([making], mode: .on, order: order, at: now())
                onEffects()
            // Written down while effects did not go out.
            case .recorded:
                _ = try outbox.retry(making.key, by: "rules", order: order, at: now())
                onEffects()
            // Given up: whatever names the user will say why.
            case .done, .dead, .cancelled, .stale: isMade.store(true, ordering: .releasing)
            case .waiting, .running, .scheduled: return
            }
        } catch {
            return
        }
    }
}
