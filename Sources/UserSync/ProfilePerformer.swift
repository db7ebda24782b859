import Blocking
import Chat
package import History
package import Limits
import MongoDB
package import Outbox
package import Provider

/// Tells the provider of profiles as it needs it: of each user only the newest, and as a new user only whom it does not have.
///
/// What goes out is the fields that changed, since a whole profile would take the place of all that the provider has of the
/// user. Whoever may not be there is looked up first. Other effects go on as they are.
package struct ProfilePerformer: EffectPerformer {
    private let performer: any EffectPerformer
    private let provider: any ChatProvider
    private let history: HistoryHandle
    private let limits: Limits
    private let pool: BlockingPool

    /// - Parameter performer: makes the calls of `provider`.
    package init(
        _ performer: any EffectPerformer,
        provider: any ChatProvider,
        history: HistoryHandle,
        limits: Limits
    ) {
        (self.performer, self.provider, self.history, self.limits) = (performer, provider, history, limits)
        pool = BlockingPool(label: "users.profiles", threads: limits.users.lookUps)
    }

    package func batchSize(for action: String) -> Int { performer.batchSize(for: action) }
    package func delay(before effects: [PendingEffect]) -> Duration? { performer.delay(before: effects) }
    package func withdraw(_ effects: [PendingEffect]) { performer.withdraw(effects) }

    package func perform(_ effects: [PendingEffect]) async -> [EffectOutcome] {
        guard effects.contains(where: { ProfileTask.isProfile($0) }) else { return await performer.perform(effects) }
        guard let store = history.store else {
            return putOff(effects, .unsent(.postponed(reason: "MongoDB is not reached yet", after: sourceWait)))
        }
        let users = AppUserStore(store, limits: limits)
        do throws(MongoError) {
            let ids = effects.filter { ProfileTask.isProfile($0) }.map(\.lane)
            let sides = try await pool.run { () throws(MongoError) in try users.sides(of: ids) }
            return await perform(effects, effects.map { ProfileTask($0, sides[$0.lane]) }, users)
        } catch {
            return putOff(effects, .unsent(.postponed(reason: "look the users up: \(error)", after: sourceWait)))
        }
    }

    private var sourceWait: Duration { .seconds(limits.notifications.sourceWaitSeconds) }

    private func putOff(_ effects: [PendingEffect], _ outcome: EffectOutcome) -> [EffectOutcome] {
        performer.withdraw(effects)
        return effects.map { _ in outcome }
    }

    /// - Parameter tasks: for each effect; `nil` for one that is no profile.
    private func perform(
        _ effects: [PendingEffect],
        _ tasks: [ProfileTask?],
        _ users: AppUserStore
    ) async -> [EffectOutcome] {
        var outcomes = tasks.map { $0?.isSuperseded == true ? EffectOutcome.superseded : nil }
        let ready = effects.indices.filter { outcomes[$0] == nil && tasks[$0]?.isToBeFound != true }
        if ready.isEmpty {
            performer.withdraw(effects)
        } else {
            let results = await performer.perform(ready.map { effects[$0] })
            for (place, outcome) in zip(ready, results) { outcomes[place] = outcome }
        }
        // Whoever was refused may be gone from the provider.
        let doubtful = effects.indices.filter { tasks[$0] != nil && (outcomes[$0]?.isRefused ?? true) }
        for (place, outcome) in await introduce(doubtful.compactMap { tasks[$0] }, users) {
            outcomes[doubtful[place]] = outcome ?? outcomes[doubtful[place]]
        }
        return outcomes.map { $0 ?? .retry(reason: "no outcome was given", after: nil) }
    }

    // MARK: Who may not be there

    /// - Returns: by the place of the task; `nil` leaves the outcome that there is.
    private func introduce(_ tasks: [ProfileTask], _ users: AppUserStore) async -> [Int: EffectOutcome?] {
        guard !tasks.isEmpty else { return [:] }
        let found: [String: User]
        do throws(ProviderError) {
            let answer = try await provider.users(ids: Set(tasks.map(\.id)).sorted())
            found = Dictionary(answer.map { ($0.value.id, $0.value) }) { first, _ in first }
        } catch {
            let outcome = EffectOutcome(error)
            return Dictionary(uniqueKeysWithValues: tasks.indices.map { ($0, outcome) })
        }
        let introductions = tasks.map { Introduction($0, found[$0.id]) }
        do throws(MongoError) {
            let notes = introductions.compactMap(\.note)
            try await pool.run { () throws(MongoError) in try users.note(notes) }
        } catch {
            let reason = "note what the provider has of the users: \(error)"
            let outcome = EffectOutcome.unsent(.postponed(reason: reason, after: sourceWait))
            return Dictionary(uniqueKeysWithValues: tasks.indices.map { ($0, outcome) })
        }
        var outcomes: [Int: EffectOutcome?] = [:]
        for place in tasks.indices where tasks[place].isToBeFound && introductions[place].call == nil {
            outcomes[place] = .alreadyDone(answer: "the provider has it already")
        }
        for isNew in [false, true] {
            let places = tasks.indices.filter { place in
                guard introductions[place].call != nil, introductions[place].isNew == isNew else { return false }
                return isNew || tasks[place].isToBeFound
            }
            let effects = places.compactMap { place in
                introductions[place].call.map { PendingEffect(tasks[place].effect, of: $0) }
            }
            for (place, outcome) in zip(places, await send(effects)) { outcomes[place] = outcome }
        }
        return outcomes
    }

    /// Calls that were not admitted yet.
    private func send(_ effects: [PendingEffect]) async -> [EffectOutcome] {
        guard !effects.isEmpty else { return [] }
        while let wait = performer.delay(before: effects) {
            do { try await Task.sleep(for: wait) } catch {
                return effects.map { _ in .unsent(.postponed(reason: "cancelled before it was sent", after: .zero)) }
            }
        }
        return await performer.perform(effects)
    }
}

extension EffectOutcome {
    fileprivate static let superseded = EffectOutcome.unsent(.needless(answer: "a newer profile of this user follows"))

    fileprivate var isRefused: Bool { if case .refused = self { true } else { false } }

    fileprivate init(_ error: ProviderError) {
        switch error {
        case .unavailable(let failure, let after) where failure.status == 429:
            self = .limited(reason: failure.description, after: after)
        case .unavailable(let failure, let after): self = .retry(reason: failure.description, after: after)
        case .misconfigured(let failure): self = .misconfigured(reason: failure.description)
        case .refused, .hooksChanged: self = .refused(reason: error.description)
        }
    }
}

extension PendingEffect {
    /// The same effect, performed by another call.
    fileprivate init(_ effect: PendingEffect, of call: ProviderCall) {
        self.init(
            key: effect.key,
            destination: effect.destination,
            lane: effect.lane,
            action: call.name,
            payload: call.json,
            eventTime: effect.eventTime,
            attempts: effect.attempts
        )
    }
}
