import Chat
import HTTPServer
import JSON
import Limits
import Testing

@testable import Provider

struct StreamQueryTests {
    private static let hooks = #"{"hook_type":"sqs", "enabled":true}"#

    @Test func hooksAreReadMergedAndWritten() async throws {
        let app = #"{"app":{"name":"shop","use_hook_v2":true,"event_hooks":[\#(Self.hooks)]},"duration":"1ms"}"#
        try await ScriptedProvider.run({ _ in ScriptedProvider.json(200, app) }) { client, provider in
            let settings = try await client.appSettings()
            #expect(settings.name == "shop" && settings.usesHooks)
            let plan = HookPlan(settings, wanted: HookPlan.Wanted(url: "https://shop.example/in"))
            try await client.write(plan)
            #expect(provider.received.map(\.head.method) == ["GET", "GET", "PATCH"])
            #expect(provider.received.allSatisfy { $0.head.path == "/app" })
            let written =
                #"{"event_hooks":[\#(Self.hooks),{"enabled":true,"hook_type":"webhook","event_types":[],"webhook_url":"https://shop.example/in"}]}"#
            #expect(provider.received.last?.body == written)
        }
    }

    /// Writing replaces the whole list, so what somebody added meanwhile would be lost.
    @Test func hooksThatChangedMeanwhileAreNotOverwritten() async throws {
        let app = #"{"app":{"event_hooks":[\#(Self.hooks)]}}"#
        try await ScriptedProvider.run({ _ in ScriptedProvider.json(200, app) }) { client, provider in
            let plan = HookPlan(AppSettings(), wanted: HookPlan.Wanted(url: "https://shop.example/in"))
            await #expect(throws: ProviderError.hooksChanged) { try await client.write(plan) }
            #expect(provider.received.map(\.head.method) == ["GET"])
        }
    }

