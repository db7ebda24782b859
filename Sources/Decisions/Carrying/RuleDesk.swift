import Blocking
package import Chat
import Crypto
package import Facts
package import History
import JSON
package import Limits
import MongoDB
import Outbox
import Provider
package import Rules
import Templates

/// Makes up what is due from the decision, the history and the app's own data as they are then.
package final class RuleDesk: Sendable {
    /// What becomes of an effect's turn.
    enum Composed: Sendable {
        case call(ProviderCall)
        /// Nothing is sent.
        case over(EffectOutcome)
    }

    private let rules: any RuleSource
    private let history: HistoryHandle
    private let facts: FactStore
    private let provider: StreamProvider
    private let limits: Limits
    private let now: @Sendable () -> Timestamp
    private let pool: BlockingPool

    package init(
        rules: any RuleSource,
        history: HistoryHandle,
        facts: FactStore,
        provider: StreamProvider,
        limits: Limits,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.rules, self.history, self.facts, self.provider) = (rules, history, facts, provider)
        (self.limits, self.now) = (limits, now)
        pool = BlockingPool(label: "rules.desk", threads: limits.rules.composers)
    }

    func compose(_ effect: PendingEffect) async -> Composed {
        await working(on: effect) { (work) throws(NotDue) in
            .call(effect.action == "rule.reply" ? try work.reply() : try work.textChange())
        }
    }

    /// What becomes of a call that was made up when it was decided, where it is not to be made any more; `nil` where it is.
    func objection(to effect: PendingEffect) async -> EffectOutcome? {
        guard let order = RuleOrder(effect.key) else { return nil }
        let result: Result<Void, NotDue> = await pool.run {
            Result { () throws(NotDue) in try self.work(effect, order).checkDecision() }
        }
        return switch result {
        case .success: nil
        case .failure(let reason): outcome(of: reason)
        }
    }

    func setFact(_ effect: PendingEffect) async -> EffectOutcome {
        let composed = await working(on: effect) { (work) throws(NotDue) in .over(try work.setFact()) }
        guard case .over(let outcome) = composed else { return .retry(reason: "no outcome was given", after: nil) }
        return outcome
    }

    private func working(
        on effect: PendingEffect,
        _ body: @escaping @Sendable (RuleWork) throws(NotDue) -> Composed
    ) async -> Composed {
        let result: Result<Composed, NotDue> = await pool.run {
            Result { () throws(NotDue) in
                guard let order = RuleOrder(json: effect.payload) else {
                    throw .impossible("the stored order cannot be read; if a newer version stored it, run that one")
                }
                return try body(try self.work(effect, order))
            }
        }
        return switch result {
        case .success(let composed): composed
        case .failure(let reason): .over(outcome(of: reason))
        }
    }

    private func outcome(of reason: NotDue) -> EffectOutcome {
        switch reason {
        case .needless(let why): .unsent(.needless(answer: "not sent: \(why)"))
        case .impossible(let why): .unsent(.impossible(reason: why))
        case .mongo(let error):
            .unsent(.postponed(reason: error.description, after: .seconds(limits.notifications.sourceWaitSeconds)))
        }
    }

    /// Blocking.
    private func work(_ effect: PendingEffect, _ order: RuleOrder) throws(NotDue) -> RuleWork {
        let store: HistoryStore
        do throws(HistoryError) { store = try history.opened() } catch { throw .mongo(error.asMongoError) }
        guard let engine = rules.engine else { throw .needless("there are no rules any more") }
        return RuleWork(
            effect: effect,
            order: order,
            engine: engine,
            store: store,
            queries: HistoryQueries(store, limits: limits.query),
            facts: facts,
            provider: provider,
            now: now()
        )
    }
}

/// Why nothing is made up.
enum NotDue: Error {
    case needless(String)
    case impossible(String)
    case mongo(MongoError)
}
