package import Chat
import Crypto
package import History
import JSON
package import Limits
package import MongoDB
package import Outbox

/// Tells the app of profiles that changed at the provider: an effect for each, which ``UserPushPerformer`` performs.
///
/// Whether the change came from the app itself is found out when the effect's turn comes.
package struct UserPushes: EffectSource {
    package static let destination = Effect.Destination("webhook:users")
    static let action = "user.push"

    private let limits: Limits.UserSync
    private let mode: @Sendable () -> EffectMode
    private let order: WriteOrder
    private let now: @Sendable () -> Timestamp

    package init(
        limits: Limits.UserSync,
        mode: @escaping @Sendable () -> EffectMode,
        order: WriteOrder,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.limits, self.mode, self.order, self.now) = (limits, mode, order, now)
    }

    package func outboxWrites(of batch: BatchFold) -> [MongoUpdate] {
        let (mode, now) = (mode(), now())
        guard mode != .off else { return [] }
        return effects(of: batch).compactMap { $0.outboxWrite(mode, order: order.next(at: now), at: now) }
    }

    func effects(of batch: BatchFold) -> [Effect] {
        var changes: [String: (Register<UserProfile>, isFirst: Bool)] = [:]
        for (id, user) in batch.users.after {
            let before = batch.users.before[id]?.profile
            guard let profile = user.profile, profile.value != before?.value else { continue }
            changes[id] = (profile, before == nil)
        }
        guard !changes.isEmpty else { return [] }
        let causes = causes(of: Set(changes.keys), in: batch)
        return changes.sorted { $0.key < $1.key }.map { id, change in
            let (profile, isFirst) = change
            let push = PushedProfile(id: id, digest: ProfileFields(profile.value).digest, isFirst: isFirst)
            return Effect(
                key: .init(
                    entity: id,
                    version: "\(profile.stamp.time.nanoseconds)-\(push.digest)",
                    cause: "provider",
                    action: Self.action
                ),
                destination: Self.destination,
                lane: id,
                action: Self.action,
                payload: push.json,
                cause: .init(.event, causes[id] ?? ""),
                eventTime: profile.stamp.time,
                maximumAge: .seconds(limits.pushAgeSeconds)
            )
        }
    }

    /// For each user an event of the batch that said something about the profile.
    private func causes(of users: Set<String>, in batch: BatchFold) -> [String: String] {
        var causes: [String: String] = [:]
        for event in batch.events {
            for user in event.received.claims.users where users.contains(user.id) && user.profile != nil {
                causes[user.id] = event.received.id.description
            }
        }
        return causes
    }
}

/// Which profile an effect is about: the profile itself is looked up when it is sent, so that erasing it once is enough.
struct PushedProfile: Equatable {
    let id: String
    let digest: String
    /// Nothing was known of the user's profile before.
    let isFirst: Bool

    init(id: String, digest: String, isFirst: Bool) { (self.id, self.digest, self.isFirst) = (id, digest, isFirst) }

    init?(json: String) {
        guard let value = try? JSONParser().parse(Array(json.utf8)), let id = value["id"]?.string,
            let digest = value["digest"]?.string
        else { return nil }
        self.init(id: id, digest: digest, isFirst: value["first"]?.bool ?? false)
    }

    var json: String {
        var writer = JSONWriter()
        writer.object {
            $0.field("id", id)
            $0.field("digest", digest)
            $0.field("first", isFirst)
        }
        return writer.text
    }
}

extension ProfileFields {
    private static let digestBytes = 16

    var digest: String { Hex.encode(Array(SHA256.digest(Array(json.utf8)).prefix(Self.digestBytes))) }
}
