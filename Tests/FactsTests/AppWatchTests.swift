import Facts
import Limits
import MongoDB
import TestSupport
import Testing

/// What the app changes in its own database is noticed.
struct AppWatchTests {
    private static func status(_ store: FactStore, _ id: String) async throws -> Fact {
        let key = FactKey(kind: "listing", id: id)
        return try await blocking { store.load([key])[key, "status"] }
    }

    private static func listing(_ id: String, ref: String, _ status: String) -> BSONDocument {
        doc {
            $0.append("_id", id)
            $0.append("ref", ref)
            $0.append("status", status)
        }
    }

    private static func set(_ name: String, _ value: String) -> BSONDocument {
        doc { $0.append("$set") { $0.append(name, value) } }
    }

    private static func id(_ id: String) -> BSONDocument { doc { $0.append("_id", id) } }

    /// Each step changes a thing that was remembered, in another way.
    @Test(arguments: [["_id"], ["ref"]])
    func everyChangeIsNoticed(_ key: [String]) async throws {
        try await withWatchedFacts { facts in
            let mapping = FactMapping(kind: "listing", collection: "listings", key: key, fields: ["status": ["status"]])
            let store = try facts.node([mapping])
            let name = "\(facts.appDatabase).listings"
            func apply(_ work: @escaping @Sendable (MongoConnection) throws(MongoError) -> Void) async throws {
                try await blocking { try facts.pool.withConnection(work) }
            }
            let (database, thing) = (facts.appDatabase, key == ["_id"] ? "7" : "r7")
            try await watching(store) { reports in
                try await reports.watching(name)
                #expect(try await Self.status(store, thing) == .missing)
                try await apply { (connection) throws(MongoError) in
                    try connection.insert([Self.listing("7", ref: "r7", "a")], into: "listings", in: database)
                }
                try await reports.changed(name)
                #expect(try await Self.status(store, thing) == .value(.string("a")))
                try await apply { (connection) throws(MongoError) in
                    let update = MongoUpdate(filter: Self.id("7"), update: Self.set("status", "b"))
                    _ = try connection.update([update], in: "listings", of: database)
                }
                try await reports.changed(name)
                #expect(try await Self.status(store, thing) == .value(.string("b")))
                try await apply { (connection) throws(MongoError) in
                    let update = MongoUpdate(filter: Self.id("7"), update: Self.listing("7", ref: "r7", "c"))
                    _ = try connection.update([update], in: "listings", of: database)
                }
                try await reports.changed(name)
                #expect(try await Self.status(store, thing) == .value(.string("c")))
                if key == ["ref"] {
                    try await apply { (connection) throws(MongoError) in
                        let update = MongoUpdate(filter: Self.id("7"), update: Self.set("ref", "r8"))
                        _ = try connection.update([update], in: "listings", of: database)
                    }
                    try await reports.changed(name)
                    #expect(try await Self.status(store, "r7") == .missing)
                    #expect(try await Self.status(store, "r8") == .value(.string("c")))
                }
                let last = key == ["ref"] ? "r8" : "7"
                try await apply { (connection) throws(MongoError) in
                    _ = try connection.delete([(Self.id("7"), 1)], in: "listings", of: database)
                }
                try await reports.changed(name)
                #expect(try await Self.status(store, last) == .missing)
                try await apply { (connection) throws(MongoError) in
                    try connection.insert([Self.listing("7", ref: "r8", "d")], into: "listings", in: database)
                }
                try await reports.changed(name)
                #expect(try await Self.status(store, last) == .value(.string("d")))
                try await apply { (connection) throws(MongoError) in
                    _ = try connection.command(doc { $0.append("drop", "listings") }, on: database)
                }
                try await reports.changed(name)
                #expect(try await Self.status(store, last) == .missing)
                // A dropped collection ends the stream: another has been opened.
                try await reports.watching(name)
                try await apply { (connection) throws(MongoError) in
                    try connection.insert([Self.listing("7", ref: "r8", "e")], into: "listings", in: database)
                }
                try await reports.changed(name)
                #expect(try await Self.status(store, last) == .value(.string("e")))
            }
        }
    }

    /// Where nothing can be watched, facts are read all the same, and it is said once.
    @Test func aStandaloneServerIsReadWithoutWatching() async throws {
        let server = try await MongoServer(.standalone)
        let uri = server.uri
        try await withWatchedFacts { facts in
            let pool = try MongoPool(uri: uri, appName: "test", limits: .init())
            let database = facts.appDatabase
            try await blocking {
                try pool.withConnection { connection throws(MongoError) in
                    try connection.insert([Self.listing("7", ref: "r7", "a")], into: "listings", in: database)
                }
            }
            let mapping = FactMapping(kind: "listing", collection: "listings", fields: ["status": ["status"]])
            let store = try facts.node([mapping], uri: uri)
            try await watching(store) { reports in
                try await reports.first {
                    if case .refused("\(database).listings", let reason) = $0 { !reason.isEmpty } else { false }
                }
                #expect(try await Self.status(store, "7") == .value(.string("a")))
            }
        }
        await server.stop()
    }

    /// What changed while the connection was broken is noticed when it is back.
    @Test func aBrokenConnectionIsTakenUpAgain() async throws {
        let server = try await MongoServer()
        let uri = server.uri
        try await withWatchedFacts { facts in
            let pool = try MongoPool(uri: uri, appName: "test", limits: .init())
            let (database, name) = (facts.appDatabase, "\(facts.appDatabase).listings")
            let mapping = FactMapping(kind: "listing", collection: "listings", fields: ["status": ["status"]])
            let store = try facts.node([mapping], uri: uri)
            func write(_ status: String) async throws {
                try await blocking {
                    let update = MongoUpdate(filter: Self.id("7"), update: Self.set("status", status), upsert: true)
                    try pool.withConnection { connection throws(MongoError) in
                        _ = try connection.update([update], in: "listings", of: database)
                    }
                }
            }
            try await watching(store) { reports in
                try await reports.watching(name)
                try await write("a")
                try await reports.changed(name)
                #expect(try await Self.status(store, "7") == .value(.string("a")))
                await server.kill()
                try await reports.first { if case .interrupted(name, _) = $0 { true } else { false } }
                #expect(try await Self.status(store, "7") == .value(.string("a")))
                try await server.start()
                try await write("b")
                try await reports.changed(name)
                #expect(try await Self.status(store, "7") == .value(.string("b")))
            }
        }
        await server.stop()
    }
}
