import Chat
import Foundation
import HTTPClient
import JSON
import Provider
import TestSupport
import Testing

/// The product's own client against the local provider: every call, first and again.
struct ProviderClientTests {
    private static let cid = "messaging:room"
    private static let end = Timestamp(milliseconds: 4_000_000_000_000)

    private func client(of provider: LocalProviderProcess) -> StreamClient {
        StreamClient(
            credentials: StreamCredentials(
                apiKey: LocalProviderProcess.apiKey,
                secret: LocalProviderProcess.secret,
                baseURL: provider.url
            ),
            http: HTTPClient(),
            now: { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) }
        )
    }

    /// In an order in which each finds what it needs; with the entity and operation it leaves behind.
    private static var calls: [(call: ProviderCall, entity: String, operation: String)] {
        var channel = NewChannel(cid: cid, createdBy: "ada")
        channel.members = ["ada"]
        var message = NewMessage(cid: cid, id: "m1", sender: "ada", text: "hello")
        message.mentionedUserIDs = ["bob"]
        return [
            (.upsertUsers([.init(id: "ada"), .init(id: "bob"), .init(id: "cyd")]), "user:ada", "upsert"),
            (.updateUsersPartially([.init(id: "bob", set: .init { $0.field("a", 1) })]), "user:bob", "partial_update"),
            (.createChannel(channel), "channel:\(cid)", "create"),
            (.addMembers(.init(cid: cid, userIDs: ["bob", "cyd"])), "member:\(cid)/bob", "add"),
            (.removeMembers(.init(cid: cid, userIDs: ["cyd"])), "member:\(cid)/cyd", "remove"),
            (
                .updateChannelPartially(.init(cid: cid, set: .init { $0.field("b", 2) })), "channel:\(cid)",
                "partial_update"
            ),
            (.sendMessage(message), "message:m1", "send"),
            (
                .updateMessagePartially(.init(cid: cid, id: "m1", set: .init { $0.field("text", "x") }, by: "ada")),
                "message:m1", "partial_update"
            ),
            (.pinMessage(.init(cid: cid, id: "m1", by: "bob", until: end)), "message:m1", "pin"),
            (.unpinMessage(.init(cid: cid, id: "m1", by: "bob")), "message:m1", "unpin"),
            (.flagMessage(.init(cid: cid, id: "m1", by: "bob", reason: "spam")), "flag:message:m1/bob", "flag"),
            (.markRead(.init(cid: cid, by: "bob")), "read:\(cid)/bob", "read"),
            (.deleteMessage(.init(cid: cid, id: "m1", by: "bob")), "message:m1", "delete"),
            (.undeleteMessage(.init(cid: cid, id: "m1", by: "bob")), "message:m1", "undelete"),
            (.deleteMessage(.init(cid: cid, id: "m1", isHard: true)), "message:m1", "hard_delete"),
            (.mute(.init(target: "bob", by: "ada", until: end)), "mute:ada/bob", "mute"),
            (.unmute(.init(target: "bob", by: "ada")), "mute:ada/bob", "unmute"),
            (.ban(.init(target: "bob", by: "ada", until: end, reason: "spam")), "ban:*/bob", "ban"),
            (.unban(.init(target: "bob")), "ban:*/bob", "unban"),
            (.ban(.init(target: "bob", by: "ada", cid: cid, isShadow: true)), "ban:\(cid)/bob", "ban"),
            (.unban(.init(target: "bob", cid: cid, isShadow: true)), "ban:\(cid)/bob", "unban"),
            (.deactivateUser(.init(id: "cyd", by: "ada")), "user:cyd", "deactivate"),
            (.reactivateUser(.init(id: "cyd", by: "ada")), "user:cyd", "reactivate"),
            (
                .deleteUsers(.init(ids: ["cyd"], users: .hard, messages: .hard, conversations: .hard)), "user:cyd",
                "hard_delete"
            ),
            (.deleteChannel(.init(cid: cid, isHard: true)), "channel:\(cid)", "hard_delete"),
        ]
    }

    /// What waits is committed once, what is flagged is marked once; neither is known before it happens.
    @Test func waitingMessagesAndItemsAreAnswered() async throws {
        let provider = try LocalProviderProcess()
        try await provider.start()
        let client = client(of: provider)
        for (call, _, _) in Self.calls.prefix(3) { _ = await client.perform(call) }
        let waiting = #"{"message":{"id":"p1","text":"x","user_id":"ada"},"pending":true}"#
        #expect(try await provider.call("POST", "/channels/messaging/room/message", waiting).status == 201)
        let commit = ProviderCall.commitMessage(.init(cid: Self.cid, id: "p1", by: "ada"))
        #expect(await client.perform(commit).name == "done")
        #expect(await client.perform(commit).name == "alreadyDone")
        let flag = #"{"target_message_id":"p1","user_id":"bob"}"#
        let flagged = try JSONParser().parse(try await provider.call("POST", "/moderation/flag", flag).body)
        let item = try #require(flagged["review_queue_item_id"]?.string)
        for _ in 0..<2 { #expect(await client.perform(.markReviewed(.init(item: item, by: "ada"))).name == "done") }
        #expect(try await provider.applied("review_item:").map(\.changes) == [1])
        let gone = ProviderCall.markReviewed(.init(item: "none", by: "ada"))
        #expect(await client.perform(gone) == .alreadyDone(.gone))
    }

    /// Flags, undeletions, deactivations and reactivations are refused the second time, which is as good as done.
    @Test func everyCallHappensOnceHoweverOftenItIsMade() async throws {
        let provider = try LocalProviderProcess()
        try await provider.start()
        let client = client(of: provider)
        for (call, entity, operation) in Self.calls {
            let first = await client.perform(call)
            #expect(first.name == "done", "\(operation) \(entity): \(first)")
            let second = await client.perform(call)
            #expect(["done", "alreadyDone"].contains(second.name), "\(operation) \(entity) again: \(second)")
            let applied = try await provider.applied(entity).filter { $0.entity == entity && $0.operation == operation }
            #expect(applied.map(\.changes) == [1], "\(operation) \(entity)")
        }
    }

    @Test func aCallThatMayHaveBeenAppliedIsMadeAgain() async throws {
        let provider = try LocalProviderProcess()
        try await provider.start()
        let client = client(of: provider)
        for (call, _, _) in Self.calls.prefix(3) { _ = await client.perform(call) }
        try await provider.control("PUT", "/faults", #"{"rules":[{"fault":"cut_after_apply","next":1}]}"#)
        let message = ProviderCall.sendMessage(.init(cid: Self.cid, id: "m2", sender: "ada", text: "hi"))
        guard case .retry(_, _, mayHaveBeenApplied: true) = await client.perform(message) else {
            Issue.record("a cut connection may have been applied")
            return
        }
        #expect(await client.perform(message) == .alreadyDone(.exists))
        #expect(try await provider.applied("message:m2") == [.init("message:m2", "send")])
    }

    @Test func hooksAreWrittenAndQueriesAnswered() async throws {
        let provider = try LocalProviderProcess()
        try await provider.start()
        let client = client(of: provider)
        for (call, _, _) in Self.calls.prefix(7) { _ = await client.perform(call) }
        let plan = HookPlan(try await client.appSettings(), wanted: .init(url: "http://127.0.0.1:9/hook"))
        try await client.write(plan)
        #expect(try await client.appSettings().hooks.map(\.url) == ["http://127.0.0.1:9/hook"])
        let channels = try await client.channels(ChannelQuery(filter: .init { $0.field("cid", Self.cid) }, messages: 5))
        #expect(channels.map(\.channel.cid) == [Self.cid])
        #expect(try await client.users(ids: ["ada", "bob", "nobody"]).count == 2)
        _ = await client.perform(.ban(.init(target: "bob", by: "ada", cid: Self.cid)))
        #expect(try await client.bans(in: Self.cid, since: .distantPast, OffsetPage(limit: 10)).count == 1)
    }
}
