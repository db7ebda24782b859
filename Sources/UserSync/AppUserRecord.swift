package import Chat
import History
package import MongoDB

/// What the app has last said about a user, and what the provider was last told of it.
package struct AppUserRecord: Sendable, Equatable {
    package enum State: String, Sendable { case active, deactivated, deleted }

    package let id: String
    /// The app's last, of the time `changedAt`.
    package var fields = ProfileFields()
    package var changedAt = Timestamp(nanoseconds: 0)
    package var state = State.active
    /// When the app said so; 0: never.
    package var stateAt = Timestamp(nanoseconds: 0)
    /// What the last effect about coming and going tells the provider; `nil` before the first.
    package var told: State?
    package var toldAt: Timestamp?
    /// The key of that effect.
    package var stateEffect: String?
    /// What the provider has once the last effect is done; `nil` while nothing was written for it.
    package var sent: ProfileFields?
    package var sentAt: Timestamp?
    /// The key of that effect.
    package var effect: String?
    /// Fields that it tells: among them those of earlier effects, unless they were done before.
    package var telling: [String] = []
    /// What an effect before the last may have brought to the provider: it was begun, and had not come to a good end.
    package var offered: ProfileFields?
    /// Fields of the app in which the provider's own, newer word stands.
    package var kept: [String] = []
    /// The provider has taken a profile of this user from us.
    package var isThere = false
    /// Of the effects of this user, so that no two are taken for the same.
    package var version: Int64 = 0

    package init(id: String) { self.id = id }

    package init?(_ document: BSONDocument) {
        guard let id = document.string("_id") else { return nil }
        self.init(id: id)
        fields = ProfileFields(stored: document.string("fields") ?? "{}")
        changedAt = Timestamp(nanoseconds: document.int64("changed_ns") ?? 0)
        state = document.string("state").flatMap(State.init) ?? .active
        stateAt = Timestamp(nanoseconds: document.int64("state_ns") ?? 0)
        told = document.string("told").flatMap(State.init)
        toldAt = document.int64("told_ns").map(Timestamp.init(nanoseconds:))
        stateEffect = document.string("state_effect")
        sent = document.string("sent").map(ProfileFields.init(stored:))
        sentAt = document.int64("sent_ns").map(Timestamp.init(nanoseconds:))
        effect = document.string("effect")
        telling = document.array("telling")?.compactMap(\.string) ?? []
        offered = document.string("offered").map(ProfileFields.init(stored:))
        kept = document.array("kept")?.compactMap(\.string) ?? []
        isThere = document.bool("there") ?? false
        version = document.int64("version") ?? 0
    }

    var write: MongoUpdate {
        var document = BSONDocument(capacity: 512)
        document.append("_id", id)
        document.append("fields", fields.json)
        document.append("changed_ns", changedAt.nanoseconds)
        document.append("state", state.rawValue)
        document.append("state_ns", stateAt.nanoseconds)
        document.append("told", ifPresent: told?.rawValue)
        if let toldAt { document.append("told_ns", toldAt.nanoseconds) }
        document.append("state_effect", ifPresent: stateEffect)
        if let sent { document.append("sent", sent.json) }
        if let sentAt { document.append("sent_ns", sentAt.nanoseconds) }
        document.append("effect", ifPresent: effect)
        if !telling.isEmpty { document.append("telling", telling) }
        document.append("offered", ifPresent: offered?.json)
        if !kept.isEmpty { document.append("kept", kept) }
        if isThere { document.append("there", true) }
        document.append("version", version)
        return MongoUpdate(filter: .id(id), update: document, upsert: true)
    }
}

/// What the provider's events have last said about the same user.
package struct ProviderUser: Sendable, Equatable {
    package var fields: ProfileFields?
    package var changedAt: Timestamp?
    package var isDeactivated = false
    package var deactivationAt: Timestamp?
    package var isDeleted = false
    package var isErased = false

    package init() {}

    /// What its last event about coming and going said; `nil` before the first.
    var state: AppUserRecord.State? {
        deactivationAt.map { _ in isDeactivated ? .deactivated : .active }
    }

    package init(_ record: UserRecord) {
        fields = record.profile.map { ProfileFields($0.value) }
        changedAt = record.profile?.stamp.time
        isDeactivated = record.deactivation?.value ?? false
        deactivationAt = record.deactivation?.stamp.time
        isDeleted = record.deletion?.value ?? false
        isErased = record.isErased
    }
}
