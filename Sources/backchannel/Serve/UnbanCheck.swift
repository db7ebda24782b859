import Blocking
import Chat
import History
import Limits
import MongoDB
import Outbox
import Provider

/// Lets no unban through that would lift a ban newer than itself, such as one that was given up, and tried again by an
/// operator days later.
///
/// Bans that wait in the outbox need no look: those of one user or channel are performed in order.
struct UnbanCheck: EffectPerformer {
    private let performer: any EffectPerformer
    private let history: HistoryHandle
    private let limits: Limits
    private let now: @Sendable () -> Timestamp
    private let pool: BlockingPool

    init(
        _ performer: any EffectPerformer,
        history: HistoryHandle,
        limits: Limits,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.performer, self.history, self.limits, self.now) = (performer, history, limits, now)
        pool = BlockingPool(label: "unbans", threads: 1)
    }

    func batchSize(for action: String) -> Int { performer.batchSize(for: action) }
    func delay(before effects: [PendingEffect]) -> Duration? { performer.delay(before: effects) }
    func withdraw(_ effects: [PendingEffect]) { performer.withdraw(effects) }

    func perform(_ effects: [PendingEffect]) async -> [EffectOutcome] {
        // Unbans are no calls that several share.
        guard effects.count == 1, effects[0].action == "unban",
            case .unban(let unban)? = try? ProviderCall(json: effects[0].payload),
            let reason = await reasonNotToSend(unban, of: effects[0].eventTime)
        else { return await performer.perform(effects) }
        performer.withdraw(effects)
        return [.unsent(reason)]
    }

    private func reasonNotToSend(_ unban: UserUnban, of time: Timestamp) async -> EffectOutcome.Unsent? {
        let (history, limits, now) = (history, limits, now())
        let found: Result<Register<BanState>?, MongoError> = await pool.run {
            Result { () throws(MongoError) in
                let store: HistoryStore
                do throws(HistoryError) { store = try history.opened() } catch { throw error.asMongoError }
                return try HistoryQueries(store, limits: limits.query).ban(of: unban.target, in: unban.cid)
            }
        }
        switch found {
        case .success(let ban):
            let isLifting = ban.map { $0.value.isInForce(at: now) && $0.stamp.time > time } ?? false
            return isLifting ? .needless(answer: "not sent: a newer ban is in force") : nil
        case .failure(let error):
            return .postponed(
                reason: "whether a newer ban is in force could not be looked up: \(error.description)",
                after: .seconds(limits.notifications.sourceWaitSeconds)
            )
        }
    }
}

extension BanState {
    fileprivate func isInForce(at now: Timestamp) -> Bool { isBanned && expires.map { $0 > now } ?? true }
}
