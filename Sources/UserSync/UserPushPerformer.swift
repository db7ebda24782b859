import Blocking
import Chat
package import History
import JSON
package import Limits
import MongoDB
package import Notifications
package import Outbox

/// Sends the app the profile that the provider has of a user, unless the app has it already.
///
/// At least once: a repeated notification has the same id.
package struct UserPushPerformer: EffectPerformer {
    private let channel: any NotificationChannel
    private let history: HistoryHandle
    private let limits: Limits
    private let pool: BlockingPool

    package init(_ channel: any NotificationChannel, history: HistoryHandle, limits: Limits) {
        (self.channel, self.history, self.limits) = (channel, history, limits)
        pool = BlockingPool(label: "users.push", threads: limits.users.lookUps)
    }

    package func perform(_ effects: [PendingEffect]) async -> [EffectOutcome] {
        var outcomes: [EffectOutcome] = []
        for effect in effects { outcomes.append(await perform(effect)) }
        return outcomes
    }

    private func perform(_ effect: PendingEffect) async -> EffectOutcome {
        guard let push = PushedProfile(json: effect.payload) else {
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
        if let reason = Self.reasonNotToSend(push, sides) { return .unsent(.needless(answer: reason)) }
        guard let provider = sides?.provider, let fields = provider.fields else {
            return .unsent(.needless(answer: "the user is gone"))
        }
        let notification = OutgoingNotification(
            id: effect.key.description,
            kind: "user.updated",
            at: provider.changedAt ?? effect.eventTime,
            data: Self.data(push.id, fields)
        )
        return EffectOutcome(await channel.deliver(notification))
    }

    /// Pure.
    static func reasonNotToSend(_ push: PushedProfile, _ sides: AppUserStore.Sides?) -> String? {
        guard let provider = sides?.provider, let fields = provider.fields, !provider.isErased else {
            return "the user is gone"
        }
        guard fields.digest == push.digest else { return "the profile has changed again since" }
        guard let app = sides?.app else { return push.isFirst ? "seen for the first time, not changed" : nil }
        if let time = provider.changedAt, time < app.changedAt { return "what the app has is newer" }
        let isEcho = [app.fields, app.sent].contains { $0.map { fields.differences(from: $0).isEmpty } ?? false }
        return isEcho ? "it came from the app" : nil
    }

    /// In the app's names, as far as it has some.
    static func data(_ id: String, _ fields: ProfileFields) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("user_id", id)
            for (name, ours) in [("display_name", "name"), ("avatar_url", "image"), ("role", "role")] {
                writer.field(name, raw: fields[ours])
            }
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
