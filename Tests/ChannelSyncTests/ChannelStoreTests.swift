import Analytics
import ChannelSync
import Chat
import History
import Limits
import MongoDB
import Outbox
import Provider
import TestSupport
import Testing

/// The desired state and the effects that lead to it, in a real MongoDB.
struct ChannelStoreTests {
    private static let now = Timestamp(milliseconds: 1_900_000_000_000)
    private static let cause = Effect.Cause(.call, "key")
    private static let making = ["createChannel", "updateChannelPartially", "addMembers"]

    @Test func aRepeatedObjectHasOneSetOfEffects() async throws {
        try await withFreshDatabase { pool, database in
            let channels = try ChannelsUnderTest(pool, database)
            let users = (0..<250).map { "u\($0)" }.sorted()
            for _ in 0..<3 {
                let outcome = try channels.put("1", members: users)
                guard case .synced(let channel, _) = outcome else { throw TestFailure("\(outcome)") }
                #expect(channel.version == 1 && channel.isSent)
            }
            let making = ["createChannel", "updateChannelPartially", "addMembers", "addMembers", "addMembers"]
            #expect(try channels.effects().map(\.action) == making)
            #expect(try channels.effects().allSatisfy { $0.lane == "messaging:event-1" && $0.state == .waiting })
            let kept = try #require(try channels.store().channels(kind: "event", objectID: "1", limit: 2).first)
            #expect(kept.desired?.members == users && kept.creator == "ada")
            let fields: [String: String]? = ["name": "\"N\"", "$where": "{\"a.b\":1}"]
            #expect(kept.desired?.fields == fields)

            _ = try channels.put("1", members: Array(users[30...]))
            #expect(try channels.effects().map(\.action).suffix(1) == ["removeMembers"])
        }
    }

    /// Either both are stored or neither: an effect that cannot be written takes the desired state with it.
    @Test func nothingIsStoredWithoutItsEffects() async throws {
        try await withFreshDatabase { pool, database in
            let channels = try ChannelsUnderTest(pool, database)
            try pool.withConnection { connection throws(MongoError) in
                var command = BSONDocument.command("collMod", Collection.outbox.rawValue)
                command.append("validator") { $0.append("never", true) }
                _ = try connection.command(command, on: database)
            }
            #expect(throws: MongoError.self) { try channels.put("1", members: ["ada"]) }
            #expect(try channels.store().channels(kind: "event", objectID: "1", limit: 2).isEmpty)
            try pool.withConnection { connection throws(MongoError) in
                var command = BSONDocument.command("collMod", Collection.outbox.rawValue)
                command.append("validator", BSONDocument())
                _ = try connection.command(command, on: database)
            }
            _ = try channels.put("1", members: ["ada"])
            #expect(try channels.effects().map(\.action) == Self.making)
        }
    }

    /// Many requests for one channel at once: whoever comes second sees what the first has stored.
    @Test func requestsAtOnceAddUp() async throws {
        try await withFreshDatabase { pool, database in
            let channels = try ChannelsUnderTest(pool, database)
            _ = try channels.put("1", members: [])
            let done = Blocked((0..<8).map { number in { try channels.putRepeating("1", members: ["u\(number)"]) } })
            try done.run()
            let kept = try #require(try channels.store().channels(kind: "event", objectID: "1", limit: 2).first)
            #expect(kept.version == 9 && kept.isSent)
            var held: Set<String> = []
            for effect in try channels.effects() {
                switch try ProviderCall(json: effect.payload) {
                case .addMembers(let change): held.formUnion(change.userIDs)
                case .removeMembers(let change): held.subtract(change.userIDs)
                default: continue
                }
            }
            #expect(held.sorted() == kept.desired?.members)
        }
    }

