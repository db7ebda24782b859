import Foundation
import HTTPClient
import JSON
import TestSupport
import Testing

/// Business objects become channels at the provider, and what happens there returns as history and figures.
struct ChannelSyncTests {
    @Test func anEventsChannelFollowsItsParticipants() async throws {
        try await withServiceAndProvider { service, provider in
            let users = (0..<290).map { String(format: "u%03d", $0) }
            try await provider.makeUsers(users)
            let event = "/api/v1/channels/event/42"

            try await service.put(event, participants: users[..<250])
            try await service.performed("messaging:event-42", 5)
            #expect(try await provider.members("messaging", "event-42") == Set(users[..<250]))
            #expect(try await provider.channel("messaging", "event-42")?["name"]?.string == "Open air")
            #expect(try await provider.channel("messaging", "event-42")?["event_id"]?.string == "42")

            // Thirty go, forty come, and nobody is touched who stays.
            try await service.put(event, participants: users[30...])
            try await service.performed("messaging:event-42", 7)
            #expect(try await provider.members("messaging", "event-42") == Set(users[30...]))
            let changes = try await provider.applied("member:messaging:event-42/")
            // The first hundred come with the channel; adding them is for a channel that is there already.
            #expect(changes.filter { $0.operation == "add" && $0.changes == 1 }.count == 150 + 40)
            #expect(changes.filter { $0.operation == "remove" && $0.changes == 1 }.count == 30)
            #expect(changes.allSatisfy { $0.calls == 1 } && changes.count == 250 + 40 + 30)
            try await service.put(event, participants: users[30...])

            #expect(try await service.send("POST", "\(event)/archive").status == 200)
            try await service.performed("messaging:event-42", 8)
            let archived = try await provider.channel("messaging", "event-42")
            #expect(archived?["frozen"]?.bool == true && archived?["archived"]?.bool == true)

            #expect(try await service.send("DELETE", "\(event)?hard=true").status == 200)
            try await service.performed("messaging:event-42", 9)
            #expect(try await provider.channel("messaging", "event-42") == nil)
            let channel = try await provider.applied("channel:messaging:event-42")
            #expect(Set(channel.map(\.operation)) == ["create", "partial_update", "hard_delete"])
            #expect(channel.allSatisfy { $0.calls == ($0.operation == "partial_update" ? 2 : 1) })

            try await provider.webhooksSettled()
            try await service.drained()
            let known = try await service.get("/api/v1/channels/messaging:event-42")
            #expect(String(decoding: known.body, as: UTF8.self).contains(#""event_id":"42""#))
        }
    }

    /// Made by the app before anybody listened: creating it again would leave it as it is.
    @Test func aChannelThatIsThereIsBroughtUpToDate() async throws {
        try await withServiceAndProvider { service, provider in
            try await provider.makeUsers(["ada", "bob", "u030"])
            let old = #"{"data":{"created_by_id":"u030","name":"Old","rating":5,"members":["bob"]}}"#
            let isMade = try await provider.call("POST", "/channels/messaging/event-42/query", old).status == 201
            #expect(isMade)
            try await service.put("/api/v1/channels/event/42", participants: ["ada"])
            try await service.performed("messaging:event-42", 3)
            let channel = try await provider.channel("messaging", "event-42")
            #expect(channel?["name"]?.string == "Open air" && channel?["rating"]?.int64 == 5)
            #expect(try await provider.members("messaging", "event-42") == ["ada", "bob"])
        }
    }

