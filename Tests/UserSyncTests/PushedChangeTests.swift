import Chat
import Testing

@testable import UserSync

/// Whether the app is told of what changed at the provider, and in which words.
struct PushedChangeTests {
    // MARK: Profiles

    @Test func whatCameFromTheAppIsNotSentBack() {
        let theirs = ProfileFields(stored: #"{"language":"de","name":"A","role":"user"}"#)
        var app = record(#"{"name":"A"}"#, at: 10)
        #expect(reason(theirs, at: 20, app) == nil)
        // The language is the provider's own, and was there when the app's profile was put on top.
        app.sent = ProfileFields(stored: #"{"language":"de","name":"A"}"#)
        #expect(reason(theirs, at: 20, app) == "it came from the app")
        #expect(reason(theirs, at: 20, nil) == nil)
    }

    /// The app spoke of its image since; that users changed the name in the chat it still has to hear.
    @Test func whatStandsAgainstTheAppsWordIsTold() {
        let theirs = ProfileFields(stored: #"{"image":"j","name":"N"}"#)
        var app = record(#"{"image":"j","name":"A"}"#, at: 30)
        (app.sent, app.kept) = (theirs, ["name"])
        #expect(reason(theirs, at: 40, app) == nil)
        #expect(reason(theirs, at: 20, app) == nil)
        app.kept = []
        #expect(reason(theirs, at: 20, app) == "what the app has is newer")
    }

    @Test(arguments: [
        (["seller": "vendor", "*": "user"], "vendor", "seller" as String?),
        // Any role may have become it.
        (["seller": "vendor", "*": "user"], "user", nil),
        (["seller": "vendor"], "user", nil),
        (["buyer": "user", "*": "guest"], "user", "buyer"),
        (["seller": "vendor", "shop": "vendor"], "vendor", nil),
        (["seller": "vendor"], "admin", nil),
        ([:], "admin", "admin"),
    ])
    func rolesAreTheAppsOwn(_ roles: [String: String], _ role: String, _ expected: String?) {
        var mapping = UserMapping()
        mapping.roles = roles
        #expect(mapping.appRole(role) == expected)
    }

    @Test func fieldsHaveTheAppsNames() {
        var mapping = UserMapping()
        (mapping.nameFields, mapping.imageFields) = (["nick", "full_name"], ["photo"])
        mapping.roles = ["seller": "vendor"]
        let fields = ProfileFields(stored: #"{"image":"i","name":"N","role":"vendor"}"#)
        let expected =
            #"{"user_id":"u","nick":"N","photo":"i","role":"seller","#
            + #""profile":{"image":"i","name":"N","role":"vendor"}}"#
        #expect(UserPushPerformer.data("u", fields, mapping) == expected)
    }

    // MARK: Coming and going

    @Test func whoCameOrWentAtTheProviderIsTold() {
        var app = record("{}", at: 10)
        #expect(reason(.deactivated, since: 0, provider(true, at: 50), app) == nil)
        #expect(reason(.deactivated, since: 0, provider(true, at: 50), nil) == nil)
        // The app said it itself.
        (app.state, app.stateAt) = (.deactivated, Timestamp(milliseconds: 48))
        #expect(reason(.deactivated, since: 0, provider(true, at: 50), app) == "it came from the app")
        // It was let in again by a moderator.
        #expect(reason(.reactivated, since: 50, provider(false, at: 60), app) == nil)
        // What the app said before it was put out is no reason.
        (app.state, app.stateAt) = (.active, Timestamp(milliseconds: 40))
        #expect(reason(.reactivated, since: 50, provider(false, at: 60), app) == nil)
        #expect(reason(.deactivated, since: 0, provider(false, at: 60), app) == "it has changed again since")
        (app.state, app.stateAt) = (.active, Timestamp(milliseconds: 70))
        #expect(reason(.deactivated, since: 0, provider(true, at: 60), app) == "what the app says is newer")
        #expect(reason(.deleted, since: 0, nil, app) == nil)
        (app.state, app.stateAt) = (.deleted, Timestamp(milliseconds: 80))
        #expect(reason(.deleted, since: 0, nil, app) == "it came from the app")
    }

    @Test func whatIsStoredReadsTheSame() {
        let state = PushedState(id: "u", kind: .reactivated, since: Timestamp(milliseconds: 5))
        for push in [PushedChange.profile(.init(id: "u", digest: "d", isFirst: true)), .state(state)] {
            #expect(PushedChange(json: push.json) == push)
        }
        #expect(state.data == #"{"user_id":"u","active":true}"#)
        #expect(PushedChange(json: "{}") == nil)
    }

    // MARK: Parts

    private func record(_ fields: String, at time: Int64) -> AppUserRecord {
        var record = AppUserRecord(id: "u")
        (record.fields, record.changedAt) = (ProfileFields(stored: fields), Timestamp(milliseconds: time))
        return record
    }

    private func provider(_ isDeactivated: Bool, at time: Int64) -> ProviderUser {
        var user = ProviderUser()
        (user.isDeactivated, user.deactivationAt) = (isDeactivated, Timestamp(milliseconds: time))
        return user
    }

    private func reason(_ theirs: ProfileFields, at time: Int64, _ app: AppUserRecord?) -> String? {
        var provider = ProviderUser()
        (provider.fields, provider.changedAt) = (theirs, Timestamp(milliseconds: time))
        let push = PushedProfile(id: "u", digest: theirs.digest, isFirst: false)
        return push.reasonNotToSend(.init(app: app, provider: provider, effect: nil))
    }

    private func reason(
        _ kind: PushedState.Kind,
        since: Int64,
        _ provider: ProviderUser?,
        _ app: AppUserRecord?
    ) -> String? {
        let push = PushedState(id: "u", kind: kind, since: Timestamp(milliseconds: since))
        return push.reasonNotToSend(.init(app: app, provider: provider, effect: nil))
    }
}
