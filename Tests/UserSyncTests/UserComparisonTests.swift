import Chat
import JSON
import Provider
import Testing

@testable import UserSync

struct UserComparisonTests {
    @Test(arguments: [
        // The app said nothing of it; said so before; said so later.
        (AppUserRecord.State.active, 0 as Int64, 50 as Int64?, [] as [String], [] as [String]),
        (.active, 40, 50, ["newer at the provider: active"], []),
        (.active, 60, 50, ["deactivated at the provider, active in the app"], ["reactivateUser"]),
        (.deactivated, 60, nil as Int64?, ["active at the provider, deactivated by the app"], ["deactivateUser"]),
        (.deactivated, 60, 50, [], []),
    ])
    func whoIsInOrOut(
        _ state: AppUserRecord.State,
        _ stateAt: Int64,
        _ deactivatedAt: Int64?,
        _ differences: [String],
        _ repairs: [String]
    ) {
        var (app, user) = (record("{}"), user(#"{}"#))
        (app.state, app.stateAt) = (state, Timestamp(milliseconds: stateAt))
        user.deactivatedAt = deactivatedAt.map(Timestamp.init(milliseconds:))
        let comparison = UserComparison(app, user)
        #expect(comparison.differences.map(\.description) == differences)
        #expect(comparison.repairs.map(\.name) == repairs)
    }

    /// The provider's answer does not say when a user was let in again; its event does.
    @Test func whoWasLetInAtTheProviderStaysIn() {
        var app = record("{}")
        (app.state, app.stateAt) = (.deactivated, Timestamp(milliseconds: 50))
        var events = ProviderUser()
        events.deactivationAt = Timestamp(milliseconds: 60)
        let comparison = UserComparison(app, user("{}"), events: events)
        #expect(comparison.differences == [.newerAtProvider(["active"])] && comparison.repairs.isEmpty)
    }

    /// The name was changed in the chat, and the app, which said another before, has spoken of other things since.
    @Test func whatHadWonIsNotTakenBack() {
        var app = record(#"{"image":"j","name":"A"}"#)
        app.sent = ProfileFields(stored: #"{"image":"j","name":"N"}"#)
        app.kept = ["name"]
        (app.changedAt, app.sentAt) = (Timestamp(milliseconds: 30), Timestamp(milliseconds: 30))
        let kept = UserComparison(app, user(#"{"image":"j","name":"N"}"#))
        #expect(kept.differences == [.newerAtProvider(["name"])] && kept.repairs.isEmpty)
        let both = UserComparison(app, user(#"{"image":"k","name":"N","mood":"x"}"#))
        #expect(both.differences == [.newerAtProvider(["name"]), .fields(["image"])])
        // Nothing else of the provider's is touched.
        #expect(both.repairs == [.updateUsersPartially([UserChange(id: "u", set: .init { $0.field("image", "j") })])])
    }

    private func record(_ fields: String) -> AppUserRecord {
        var record = AppUserRecord(id: "u")
        record.fields = ProfileFields(stored: fields)
        return record
    }

    private func user(_ fields: String) -> User {
        let fields = ProfileFields(stored: fields)
        var user = User(id: "u")
        (user.name, user.image) = (fields.text("name"), fields.text("image"))
        if let mood = fields["mood"] { user.custom = #"{"mood":\#(mood)}"# }
        user.updatedAt = Timestamp(milliseconds: 20)
        return user
    }
}
