import Chat
import Crypto
import JSON

/// What an effect tells the app of a user: not the profile itself, which is looked up when it is sent, so that erasing it
/// once is enough.
enum PushedChange: Equatable {
    case profile(PushedProfile)
    case state(PushedState)

    init?(json: String) {
        guard let value = try? JSONParser().parse(Array(json.utf8)), let id = value["id"]?.string else { return nil }
        if let kind = value["kind"]?.string.flatMap(PushedState.Kind.init) {
            let since = Timestamp(nanoseconds: value["since_ns"]?.int64 ?? 0)
            self = .state(PushedState(id: id, kind: kind, since: since))
        } else if let digest = value["digest"]?.string {
            self = .profile(PushedProfile(id: id, digest: digest, isFirst: value["first"]?.bool ?? false))
        } else {
            return nil
        }
    }

    var id: String {
        switch self {
        case .profile(let push): push.id
        case .state(let push): push.id
        }
    }

    var json: String {
        var writer = JSONWriter()
        writer.object {
            $0.field("id", id)
            switch self {
            case .profile(let push):
                $0.field("digest", push.digest)
                $0.field("first", push.isFirst)
            case .state(let push):
                $0.field("kind", push.kind.rawValue)
                $0.field("since_ns", push.since.nanoseconds)
            }
        }
        return writer.text
    }
}

/// That the provider has another profile of a user.
struct PushedProfile: Equatable {
    let id: String
    /// Which one.
    let digest: String
    /// Nothing was known of the user's profile before.
    let isFirst: Bool

    /// Pure.
    func reasonNotToSend(_ sides: AppUserStore.Sides?) -> String? {
        guard let provider = sides?.provider, let fields = provider.fields, !provider.isErased else {
            return "the user is gone"
        }
        guard fields.digest == digest else { return "the profile has changed again since" }
        guard let app = sides?.app else { return isFirst ? "seen for the first time, not changed" : nil }
        // What the app does not speak of it has seen if it was told to the provider.
        let expected = (app.sent ?? ProfileFields()).replacing(app.fields.names, from: app.fields)
        let different = fields.differences(from: expected)
        guard !different.isEmpty else { return "it came from the app" }
        // The app may have spoken of other things since, without an idea of what stands against its word.
        let isOlder = provider.changedAt.map { $0 < app.changedAt } ?? false
        return isOlder && Set(different).isDisjoint(with: app.kept) ? "what the app has is newer" : nil
    }
}

/// That somebody came or went at the provider.
struct PushedState: Equatable {
    /// The notification's type.
    enum Kind: String {
        case deactivated = "user.deactivated"
        case reactivated = "user.reactivated"
        case deleted = "user.deleted"

        var state: AppUserRecord.State {
            switch self {
            case .deactivated: .deactivated
            case .reactivated: .active
            case .deleted: .deleted
            }
        }
    }

    let id: String
    let kind: Kind
    /// When the provider had last said something else; 0: never.
    let since: Timestamp

    /// Pure.
    func reasonNotToSend(_ sides: AppUserStore.Sides?) -> String? {
        let (provider, app) = (sides?.provider, sides?.app)
        if let app, app.state == kind.state, app.stateAt > since { return "it came from the app" }
        guard kind != .deleted else { return nil }
        guard let provider, !provider.isErased, !provider.isDeleted else { return "the user is gone" }
        guard provider.state == kind.state else { return "it has changed again since" }
        guard let app, let at = provider.deactivationAt, at < app.stateAt else { return nil }
        return "what the app says is newer"
    }

    /// In the names in which the app itself tells of users.
    var data: String {
        var writer = JSONWriter()
        writer.object {
            $0.field("user_id", id)
            if kind != .deleted { $0.field("active", kind == .reactivated) }
        }
        return writer.text
    }
}

extension ProfileFields {
    private static let digestBytes = 16

    var digest: String { Hex.encode(Array(SHA256.digest(Array(json.utf8)).prefix(Self.digestBytes))) }
}
