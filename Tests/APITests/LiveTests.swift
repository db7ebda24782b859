import API
import Foundation
import HTTPServer
import History
import Limits
import Live
import TestSupport
import Testing

/// `GET /api/v1/live` over real connections and MongoDB's change streams.
struct LiveTests {
    private static func messages(_ range: Range<Int>, by user: String = "ada") -> [String] {
        range.map { Story.message("m\($0)", "text \($0)", by: user) }
    }

    private static func ids(_ events: [LiveClient.Event]) -> [String] {
        events.map { $0.data["message_id"]?.string ?? "?" }
    }

    /// Runs `body` with a client, which blocks, on a thread of its own.
    private static func client<R: Sendable>(
        _ service: TestService,
        _ query: String = "figures=false",
        headers: [String: String] = [:],
        _ body: @escaping @Sendable (LiveClient, @escaping @Sendable ([String]) throws -> Void) throws -> R
    ) async throws -> R {
        let port = service.server.port
        let (orders, order) = AsyncStream.makeStream(of: (bodies: [String], done: DispatchSemaphore).self)
        let storing = Task {
            for await (bodies, done) in orders {
                try await service.store(bodies)
                done.signal()
            }
        }
        defer { order.finish() }
        let result = try await blocking {
            let client = try LiveClient(port: port, query, headers: headers)
            return try body(client) { bodies in
                let done = DispatchSemaphore(value: 0)
                order.yield((bodies, done))
                guard done.wait(timeout: .now() + 30) == .success else { throw TestFailure("events were not stored") }
            }
        }
        order.finish()
        try await storing.value
        return result
    }

    private static func untilNobodyReads(_ service: TestService) async throws {
        let live = service.live
        try await eventually("a reader is still there") { live.readers == 0 }
    }

    @Test func eventsAreToldAsTheyAreStored() async throws {
        try await withService { service in
            try await service.store(Self.messages(0..<3))
            let events = try await Self.client(service) { client, store in
                #expect(client.status == 200)
                #expect(client.headers.contains("Content-Type: text/event-stream"))
                #expect(try client.next()?.comment == "following")
                try store(Self.messages(3..<5))
                try store([Story.reaction("like", to: "m3", by: "bob", at: "2026-05-08T10:01:00.000Z")])
                return try client.stored(3)
            }
            #expect(Self.ids(events) == ["m3", "m4", "?"])
            #expect(events.map { $0.data["type"] } == ["message.new", "message.new", "reaction.new"])
            let first = events[0].data
            #expect(first["cid"] == "messaging:listing_7_ada_bob" && first["sender_id"] == "ada")
            #expect(first["users"] == ["ada", "bob"] && events[2].data["users"] == ["bob"])
            #expect(first["at"] == "2026-05-08T10:00:00.000Z" && first["received"] == "2026-05-20T12:00:00.000Z")
            #expect(first["text"] == nil && first["erased"] == false && first["id"]?.string?.utf8.count == 64)
            let moments = events.compactMap { $0.id.flatMap { LogMoment($0) } }
            #expect(moments.count == 3 && moments == moments.sorted() && Set(moments).count == 3)
            #expect(moments[0].time == moments[1].time, "of one transaction")
        }
    }