    /// A channel is refused as a whole for one unknown member, and all that follows goes to a channel that there is not.
    @Test(arguments: [EffectState.dead, .cancelled, .stale])
    func aChannelWhoseCreationWasGivenUpIsMadeWithTheNextObject(_ end: EffectState) async throws {
        try await withFreshDatabase { pool, database in
            let channels = try ChannelsUnderTest(pool, database)
            try channels.put("1", members: ["ada", "ghost"])
            try channels.becomes("createChannel", end)
            try channels.put("1", members: ["ada"])
            let remaking = ["createChannel", "updateChannelPartially", "removeMembers", "addMembers"]
            #expect(try channels.effects().map(\.action).dropFirst(3) == remaking[...])
            // On its way now.
            try channels.put("1", members: ["ada"])
            #expect(try channels.effects().count == 7)
            // What has not changed is made good as well.
            try channels.becomes("createChannel", end)
            try channels.put("1", members: ["ada"])
            #expect(try channels.effects().map(\.action).dropFirst(7) == Self.making[...])
            try channels.becomes("createChannel", .done)
            try channels.put("1", members: ["ada"])
            try channels.put("1", members: ["ada", "bob"])
            #expect(try channels.effects().map(\.action).dropFirst(10) == ["addMembers"])
        }
    }

    /// Corrected while the provider still refuses it: that will not be made, and what follows must not build on it.
    @Test func aChannelThatIsBeingRefusedIsCorrected() async throws {
        try await withFreshDatabase { pool, database in
            let channels = try ChannelsUnderTest(pool, database)
            try channels.put("1", members: ["ada", "ghost"])
            try channels.becomes("createChannel", .waiting, failures: 1)
            try channels.put("1", members: ["ada", "ghost"])
            #expect(try channels.effects().count == 3)
            try channels.put("1", members: ["ada"])
            let remaking = ["createChannel", "updateChannelPartially", "removeMembers", "addMembers"]
            #expect(try channels.effects().map(\.action).dropFirst(3) == remaking[...])
        }
    }

    @Test func aDeletedChannelMissesNoCreation() async throws {
        try await withFreshDatabase { pool, database in
            let channels = try ChannelsUnderTest(pool, database)
            try channels.put("1", members: ["ada"])
            try channels.becomes("createChannel", .dead)
            for _ in 0..<2 {
                _ = try channels.store().apply(
                    .delete(isHard: true),
                    to: "messaging:event-1",
                    cause: Self.cause,
                    at: Self.now
                )
            }
            #expect(try channels.effects().map(\.action).dropFirst(3) == ["deleteChannel"])
        }
    }

    @Test func aChannelBelongsToOneObject() async throws {
        try await withFreshDatabase { pool, database in
            let channels = try ChannelsUnderTest(pool, database)
            _ = try channels.put("1", members: [])
            var other = channels.desired("2", members: ["eve"])
            other.cid = "messaging:event-1"
            let outcome = try channels.store().apply(
                .put(other, again: false),
                to: other.cid,
                cause: Self.cause,
                at: Self.now
            )
            guard case .taken(let kind, let object) = outcome else { throw TestFailure("\(outcome)") }
            #expect((kind, object) == ("event", "1"))
            #expect(try channels.effects().count == 2)
            let unknown = try channels.store().apply(.archive(true), to: "a:b", cause: Self.cause, at: Self.now)
            guard case .unknown = unknown else { throw TestFailure("\(unknown)") }
        }
    }

    @Test(arguments: [EffectMode.record, .off])
    func whatIsNotPerformedIsNotSent(_ mode: EffectMode) async throws {
        try await withFreshDatabase { pool, database in
            let channels = try ChannelsUnderTest(pool, database)
            _ = try channels.put("1", members: ["ada"], mode: mode)
            _ = try channels.put("1", members: ["ada"], mode: mode)
            #expect(try channels.effects().map(\.state) == (mode == .off ? [] : [.recorded, .recorded, .recorded]))
            let kept = try #require(try channels.store().channels(kind: "event", objectID: "1", limit: 2).first)
            #expect(!kept.isSent && kept.sent == nil && kept.desired?.members == ["ada"])
            _ = try channels.put("1", members: ["ada"])
            #expect(try channels.effects().filter { $0.state == .waiting }.map(\.action) == Self.making)
        }
    }
}
