import Chat
import Outbox
import Provider
import Testing

@testable import UserSync

/// What is told of users who may be at the provider, or not.
struct IntroductionTests {
    /// Whoever is there keeps what the app says nothing of, and what is newer.
    @Test func whoIsThereKeepsTheRest() throws {
        let task = try task(#"{"name":"A","image":"i"}"#, changedAt: 10)
        #expect(task.isToBeFound)
        let older = Introduction(task, user(updatedAt: 5))
        #expect(!older.isNew && told(older.call) == #"{"image":"i","name":"A"}"#)
        #expect(older.note?.sent.json == #"{"image":"i","language":"de","mood":"x","name":"A"}"#)
        let newer = Introduction(task, user(updatedAt: 20))
        #expect(told(newer.call) == #"{"image":"i"}"#)
        #expect(newer.note?.sent.text("name") == "N" && newer.note?.kept == ["name"])
        #expect(newer.note?.effect == task.effect.key.description)
    }

    /// An earlier call of ours took its time, or its answer got lost: what it brought is not the provider's own word.
    @Test func whatWeToldBeforeIsNoNewerWord() throws {
        let offered = ProfileFields(stored: #"{"image":"h","name":"N"}"#)
        let task = try task(#"{"name":"A"}"#, changedAt: 10, offered: offered)
        #expect(told(Introduction(task, user(updatedAt: 20)).call) == #"{"name":"A"}"#)
        var renamed = user(updatedAt: 20)
        renamed.name = "M"
        #expect(Introduction(task, renamed).note?.kept == ["name"])
    }

    @Test func nothingIsToldThatIsThereAlready() throws {
        let task = try task(#"{"name":"N","language":"de"}"#, changedAt: 10)
        let introduction = Introduction(task, user(updatedAt: 5))
        #expect(introduction.call == nil && !introduction.isNew)
    }

    /// The provider gets all that we know of a user whom it does not have, though the effect tells of one field.
    @Test func whoIsNotThereComesWhole() throws {
        let task = try task(#"{"name":"A","image":"i"}"#, change: #"{"image":"i"}"#, changedAt: 10)
        guard case .upsertUsers(let users)? = Introduction(task, nil).call else {
            Issue.record("no upsert")
            return
        }
        #expect(users[0].name == "A" && users[0].image == "i")
    }

    @Test func whoIsKnownIsNotLookedFor() throws {
        var provider = ProviderUser()
        #expect(try task(#"{"name":"A"}"#, changedAt: 10, provider: provider).isToBeFound)
        provider.fields = ProfileFields()
        #expect(try !task(#"{"name":"A"}"#, changedAt: 10, provider: provider).isToBeFound)
        #expect(try !task(#"{"name":"A"}"#, changedAt: 10, isThere: true).isToBeFound)
        // A call that changes nothing cannot be made.
        #expect(try task("{}", changedAt: 10, isThere: true).isToBeFound)
    }

    @Test(arguments: [
        (EffectState.scheduled, true), (.waiting, true), (.running, true), (.done, true), (.dead, false),
        (.cancelled, false), (.recorded, false),
    ])
    func onlyTheNewestIsTold(_ state: EffectState, _ isSuperseded: Bool) throws {
        var record = AppUserRecord(id: "u")
        record.effect = Self.key(2)
        let older = try #require(ProfileTask(effect("{}"), .init(app: record, provider: nil, effect: state)))
        #expect(older.isSuperseded == isSuperseded)
        record.effect = Self.key(1)
        let newest = try #require(ProfileTask(effect("{}"), .init(app: record, provider: nil, effect: state)))
        #expect(!newest.isSuperseded)
    }

    // MARK: Parts

    private static func key(_ number: Int) -> String { "u/profile-\(number)-0/key/updateUsersPartially" }

    private func effect(_ set: String) -> PendingEffect {
        let set = JSONObjectText(set) ?? .empty
        return PendingEffect(
            key: .init(stored: Self.key(1)),
            destination: .provider,
            lane: "u",
            action: "updateUsersPartially",
            payload: ProviderCall.updateUsersPartially([UserChange(id: "u", set: set)]).json,
            eventTime: Timestamp(milliseconds: 0),
            attempts: 0
        )
    }

    private func task(
        _ fields: String,
        change: String? = nil,
        changedAt: Int64,
        provider: ProviderUser? = nil,
        isThere: Bool = false,
        offered: ProfileFields? = nil
    ) throws -> ProfileTask {
        var record = AppUserRecord(id: "u")
        (record.fields, record.changedAt) = (ProfileFields(stored: fields), Timestamp(milliseconds: changedAt))
        (record.sent, record.effect, record.isThere) = (record.fields, Self.key(1), isThere)
        record.offered = offered
        let sides = AppUserStore.Sides(app: record, provider: provider, effect: .running)
        return try #require(ProfileTask(effect(change ?? fields), sides))
    }

    private func user(updatedAt: Int64) -> User {
        var user = User(id: "u")
        (user.name, user.language, user.custom) = ("N", "de", #"{"mood":"x"}"#)
        user.updatedAt = Timestamp(milliseconds: updatedAt)
        return user
    }

    private func told(_ call: ProviderCall?) -> String? {
        guard case .updateUsersPartially(let changes)? = call else { return nil }
        return changes[0].set.text
    }
}
