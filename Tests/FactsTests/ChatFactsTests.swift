import Chat
import Crypto
import Facts
import History
import JSON
import TestSupport
import Testing

struct ChatFactsTests {
    private static let events = [
        #"""
        {"type":"user.updated","created_at":"2026-05-08T10:00:00Z","user":{"id":"ada","name":"Ada","role":"user",
         "image":"https://x/a.png","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-05-08T10:00:00Z",
         "is_verified":true,"level":3,"name_parts":{"a":1}}}
        """#,
        #"""
        {"type":"user.banned","created_at":"2026-05-08T10:00:00Z","user":{"id":"bob"},
         "expiration":"2027-01-15T08:00:30Z","reason":"spam"}
        """#,
        #"""
        {"type":"channel.created","created_at":"2026-05-08T10:00:00Z","cid":"messaging:listing_7_ada_bob",
         "channel_id":"listing_7_ada_bob","channel_type":"messaging","channel":{"id":"listing_7_ada_bob",
         "type":"messaging","cid":"messaging:listing_7_ada_bob","name":"Chair","frozen":false,
         "created_at":"2026-05-08T10:00:00Z","updated_at":"2026-05-08T10:00:00Z","city":"Oslo"}}
        """#,
    ]

    @Test func usersAndChannelsAreFacts() async throws {
        try await withFacts { facts in
            try facts.store(Self.events)
            let store = try facts.node()
            let (ada, bob) = (FactKey(kind: "user", id: "ada"), FactKey(kind: "user", id: "bob"))
            let channel = FactKey(kind: "channel", id: "messaging:listing_7_ada_bob")
            let table = store.load([ada, bob, channel, FactKey(kind: "user", id: "none")])
            #expect(table[ada, "name"] == .value(.string("Ada")))
            #expect(table[ada, "is_verified"] == .value(.bool(true)))
            #expect(table[ada, "level"] == .value(.integer(3)))
            #expect(table[ada, "name_parts"] == .missing)
            #expect(table[ada, "banned"] == .value(.bool(false)))
            #expect(table[ada, "created_at"].value?.instant == Timestamp(rfc3339: "2026-01-01T00:00:00Z"))
            #expect(table[bob, "banned"] == .value(.bool(true)))
            #expect(table[channel, "listing_id"] == .value(.string("7")))
            #expect(table[channel, "seller_id"] == .value(.string("bob")))
            #expect(table[channel, "city"] == .value(.string("Oslo")))
            #expect(table[channel, "frozen"] == .value(.bool(false)))
            #expect(table[FactKey(kind: "user", id: "none"), "name"] == .missing)
            // The clock of the test stands half a minute before the ban ends.
            facts.clock.advance(seconds: 30)
            #expect(store.load([bob])[bob, "banned"] == .value(.bool(false)))
        }
    }

    /// What the app says goes before what the chat says, unless it is told otherwise.
    @Test func theAppGoesFirst() async throws {
        try await withFacts { facts in
            try facts.store(Self.events)
            try facts.put("user", "ada", ["name": .string("Ada L."), "email": .string("ada@example.com")])
            let ada = FactKey(kind: "user", id: "ada")
            let first = try facts.node().load([ada])
            #expect(first[ada, "name"] == .value(.string("Ada L.")))
            #expect(first[ada, "role"] == .value(.string("user")))
            let last = try facts.node(order: [.chat, .pushed]).load([ada])
            #expect(last[ada, "name"] == .value(.string("Ada")))
            #expect(last[ada, "email"] == .value(.string("ada@example.com")))
        }
    }

    @Test func erasureTakesWhatTheAppTold() async throws {
        try await withFacts { facts in
            try facts.put("user", "ada", ["email": .string("ada@example.com")])
            try facts.put("user", "bob", ["email": .string("bob@example.com")])
            let store = try facts.history.opened()
            #expect(try store.knows(user: "ada"))
            let report = try store.erase(user: "ada", at: facts.clock.now)
            #expect(report[.facts] == 1)
            let (ada, bob) = (FactKey(kind: "user", id: "ada"), FactKey(kind: "user", id: "bob"))
            let table = try facts.node().load([ada, bob])
            #expect(table[ada, "email"] == .missing)
            #expect(table[bob, "email"] == .value(.string("bob@example.com")))
        }
    }
}

extension FactsUnderTest {
    /// Stores events as the worker would.
    fileprivate func store(_ bodies: [String]) throws {
        let writer = try HistoryWriter(try history.opened())
        let provider = StreamProvider()
        let parser = JSONParser()
        let events = try bodies.map { body in
            let bytes = Array(body.utf8)
            let event = try provider.decode(
                bytes,
                id: EventID(bytes: SHA256.digest(bytes)),
                receivedAt: clock.now,
                parser: parser
            )
            return ReceivedEvent(event: event, body: bytes, signature: [])
        }
        _ = try writer.commit(events)
    }
}
