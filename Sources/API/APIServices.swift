package import ChannelSync
package import Chat
package import Decisions
package import Facts
package import History
package import Hooks
package import Limits
package import Live
package import Moderation
package import Outbox
package import Provider
package import Rules
package import Spam
package import Telemetry
package import UserSync
package import WebhookIngest

/// What the interface needs of the rest of the service.
package struct APIServices: Sendable {
    /// What became of the request to erase a user.
    package struct Erasure: Sendable {
        /// A JSON object: what was removed, and where.
        package var report: String
        /// `false` while copies are still being removed.
        package var isComplete: Bool
        package init(report: String, isComplete: Bool) { (self.report, self.isComplete) = (report, isComplete) }
    }

    /// What the interface needs of the outbox.
    package struct Effects: Sendable {
        package var order: WriteOrder
        package var mode: @Sendable () -> EffectMode
        /// Where effects can go.
        package var destinations: [Effect.Destination]
        /// Which of them this node leaves alone for now.
        package var health: DestinationHealth
        /// To be called after something was written.
        package var notify: @Sendable () -> Void
        /// `nil` without a chat provider.
        package var provider: (any ChatProvider)?

        package init(
            order: WriteOrder,
            mode: @escaping @Sendable () -> EffectMode,
            destinations: [Effect.Destination],
            health: DestinationHealth,
            notify: @escaping @Sendable () -> Void,
            provider: (any ChatProvider)? = nil
        ) {
            (self.order, self.mode, self.destinations, self.notify) = (order, mode, destinations, notify)
            (self.health, self.provider) = (health, provider)
        }
    }

    /// What the interface needs to know of the rules.
    package struct Rules: Sendable {
        /// `nil` without rules.
        package var inForce: RulesInForce?
        /// What rules are compiled with besides their files.
        package var settings: RuleEngine.Settings?
        package init() {}
    }

    /// What the interface needs to know of the app's users.
    package struct Users: Sendable {
        package var mapping = UserMapping()
        /// `nil` where no key is configured to verify the app's tokens with.
        package var tokens: UserTokens?
        package init() {}
    }

    /// What the interface needs to know of the review queue.
    package struct Reviews: Sendable {
        /// What a decision writes beside itself and its effects.
        package var writes: ReviewWrites = { $0.lessons }
        package init() {}
    }

    /// What the dashboard needs.
    package struct Dashboard: Sendable {
        /// `nil` where it is not served.
        package var files: DashboardFiles?
        /// What every node knows and nobody else; without it sessions end with the process.
        package var sessionSecret: String?
        /// Whether the proxy in front says who asks, and how (`X-Forwarded-For`, `X-Forwarded-Proto`).
        package var trustsProxy = false
        package init() {}
    }

    package var history: HistoryHandle
    package var facts: FactStore
    package var channels: ChannelTemplates
    package var queue: any EventQueue
    package var receiver: WebhookReceiver
    package var hooks: HookDesk
    package var provider: StreamProvider
    package var effects: Effects
    package var users = Users()
    package var rules = Rules()
    /// The spam model of this node; `nil` where none is kept.
    package var spam: SpamInForce?
    package var reviews = Reviews()
    package var dashboard = Dashboard()
    package var live: LiveFeed
    package var metrics: Metrics
    package var log: Log
    package var limits: Limits
    package var now: @Sendable () -> Timestamp
    /// Of this program.
    package var version: String
    /// `CORS_ORIGINS`.
    package var origins: [String] = []
    /// `ADMIN_API_KEY`.
    package var bootstrapKey: String?
    /// Where the queue keeps its file, whose disk must have room; `nil` for a queue without one.
    package var dataFolder: String?
    /// Erases a user everywhere.
    ///
    /// May be repeated; `nil` is a user that is not known anywhere. The entries go into the audit trail, under the pseudonym.
    package var eraseUser: @Sendable (_ userID: String, _ entries: [AuditEntry]) async throws -> Erasure?

    package init(
        history: HistoryHandle,
        facts: FactStore,
        channels: ChannelTemplates,
        queue: any EventQueue,
        receiver: WebhookReceiver,
        hooks: HookDesk,
        provider: StreamProvider,
        effects: Effects,
        live: LiveFeed,
        metrics: Metrics,
        log: Log,
        limits: Limits,
        now: @escaping @Sendable () -> Timestamp,
        version: String,
        bootstrapKey: String?,
        dataFolder: String?,
        eraseUser: @escaping @Sendable (_ userID: String, _ entries: [AuditEntry]) async throws -> Erasure?
    ) {
        (self.history, self.facts, self.channels) = (history, facts, channels)
        (self.queue, self.receiver, self.hooks, self.provider) = (queue, receiver, hooks, provider)
        (self.effects, self.live) = (effects, live)
        (self.metrics, self.log, self.limits, self.now) = (metrics, log, limits, now)
        (self.version, self.bootstrapKey, self.dataFolder) = (version, bootstrapKey, dataFolder)
        self.eraseUser = eraseUser
    }
}