    @Test func channelsComeWithTheirParts() async throws {
        let answer = """
            {"channels":[{"channel":{"cid":"messaging:l-7","id":"l-7","type":"messaging","name":"L","listing_id":"7"},
            "messages":[{"id":"m-1","text":"Hi","user":{"id":"ada","name":"Ada"},"type":"regular",
            "created_at":"2026-05-08T10:11:12.345678Z","offer_id":"o-1"},{"text":"no id"}],
            "members":[{"user_id":"ada","user":{"id":"ada"},"channel_role":"channel_member"}],
            "read":[{"user":{"id":"ada"},"last_read":"2026-05-08T10:11:12Z","unread_messages":0}]}],"duration":"1ms"}
            """
        try await ScriptedProvider.run({ _ in ScriptedProvider.json(201, answer) }) { client, provider in
            let query = ChannelQuery(
                filter: JSONObjectText { $0.field("type", "messaging") },
                order: [ChannelQuery.Order("last_message_at", isAscending: false)],
                limit: 500,
                offset: 30,
                messages: 1_000,
                members: 7
            )
            let states = try await client.channels(query)
            #expect(
                provider.received.first?.body
                    == #"{"filter_conditions":{"type":"messaging"},"sort":[{"field":"last_message_at","direction":-1}],"limit":30,"offset":30,"message_limit":300,"member_limit":7,"state":true}"#
            )
            let state = try #require(states.first)
            #expect(state.channel.cid == "messaging:l-7" && state.channel.name == "L")
            #expect(state.channel.context[.listing] == "7")
            let message = try #require(state.messages.first)
            #expect(message.value.cid == "messaging:l-7" && message.value.sender?.name == "Ada")
            #expect(message.value.createdAt == Timestamp(rfc3339: "2026-05-08T10:11:12.345678Z"))
            #expect(message.value.offerID == "o-1" && message.json.hasPrefix(#"{"id":"m-1","text":"Hi""#))
            #expect(state.messages.count == 1 && state.unreadable == 1)
            #expect(state.members.map(\.value.channelRole) == ["channel_member"])
        }
    }

    @Test(arguments: [
        (MessagePage.Position.newest, #""messages":{"limit":300}"#),
        (.before("m-1"), #""messages":{"limit":300,"id_lt":"m-1"}"#),
        (.after("m-1"), #""messages":{"limit":300,"id_gt":"m-1"}"#),
        (.since("2026-05-08T10:11:12Z"), #""messages":{"limit":300,"created_at_after":"2026-05-08T10:11:12Z"}"#),
    ])
    func oneChannelIsPaged(_ position: MessagePage.Position, _ messages: String) async throws {
        let answer = #"{"channel":{"cid":"messaging:l-7"},"messages":[],"members":[]}"#
        try await ScriptedProvider.run({ _ in ScriptedProvider.json(201, answer) }) { client, provider in
            let state = try await client.state(
                of: "messaging:l-7",
                by: "ada",
                messages: MessagePage(limit: 5_000, position),
                members: OffsetPage(limit: 100, offset: 200)
            )
            #expect(state.channel.cid == "messaging:l-7")
            #expect(provider.received.first?.head.path == "/channels/messaging/l-7/query")
            #expect(
                provider.received.first?.body
                    == #"{"data":{"created_by_id":"ada"},"state":true,\#(messages),"members":{"limit":100,"offset":200}}"#
            )
        }
    }

    @Test func usersAndBansAreRead() async throws {
        let answer = """
            {"users":[{"id":"ada","name":"Ada","shop":7,"banned":false}],
            "bans":[{"user":{"id":"eve"},"banned_by":{"id":"mod"},"shadow":true,"reason":"spam",
            "expires":"2026-05-08T10:11:12Z","channel":{"cid":"messaging:l-7"},"created_at":"2026-05-08T10:00:00Z"},
            {"user":{"id":"bob"},"reason":""}]}
            """
        try await ScriptedProvider.run({ _ in ScriptedProvider.json(200, answer) }) { client, provider in
            let users = try await client.users(ids: ["ada", "bob"])
            #expect(users.map(\.value.name) == ["Ada"])
            #expect(users.map(\.value.custom) == [#"{"shop":7}"#])
            let created = try #require(Timestamp(rfc3339: "2026-05-08T10:00:00Z"))
            let bans = try await client.bans(in: "messaging:l-7", since: created, OffsetPage(limit: 100))
            var eve = Ban(userID: "eve")
            (eve.shadow, eve.reason, eve.by) = (true, "spam", "mod")
            eve.expires = Timestamp(rfc3339: "2026-05-08T10:11:12Z")
            #expect(
                bans == [
                    StandingBan(ban: eve, user: #"{"id":"eve"}"#, cid: "messaging:l-7", createdAt: created),
                    StandingBan(ban: Ban(userID: "bob"), user: #"{"id":"bob"}"#),
                ]
            )
            #expect(provider.received.map(\.head.path) == ["/users", "/query_banned_users"])
            let payloads = provider.received.compactMap { $0.head.query.last?.value }
            #expect(
                payloads == [
                    #"{"filter_conditions":{"id":{"$in":["ada","bob"]}},"limit":2,"include_deactivated_users":true}"#,
                    #"{"filter_conditions":{"created_at":{"$gte":"\#(created.rfc3339)"},"channel_cid":"messaging:l-7"},"sort":[{"field":"created_at","direction":1}],"limit":100,"offset":0}"#,
                ]
            )
        }
    }

    @Test func failuresAreSortedByWhatToDo() async throws {
        let answer: @Sendable (ScriptedProvider.Received) -> HTTPResponse = { request in
            switch request.head.path {
            case "/app": ScriptedProvider.json(401, #"{"code":43,"message":"hush"}"#)
            case "/users": ScriptedProvider.json(400, #"{"code":4,"message":"hush"}"#)
            case "/channels": ScriptedProvider.json(201, #"{"duration":"1ms"}"#)
            default: ScriptedProvider.json(503, "", [(name: "Retry-After", value: "3")])
            }
        }
        try await ScriptedProvider.run(answer) { client, _ in
            let settings = await Self.failure { () throws(ProviderError) in try await client.appSettings() }
            #expect(settings.hasPrefix("misconfigured GetApp, answered 401, code 43"))
            let users = await Self.failure { () throws(ProviderError) in try await client.users(ids: ["ada"]) }
            #expect(users == "refused QueryUsers, answered 400, code 4: a value is not accepted")
            let none = await Self.failure { () throws(ProviderError) in try await client.users(ids: []) }
            #expect(none.hasPrefix("refused QueryUsers: 0 users"))
            let channels = await Self.failure { () throws(ProviderError) in
                try await client.channels(ChannelQuery(filter: .empty))
            }
            #expect(channels.hasPrefix("unavailable QueryChannels: the answer lacks"))
            let bans = await Self.failure { () throws(ProviderError) in
                try await client.bans(in: nil, since: .distantPast, OffsetPage(limit: 1))
            }
            #expect(bans.hasPrefix("unavailable(3.0 seconds) QueryBannedUsers, answered 503"))
        }
    }

    private static func failure<Value>(_ query: () async throws(ProviderError) -> Value) async -> String {
        do throws(ProviderError) {
            _ = try await query()
            return "none"
        } catch {
            switch error {
            case .unavailable(_, let after): return "unavailable\(after.map { "(\($0))" } ?? "") \(error)"
            case .refused: return "refused \(error)"
            case .misconfigured: return "misconfigured \(error)"
            case .hooksChanged: return "changed \(error)"
            }
        }
    }
}
