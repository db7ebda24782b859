import ChannelSync
import Chat
import JSON
import Outbox
import Provider
import Testing

struct ChannelDecisionTests {
    private static let cid = "messaging:event-1"
    private static let now = Timestamp(milliseconds: 1_900_000_000_000)
    /// The channel may be there already: creating it leaves its data and members as they are.
    private static let making = ["createChannel", "updateChannelPartially", "addMembers"]

    @Test(arguments: try ChannelFixture.all("differences"))
    func callsLeadFromOneToTheOther(_ fixture: ChannelFixture) throws {
        let json = try fixture.json
        let desired = try #require(json["desired"]).content
        let calls =
            if let held = json["held"]?.content {
                ChannelDifference.changing(Self.cid, from: held, to: desired, membersPerCall: 100)
            } else {
                ChannelDifference.creating(Self.desired(desired), membersPerCall: 100)
            }
        let expected = try #require(json["calls"]).array.map { try ProviderCall(json: $0.serialized()) }
        #expect(calls == expected)
    }

    @Test func whatIsThereHasNoEffect() throws {
        let first = try #require(Self.decide(.put(Self.desired("N"), again: false), on: nil))
        #expect(first.channel.version == 1 && first.channel.isSent && first.calls.map(\.name) == Self.making)
        #expect(Self.decide(.put(Self.desired("N"), again: false), on: first.channel) == nil)
        let again = try #require(Self.decide(.put(Self.desired("N"), again: true), on: first.channel))
        #expect(again.calls.map(\.name) == Self.making && again.channel.version == 2)
    }

    @Test func anArchivedChannelStaysClosedUntilItIsOpened() throws {
        let active = try #require(Self.decide(.put(Self.desired("N"), again: false), on: nil)).channel
        let archived = try #require(Self.decide(.archive(true), on: active))
        #expect(archived.channel.state == .archived)
        #expect(archived.calls == [Self.change(#"{"archived":true,"frozen":true}"#)])
        #expect(Self.decide(.archive(true), on: archived.channel) == nil)
        let renamed = try #require(Self.decide(.put(Self.desired("M"), again: false), on: archived.channel))
        #expect(renamed.channel.state == .archived && renamed.calls == [Self.change(#"{"name":"M"}"#)])
        let opened = try #require(Self.decide(.archive(false), on: renamed.channel))
        #expect(opened.channel.state == .active)
        #expect(opened.calls == [Self.change("{}", unset: ["archived", "frozen"])])
    }

    @Test func aDeletedChannelCanBeMadeAnew() throws {
        let active = try #require(Self.decide(.put(Self.desired("N"), again: false), on: nil)).channel
        let deleted = try #require(Self.decide(.delete(isHard: false), on: active))
        #expect(deleted.channel.state == .deleted)
        #expect(deleted.calls == [.deleteChannel(ChannelDeletion(cid: Self.cid))])
        #expect(Self.decide(.delete(isHard: false), on: deleted.channel) == nil)
        let forGood = try #require(Self.decide(.delete(isHard: true), on: deleted.channel))
        #expect(forGood.calls == [.deleteChannel(ChannelDeletion(cid: Self.cid, isHard: true))])
        #expect(Self.decide(.delete(isHard: false), on: forGood.channel) == nil)
        let anew = try #require(Self.decide(.put(Self.desired("N"), again: false), on: forGood.channel))
        #expect(anew.calls.map(\.name) == Self.making && anew.channel.version == 4)
        #expect(anew.channel.state == .active && !anew.channel.isHardDeleted)
    }

    /// What was recorded only has not reached the provider: once effects are on, it is made good.
    @Test(arguments: [EffectMode.record, .off])
    func whatWasNotPerformedIsMadeGood(_ mode: EffectMode) throws {
        let sent = try #require(Self.decide(.put(Self.desired("N"), again: false), on: nil)).channel
        let recorded = try #require(Self.decide(.put(Self.desired("M"), again: false), on: sent, mode: mode))
        #expect(!recorded.channel.isSent && recorded.calls == [Self.change(#"{"name":"M"}"#)])
        #expect(Self.decide(.put(Self.desired("M"), again: false), on: recorded.channel, mode: mode) == nil)
        let performed = try #require(Self.decide(.put(Self.desired("M"), again: false), on: recorded.channel))
        #expect(performed.channel.isSent && performed.calls == recorded.calls)
        let back = try #require(Self.decide(.put(Self.desired("N"), again: false), on: recorded.channel))
        #expect(back.channel.isSent && back.calls.isEmpty)

        let unsent = try #require(Self.decide(.put(Self.desired("N"), again: false), on: nil, mode: mode)).channel
        let closed = try #require(Self.decide(.archive(true), on: unsent, mode: mode)).channel
        let made = try #require(Self.decide(.put(Self.desired("N"), again: false), on: closed))
        #expect(made.calls.map(\.name) == Self.making && made.channel.state == .archived)
    }

    @Test func whatThereIsNotCannotBeClosed() {
        #expect(Self.decide(.archive(true), on: nil) == nil)
        #expect(Self.decide(.delete(isHard: true), on: nil) == nil)
    }

    // MARK: Parts

    private static func decide(
        _ request: ChannelRequest,
        on known: SyncedChannel?,
        mode: EffectMode = .on
    ) -> ChannelDecision? {
        .decide(request, on: known, mode: mode, membersPerCall: 100, at: now)
    }

    private static func desired(_ name: String) -> DesiredChannel {
        desired(ChannelContent(fields: ["name": "\"\(name)\""], members: ["ada"]))
    }

    private static func desired(_ content: ChannelContent) -> DesiredChannel {
        DesiredChannel(kind: "event", objectID: "1", cid: cid, creator: "ada", content: content)
    }

    private static func change(_ set: String, unset: [String] = []) -> ProviderCall {
        .updateChannelPartially(ChannelChange(cid: cid, set: JSONObjectText(set) ?? .empty, unset: unset))
    }
}
