package import Chat
package import History
package import Limits
package import MongoDB
package import Outbox

/// Tells the app of users who changed at the provider, and who came or went there: an effect for each change, which
/// ``UserPushPerformer`` performs.
///
/// Whether the change came from the app itself is found out when the effect's turn comes.
package struct UserPushes: EffectSource {
    package static let destination = Effect.Destination("webhook:users")
    static let action = "user.push"

    private let limits: Limits.UserSync
    private let outbox: OutboxWriter

    package init(limits: Limits.UserSync, outbox: OutboxWriter) { (self.limits, self.outbox) = (limits, outbox) }

    package func outboxWrites(of batch: BatchFold) -> [MongoUpdate] {
        outbox.mode() == .off ? [] : outbox.writes(effects(of: batch))
    }

    func effects(of batch: BatchFold) -> [Effect] {
        let changes = batch.users.after.flatMap { id, user in Change.changes(from: batch.users.before[id], to: user) }
        guard !changes.isEmpty else { return [] }
        let causes = causes(of: changes, in: batch)
        return changes.sorted { ($0.push.id, $0.time) < ($1.push.id, $1.time) }.map { change in
            Effect(
                key: .init(entity: change.push.id, version: change.version, cause: "provider", action: Self.action),
                destination: Self.destination,
                lane: change.push.id,
                action: Self.action,
                payload: change.push.json,
                cause: .init(.event, causes[change.version] ?? ""),
                eventTime: change.time,
                maximumAge: .seconds(limits.pushAgeSeconds)
            )
        }
    }

    /// For each change, by its version, an event of the batch that said something about it.
    private func causes(of changes: [Change], in batch: BatchFold) -> [String: String] {
        let changes = Dictionary(grouping: changes, by: \.push.id)
        var causes: [String: String] = [:]
        for event in batch.events {
            for user in event.received.claims.users {
                for change in changes[user.id] ?? [] where change.isSaid(by: user) {
                    causes[change.version] = event.received.id.description
                }
            }
        }
        return causes
    }
}

/// One thing that is another at the provider.
private struct Change {
    let push: PushedChange
    let time: Timestamp
    /// Of the user: no two changes have the same.
    let version: String

    static func changes(from before: UserRecord?, to after: UserRecord) -> [Change] {
        var changes: [Change] = []
        if let profile = after.profile, profile.value != before?.profile?.value {
            let digest = ProfileFields(profile.value).digest
            let push = PushedProfile(id: after.id, digest: digest, isFirst: before?.profile == nil)
            changes.append(Change(.profile(push), profile.stamp.time, of: digest))
        }
        if let deletion = after.deletion, deletion.value {
            guard before?.deletion?.value != true else { return changes }
            changes.append(Change(after.id, .deleted, deletion.stamp.time, since: before?.deletion?.stamp.time))
        } else if let ending = after.deactivation, ending.value != before?.deactivation?.value ?? false {
            let kind = ending.value ? PushedState.Kind.deactivated : .reactivated
            changes.append(Change(after.id, kind, ending.stamp.time, since: before?.deactivation?.stamp.time))
        }
        return changes
    }

    private init(_ push: PushedChange, _ time: Timestamp, of what: String) {
        (self.push, self.time, version) = (push, time, "\(time.nanoseconds)-\(what)")
    }

    private init(_ id: String, _ kind: PushedState.Kind, _ time: Timestamp, since: Timestamp?) {
        let push = PushedState(id: id, kind: kind, since: since ?? Timestamp(nanoseconds: 0))
        self.init(.state(push), time, of: kind.rawValue)
    }

    func isSaid(by user: UserRecord) -> Bool {
        switch push {
        case .profile: user.profile != nil
        case .state(let push): push.kind == .deleted ? user.deletion != nil : user.deactivation != nil
        }
    }
}