    @Test(arguments: [
        ("type=reaction.new", ["?"]), ("type=message.*", ["m1", "m2"]), ("user=bob", ["m2", "?"]),
        ("user=ada&type=message.new", ["m1"]), ("channel=messaging:b", ["m2"]), ("listing=7", ["m1"]),
        ("listing=8", ["m2"]),
    ])
    func filters(_ query: String, _ expected: [String]) async throws {
        try await withService { service in
            let events = try await Self.client(service, "figures=false&\(query)") { client, store in
                _ = try client.next()
                let about = #","listing_id":"\#("8")""#
                try store([
                    Story.message("m1", in: "messaging:a", more: #","listing_id":"7""#),
                    Story.message("m2", by: "bob", in: "messaging:b", more: about),
                    Story.reaction("like", to: "m1", by: "bob", at: "2026-05-08T10:01:00.000Z"),
                ])
                return try client.stored(expected.count)
            }
            #expect(Self.ids(events) == expected)
        }
    }

    @Test func textsComeWhenAskedForAndOpeningIsAudited() async throws {
        try await withService { service in
            let events = try await Self.client(service, "figures=false&text=true&user=ada") { client, store in
                _ = try client.next()
                try store([
                    Story.message("m1", "line\\nbreak \\u2028"),
                    Story.message("m2", String(repeating: "x", count: 2_100)),
                ])
                return try client.stored(2)
            }
            #expect(events[0].data["text"] == "line\nbreak \u{2028}" && events[0].data["text_cut"] == nil)
            #expect(events[1].data["text"]?.string?.count == 2_000 && events[1].data["text_cut"] == true)
            let trail = try await service.get("/api/v1/audit?action=live.read")
            #expect(trail["data"]?.array?.count == 1)
            #expect(trail["data"]?[0]?["details"]?["text"] == "true")
        }
    }

    /// By the feed's memory, or by the log itself, some events at a time, which another node has to do.
    @Test(arguments: [2_000, 3]) func whoComesBackMissesNothingAndGetsNothingTwice(eventsKept: Int) async throws {
        var setup = TestService.Setup()
        (setup.limits.live.eventsKept, setup.limits.live.catchUpEvents) = (eventsKept, 7)
        try await withService(setup) { service in
            let first = try await Self.client(service) { client, store in
                _ = try client.next()
                try store(Self.messages(0..<20))
                return try client.stored(10)
            }
            try await service.store(Self.messages(20..<40))
            let id = try #require(first.last?.id)
            for headers in [["Last-Event-ID": id], [:]] {
                let query = headers.isEmpty ? "figures=false&lastEventId=\(id)" : "figures=false"
                let rest = try await Self.client(service, query, headers: headers) { client, store in
                    _ = try client.next()
                    try store(Self.messages(headers.isEmpty ? 45..<50 : 40..<45))
                    return try client.stored(headers.isEmpty ? 40 : 35)
                }
                #expect(Self.ids(first + rest) == (0..<(headers.isEmpty ? 50 : 45)).map { "m\($0)" })
            }
        }
    }

    @Test func anotherNodeGoesOnWhereOneStopped() async throws {
        let name = freshDatabaseName()
        let (one, other) = try (
            TestService(uri: sharedMongoURI(), database: name), TestService(uri: sharedMongoURI(), database: name)
        )
        let first = try await Self.client(one) { client, store in
            _ = try client.next()
            try store(Self.messages(0..<10))
            return try client.stored(4)
        }
        await one.stop()
        let id = try #require(first.last?.id)
        let rest = try await Self.client(other, headers: ["Last-Event-ID": id]) { client, store in
            _ = try client.next()
            try store(Self.messages(10..<12))
            return try client.stored(8)
        }
        #expect(Self.ids(first + rest) == (0..<12).map { "m\($0)" })
        await other.stop()
        try await blocking { try dropDatabase(name, in: try sharedMongoPool()) }
    }

    @Test func whatMongoDBNoLongerKnowsIsSaidToBeLost() async throws {
        try await withService { service in
            let (lost, next) = try await Self.client(service, headers: ["Last-Event-ID": "0000000100000000-0"]) {
                client,
                store in
                _ = try client.next()
                let lost = try client.next()
                try store(Self.messages(0..<1))
                return (lost?.event ?? "\(String(describing: lost))", Self.ids(try client.stored(1)))
            }
            #expect(lost == "lost" && next == ["m0"])
        }
    }

    @Test(arguments: [
        "x", "12-3", "zzzzzzzzzzzzzzzz-0", "ffffffffffffffff-0", "0000000100000000--1", "0000000100000000-",
    ])
    func idsThatAreNone(_ id: String) async throws {
        try await withService { service in
            let answer = try await service.send("GET", "/api/v1/live", headers: ["Last-Event-ID": id])
            #expect(answer.status == 400)
            #expect(try answer.problem().parameter == "Last-Event-ID")
            #expect(try await service.send("GET", "/api/v1/live?lastEventId=\(id)").status == 400)
        }
    }

    @Test func readersAreLimited() async throws {
        var setup = TestService.Setup()
        setup.limits.live.readers = 1
        try await withService(setup) { service in
            _ = try await Self.client(service) { client, _ in _ = try client.next() }
            // The place is free once the server has noticed that the reader has gone.
            try await Self.untilNobodyReads(service)
            try await Self.client(service) { client, _ in
                _ = try client.next()
                let second = try LiveClient(port: service.server.port)
                #expect(second.status == 503)
                #expect(second.headers.contains("Retry-After: 10"))
            }
        }
    }

    @Test func whoReadsTooSlowlyIsDropped() async throws {
        var setup = TestService.Setup()
        setup.limits.live.eventsPerReader = 50
        (setup.limits.http.streamBytes, setup.limits.http.streamStallSeconds) = (4_096, 1)
        try await withService(setup) { service in
            let port = service.server.port
            let slow = try await blocking { LiveBox(try LiveClient(port: port, "figures=false", receiveBuffer: 4_096)) }
            for batch in 0..<20 { try await service.store(Self.messages((batch * 200)..<(batch * 200 + 200))) }
            try await Self.untilNobodyReads(service)
            let read = try await blocking {
                var count = 0
                while try slow.client.stored() != nil { count += 1 }
                return count
            }
            #expect(read < 4_000)
            #expect(!slow.client.hasEnded)
        }
    }

    @Test func figuresCountWhatTheLogHolds() async throws {
        try await withService { service in
            try await service.store(Self.messages(0..<3))
            let figures = try await Self.client(service, "") { client, store in
                // What is stored before the log is followed counts for the day, and is no rate.
                #expect(try client.next()?.comment == "following")
                try store(Self.messages(3..<5))
                // They come every second, so the client never waits long, whatever they say.
                for _ in 0..<60 {
                    let event = try client.next()
                    if event?.data["stored_today"] == 5, event?.data["stored_per_second"] != 0 { return event?.data }
                }
                throw TestFailure("60 times there was no figure of 5 events stored today, and a rate")
            }
            #expect(figures?["queue_rows"] == 0 && figures?["open_reviews"] == 0 && figures?["readers"] == 1)
            #expect(figures?["at"] == "2026-05-20T12:00:00.000Z")
        }
    }

    @Test func silenceIsBroken() async throws {
        var setup = TestService.Setup()
        setup.limits.live.heartbeatSeconds = 1
        try await withService(setup) { service in
            let comments = try await Self.client(service) { client, _ in
                try (0..<3).map { _ in try client.next()?.comment }
            }
            #expect(comments == ["following", "nothing new", "nothing new"])
        }
    }

    @Test func stoppingEndsTheFeedCleanly() async throws {
        try await withService { service in
            let port = service.server.port
            let reader = try await blocking {
                let client = try LiveClient(port: port)
                _ = try client.next()
                return LiveBox(client)
            }
            await service.server.stop()
            let isEnd = try await blocking { try reader.client.stored() == nil && reader.client.hasEnded }
            #expect(isEnd)
        }
    }
}

/// Hands a client from one thread to the next; one at a time uses it.
private final class LiveBox: @unchecked Sendable {
    let client: LiveClient
    init(_ client: LiveClient) { self.client = client }
}