    @Test func anOfferIsSentOnceAndCountsForItsListing() async throws {
        try await withServiceAndProvider { service, provider in
            try await provider.makeUsers(["bob", "sue"])
            let listing = "/api/v1/channels/listing/7"
            let object = #"{"name":"Bicycle","buyer":"bob","seller":"sue","price":120}"#
            #expect(try await service.send("PUT", listing, object).status == 200)
            let offer = #"{"id":"offer-1","text":"100?","type":"offer","sender":"bob","custom":{"amount":100}}"#
            let first = try await service.send("POST", "\(listing)/messages", offer)
            #expect(first.status == 202)
            for _ in 0..<3 { #expect(try await service.send("POST", "\(listing)/messages", offer).status == 200) }
            try await service.performed("messaging:listing_7_bob_sue", 4)
            #expect(try await service.send("POST", "\(listing)/messages", offer).status == 200)
            let id = try #require(try JSONParser().parse(first.body)["message_id"]?.string)
            #expect(try await provider.applied("message:") == [.init("message:\(id)", "send")])

            try await provider.webhooksSettled()
            try await service.drained()
            let figures = try JSONParser().parse(try await service.get("/api/v1/listings/7").body)
            #expect(figures["message_count"]?.int64 == 1)
            let page = try await service.get("\(StoredAnswers.messages)/listing/7?type=offer")
            let message = try #require(try JSONParser().parse(page.body)["data"]?.array.first { _ in true })
            #expect(message["_id"]?.string == id && message["text"]?.string == "100?")
            #expect(message["listing_id"]?.string == "7")
        }
    }

    /// The participants' users come later than the event: nobody has to do anything about it.
    @Test func aChannelWaitsForItsUsers() async throws {
        try await withServiceAndProvider { service, provider in
            let event = "/api/v1/channels/event/1"
            try await service.put(event, participants: ["ada"])
            try await service.eventually {
                let shown = try JSONParser().parse(try await service.get(event).body)
                let effects = shown["data"]?.array.first { _ in true }?["effects"]?.array
                let effect = effects?.first { $0["action"]?.string == "createChannel" }
                guard effect?["state"]?.string != "dead" else { throw TestFailure("dead") }
                return effect?["answer"]?.string?.contains("not there yet") == true
            }
            try await provider.makeUsers(["ada", "u030"])
            try await service.performed("messaging:event-1", 3)
            #expect(try await provider.members("messaging", "event-1") == ["ada"])
        }
    }

    // MARK: Surroundings

    private func withServiceAndProvider(
        _ body: (ServiceUnderTest, LocalProviderProcess) async throws -> Void
    ) async throws {
        let provider = try LocalProviderProcess()
        try await provider.start()
        let service = try ServiceUnderTest(
            mongoURI: try sharedMongoURI(),
            settings: [
                "GETSTREAM_API_KEY": LocalProviderProcess.apiKey,
                "GETSTREAM_API_SECRET": LocalProviderProcess.secret,
                "GETSTREAM_BASE_URL": provider.url,
                "EFFECTS": "on",
            ]
        )
        try await service.start()
        try await service.reports(mongoDB: "up")
        let hook = #"{"hook_type":"webhook","webhook_url":"\#(service.webhookURL)","event_types":[]}"#
        let isHooked = try await provider.call("PATCH", "/app", #"{"event_hooks":[\#(hook)]}"#).status == 200
        #expect(isHooked)
        let result: Result<Void, any Error>
        do { result = .success(try await body(service, provider)) } catch { result = .failure(error) }
        #expect(await service.stop() == 0)
        #expect(await provider.stop() == 0)
        try await service.dropDatabase()
        try result.get()
    }
}

extension LocalProviderProcess {
    fileprivate func makeUsers(_ ids: [String]) async throws {
        for start in stride(from: 0, to: ids.count, by: 100) {
            let users = ids[start..<min(start + 100, ids.count)].map { #""\#($0)":{"id":"\#($0)"}"# }
            let answer = try await call("POST", "/users", #"{"users":{\#(users.joined(separator: ","))}}"#)
            guard answer.status == 201 else { throw TestFailure("users: \(answer.status)") }
        }
    }

    /// `nil` for a channel that there is not.
    fileprivate func channel(_ type: String, _ id: String) async throws -> JSONValue? {
        let filter = #"{"filter_conditions":{"cid":"\#(type):\#(id)"},"member_limit":0,"message_limit":0}"#
        let answer = try JSONParser().parse(try await call("POST", "/channels", filter).body)
        guard let channels = answer["channels"] else { throw TestFailure("no channels") }
        return channels.array.first { _ in true }?["channel"]
    }

    fileprivate func members(_ type: String, _ id: String) async throws -> Set<String> {
        var members: Set<String> = []
        while true {
            let query = """
                {"type":"\(type)","id":"\(id)","filter_conditions":{},"limit":100,"offset":\(members.count)}
                """
            let payload = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let answer = try JSONParser().parse(try await call("GET", "/members?payload=\(payload)").body)
            guard let page = answer["members"] else { throw TestFailure("no members") }
            let ids = page.array.compactMap { $0["user_id"]?.string }
            members.formUnion(ids)
            if ids.count < 100 { return members }
        }
    }
}

extension ServiceUnderTest {
    fileprivate func put(_ path: String, participants: some Collection<String>) async throws {
        let list = participants.map { "\"\($0)\"" }.joined(separator: ",")
        let answer = try await send("PUT", path, #"{"name":"Open air","participants":[\#(list)],"created_by":"u030"}"#)
        guard answer.status == 200 else { throw TestFailure(String(decoding: answer.body, as: UTF8.self)) }
    }

    /// Returns once so many effects of a lane are done.
    fileprivate func performed(_ lane: String, _ count: Int) async throws {
        try await eventually {
            let answer = try JSONParser().parse(try await get("/api/v1/effects?state=done&lane=\(lane)").body)
            let found = answer["data"]?.array.count { _ in true } ?? 0
            guard found <= count else { throw TestFailure("\(found) of \(count) effects of \(lane) are done") }
            return found == count
        }
    }
}
