import Blocking
import Chat
package import History
import JSON
package import Limits
import MongoDB
package import Notifications
package import Outbox

/// Sends the app the profile that the provider has of a user, and who came or went there, unless the app knows already.
///
/// At least once: a repeated notification has the same id.
package struct UserPushPerformer: EffectPerformer {
    private let channel: any NotificationChannel
    private let history: HistoryHandle
    private let mapping: UserMapping
    private let limits: Limits
    private let pool: BlockingPool

    /// - Parameter mapping: by which the app's users become the provider's; here it is followed backwards.
    package init(
        _ channel: any NotificationChannel,
        history: HistoryHandle,
        mapping: UserMapping,
        limits: Limits
    ) {
        (self.channel, self.history, self.mapping, self.limits) = (channel, history, mapping, limits)
        pool = BlockingPool(label: "users.push", threads: limits.users.lookUps)
    }

    package func perform(_ effects: [PendingEffect]) async -> [EffectOutcome] {
        var outcomes: [EffectOutcome] = []
        for effect in effects { outcomes.append(await perform(effect)) }
        return outcomes
    }

    private func perform(_ effect: PendingEffect) async -> EffectOutcome {
        guard let push = PushedChange(json: effect.payload) else {
            return .unsent(.impossible(reason: "read the stored push: it names no user"))
        }
        let wait = Duration.seconds(limits.notifications.sourceWaitSeconds)
        guard let store = history.store else {
            return .unsent(.postponed(reason: "MongoDB is not reached yet", after: wait))
        }
        let limits = limits
        let sides: AppUserStore.Sides?
        do throws(MongoError) {
            sides = try await pool.run { () throws(MongoError) in
                try AppUserStore(store, limits: limits).sides(of: [push.id])[push.id]
            }
        } catch {
            return .unsent(.postponed(reason: "look the user up: \(error)", after: wait))
        }
        switch push {
        case .profile(let push): return await send(push, sides, effect)
        case .state(let push): return await send(push, sides, effect)
        }
    }

    private func send(
        _ push: PushedProfile,
        _ sides: AppUserStore.Sides?,
        _ effect: PendingEffect
    ) async -> EffectOutcome {
        if let reason = push.reasonNotToSend(sides) { return .unsent(.needless(answer: reason)) }
        guard let provider = sides?.provider, let fields = provider.fields else {
            return .unsent(.needless(answer: "the user is gone"))
        }
        let notification = OutgoingNotification(
            id: effect.key.description,
            kind: "user.updated",
            at: provider.changedAt ?? effect.eventTime,
            data: Self.data(push.id, fields, mapping)
        )
        return EffectOutcome(await channel.deliver(notification))
    }

    private func send(
        _ push: PushedState,
        _ sides: AppUserStore.Sides?,
        _ effect: PendingEffect
    ) async -> EffectOutcome {
        if let reason = push.reasonNotToSend(sides) { return .unsent(.needless(answer: reason)) }
        let notification = OutgoingNotification(
            id: effect.key.description,
            kind: push.kind.rawValue,
            at: effect.eventTime,
            data: push.data
        )
        return EffectOutcome(await channel.deliver(notification))
    }

    /// In the app's names and with its role, as far as one can tell: what the app stores of it comes back the same.
    ///
    /// Pure.
    static func data(_ id: String, _ fields: ProfileFields, _ mapping: UserMapping) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("user_id", id)
            for (name, ours) in [(mapping.nameFields.first, "name"), (mapping.imageFields.first, "image")] {
                if let name { writer.field(name, raw: fields[ours]) }
            }
            if let role = fields.text("role").flatMap(mapping.appRole) { writer.field("role", role) }
            writer.field("profile", raw: fields.json)
        }
        return writer.text
    }
}

extension EffectOutcome {
    fileprivate init(_ outcome: DeliveryOutcome) {
        switch outcome {
        case .delivered(let answer): self = .done(answer: "answered \(answer)")
        case .retry(let failure, let wait):
            self =
                failure.isLimit
                ? .limited(reason: failure.reason, after: wait) : .retry(reason: failure.reason, after: wait)
        case .giveUp(let failure): self = .refused(reason: failure.reason)
        case .misconfigured(let failure): self = .misconfigured(reason: failure.reason)
        }
    }
}
