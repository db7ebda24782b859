import Analytics
import Chat
import Facts
import History
import Limits
import MongoDB
import TestSupport
import Testing

struct PushedFactsTests {
    private static let key = FactKey(kind: "listing", id: "7")

    @Test func areKeptAsTheyWereTold() async throws {
        try await withFacts { facts in
            let fields: [String: FactValue] = [
                "status": .string("active"), "price": .double(12.5), "views": .integer(Int64.max), "sold": .bool(false),
                "tags": .strings(["a", "b"]), "$where": .string("x"), "a.b": .string("\0\u{1F600}\""),
                "__proto__": .integer(1),
            ]
            for id in ["7", "a/b", "%2F", "$id", "a.b", String(repeating: "é", count: 512)] {
                try facts.put("listing", id, fields)
                let key = FactKey(kind: "listing", id: id)
                let table = try facts.node().load([key])
                for (name, value) in fields { #expect(table[key, name] == .value(value), "\(id) \(name)") }
                #expect(table[key, "stock"] == .missing)
            }
            #expect(
                try facts.node().load([FactKey(kind: "user", id: "7")])[FactKey(kind: "user", id: "7"), "status"]
                    == .missing
            )
        }
    }

    @Test func eachTakesThePlaceOfTheOneBefore() async throws {
        try await withFacts { facts in
            let pushed = PushedFacts(try facts.history.opened())
            try facts.put("listing", "7", ["status": .string("active"), "price": .integer(1)])
            try facts.put("listing", "7", ["status": .string("sold")])
            let table = try facts.node().load([Self.key])
            #expect(table[Self.key, "status"] == .value(.string("sold")))
            #expect(table[Self.key, "price"] == .missing)
            #expect(try pushed.remove(Self.key))
            #expect(try !pushed.remove(Self.key))
            #expect(try facts.node().load([Self.key])[Self.key, "status"] == .missing)
        }
    }

    /// Whoever may not wait goes by what was, until what changed has been read: unknown, it would let everything through.
    @Test func whatChangedIsRememberedUntilItIsRead() async throws {
        try await withFacts { facts in
            let (store, nobody) = (try facts.node(), ChatRecords())
            try facts.put("listing", "7", ["status": .string("active")])
            _ = store.load([Self.key])
            try facts.put("listing", "7", ["status": .string("sold")])
            store.forget([Self.key], from: .pushed)
            #expect(store.remembered([Self.key], knowing: nobody)[Self.key, "status"] == .value(.string("active")))
            #expect(store.load([Self.key])[Self.key, "status"] == .value(.string("sold")))
            #expect(store.remembered([Self.key], knowing: nobody)[Self.key, "status"] == .value(.string("sold")))
        }
    }

    /// That there is nothing of a kind is remembered as a whole, until the first of it is told.
    @Test func theFirstOfItsKindIsSeen() async throws {
        try await withFacts { facts in
            let (store, other) = (try facts.node(), FactKey(kind: "listing", id: "8"))
            #expect(store.load([Self.key, other])[Self.key, "status"] == .missing)
            try facts.put("listing", "7", ["status": .string("active")])
            #expect(store.load([Self.key])[Self.key, "status"] == .missing, "remembered")
            store.forget([Self.key], from: .pushed)
            let table = store.load([Self.key, other])
            #expect(table[Self.key, "status"] == .value(.string("active")))
            #expect(table[other, "status"] == .missing)
        }
    }

    @Test func manyAreLoadedAtOnce() async throws {
        try await withFacts { facts in
            let records = (0..<2_500).map { number in
                (
                    key: FactKey(kind: "listing", id: "\(number)"),
                    record: FactRecord(["number": .integer(Int64(number))])
                )
            }
            try PushedFacts(try facts.history.opened()).put(records, at: Timestamp(milliseconds: 0))
            let store = try facts.node()
            for _ in 0..<2 {
                let table = store.load(Set(records.map(\.key) + [FactKey(kind: "listing", id: "none")]))
                #expect(records.allSatisfy { table[$0.key, "number"] == $0.record.fields["number"].map { .value($0) } })
                #expect(table[FactKey(kind: "listing", id: "none"), "number"] == .missing)
            }
        }
    }

    @Test func areRememberedUntilTheyAreForgottenOrOld() async throws {
        try await withFacts { facts in
            let store = try facts.node()
            func status() -> Fact { store.load([Self.key])[Self.key, "status"] }
            #expect(status() == .missing)
            try facts.put("listing", "7", ["status": .string("a")])
            #expect(status() == .missing)
            facts.clock.advance(seconds: 5)
            #expect(status() == .value(.string("a")))
            try facts.put("listing", "7", ["status": .string("b")])
            facts.clock.advance(seconds: 59)
            #expect(status() == .value(.string("a")))
            facts.clock.advance(seconds: 1)
            #expect(status() == .value(.string("b")))
            try facts.put("listing", "7", ["status": .string("c")])
            store.forget([Self.key], from: .pushed)
            #expect(status() == .value(.string("c")))
        }
    }

    /// What one node is told, the others notice.
    @Test func otherNodesNotice() async throws {
        try await withWatchedFacts { facts in
            let store = try facts.node()
            try await watching(store) { reports in
                try await reports.watching("facts")
                for status in ["a", "b"] {
                    _ = try await blocking { store.load([Self.key]) }
                    try await blocking { try facts.put("listing", "7", ["status": .string(status)]) }
                    try await reports.changed("facts")
                    let fact = try await blocking { store.load([Self.key])[Self.key, "status"] }
                    #expect(fact == .value(.string(status)))
                }
                try await blocking { _ = try PushedFacts(try facts.history.opened()).remove(Self.key) }
                try await reports.changed("facts")
                #expect(try await blocking { store.load([Self.key])[Self.key, "status"] } == .missing)
            }
        }
    }

    @Test func withoutMongoDBTheyAreUnavailable() async throws {
        let server = try await MongoServer()
        let uri = server.uri
        await server.kill()
        try await blocking {
            let pool = try MongoPool(uri: uri, appName: "test", limits: .init())
            let patterns = try ContextPatterns()
            let history = HistoryHandle { () throws(HistoryError) in
                try HistoryStore.attach(
                    pool: pool,
                    database: "test",
                    app: AppIdentity(id: nil, apiKeys: []),
                    patterns: patterns,
                    weights: EngagementWeights()
                )
            }
            let clock = TestClock()
            let store = FactStore(history: history, app: nil, limits: .init(), now: { clock.now })
            guard case .unavailable(let reason) = store.load([Self.key])[Self.key, "status"] else {
                Issue.record("a guess")
                return
            }
            #expect(reason.contains("MONGODB_URI"))
        }
    }
}
