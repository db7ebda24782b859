import Blocking
package import Chat
package import Facts
package import History
package import Limits
import MongoDB
package import Notifications
package import Outbox

/// Composes notifications when their turn comes, from the history and the app's own data as they are then.
package final class NotificationDesk: Sendable {
    /// What an operator has set.
    package struct Settings: Sendable {
        package var templates: NotificationTemplates
        /// Addresses that alerts go to, by ``moderatorID(of:)``.
        package var moderators: [String: String]
        /// Who has one of these is told as a moderator.
        package var moderatorRoles: [String]
        /// Where a person reads and answers, with names in braces: `https://example.com/chat/{cid}`.
        package var link: String?

        package init(
            templates: NotificationTemplates,
            moderators: [String] = [],
            moderatorRoles: [String] = [],
            link: String? = nil
        ) {
            (self.templates, self.moderatorRoles) = (templates, moderatorRoles)
            self.moderators = Dictionary(moderators.map { (NotificationDesk.moderatorID(of: $0), $0) }) { first, _ in
                first
            }
            self.link = link
        }
    }

    /// What becomes of an effect's turn.
    enum Composed {
        case send(OutgoingNotification)
        /// Nothing is sent.
        case over(EffectOutcome)
    }

    private let settings: Settings
    private let history: HistoryHandle
    private let facts: FactStore
    private let limits: Limits
    private let order: WriteOrder
    private let now: @Sendable () -> Timestamp
    private let pool: BlockingPool

    /// - Parameter order: the node's, which numbers everything that it writes to the outbox.
    package init(
        _ settings: Settings,
        history: HistoryHandle,
        facts: FactStore,
        limits: Limits,
        order: WriteOrder,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.settings, self.history, self.facts, self.limits) = (settings, history, facts, limits)
        (self.order, self.now) = (order, now)
        pool = BlockingPool(label: "notification-desk", threads: limits.notifications.composers)
    }

    func compose(_ effect: PendingEffect, for audience: NotificationPerformer.Audience) async -> Composed {
        let result: Result<Composed, NotComposed> = await pool.run {
            Result { () throws(NotComposed) in try self.composed(effect, audience) }
        }
        switch result {
        case .success(let composed): return composed
        case .failure(.now(let outcome)): return .over(outcome)
        case .failure(.mongo(let error)):
            return .over(
                .unsent(.postponed(reason: error.description, after: .seconds(limits.notifications.sourceWaitSeconds)))
            )
        }
    }

    /// Blocking.
    private func composed(
        _ effect: PendingEffect,
        _ audience: NotificationPerformer.Audience
    ) throws(NotComposed) -> Composed {
        guard let order = NotificationOrder(text: effect.payload) else {
            throw .refused("the stored order cannot be read")
        }
        let store: HistoryStore
        do throws(HistoryError) { store = try history.opened() } catch { throw .mongo(error.asMongoError) }
        let composer = NotificationComposer(
            effect: effect,
            order: order,
            audience: audience,
            settings: settings,
            queries: HistoryQueries(store, limits: limits.query),
            facts: facts,
            limits: limits.notifications,
            now: now()
        )
        let outbox = OutboxStore(store, limits: limits.outbox)
        switch order.recipient {
        case .members:
            let effects = try composer.remindersOfMembers()
            try composer.asking { () throws(MongoError) in
                try outbox.renew(effects, latest: effect.eventTime, order: self.order, at: now())
            }
            return .over(.unsent(.needless(answer: "\(effects.count) members are reminded")))
        case .moderators:
            let effects = try composer.alertsOfModerators()
            try composer.asking { () throws(MongoError) in
                _ = try outbox.write(effects, mode: .on, order: self.order, at: now())
            }
            return .over(.unsent(.needless(answer: "\(effects.count) moderators are told")))
        default: return .send(try composer.notification())
        }
    }

    /// What stands for a moderator's address where others can see it.
    package static func moderatorID(of address: String) -> String { AddressDigest.of(address) }
}

/// Why nothing is composed.
enum NotComposed: Error {
    /// What becomes of the effect.
    case now(EffectOutcome)
    case mongo(MongoError)

    static func refused(_ reason: String) -> NotComposed { .now(.unsent(.impossible(reason: reason))) }
    static func notNeeded(_ reason: String) -> NotComposed { .now(.unsent(.needless(answer: "not sent: \(reason)"))) }
}
