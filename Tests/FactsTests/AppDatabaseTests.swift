import Chat
import History
import Limits
import MongoDB
import Telemetry
import TestSupport
import Testing

@testable import Facts

struct AppDatabaseTests {
    private static let oid: [UInt8] = (0..<12).map { 0xa0 + $0 }
    private static let oidText = "a0a1a2a3a4a5a6a7a8a9aaab"
    private static let uuidText = "00010203-0405-0607-0809-0a0b0c0d0e0f"

    private static func mapping(
        _ key: [String] = ["_id"],
        _ type: FactMapping.KeyType = .string,
        _ fields: [String: [String]] = ["status": ["status"]],
        collection: String = "listings"
    ) -> FactMapping {
        FactMapping(kind: "listing", collection: collection, key: key, keyType: type, fields: fields)
    }

    private static func listing(_ id: String) -> FactKey { FactKey(kind: "listing", id: id) }

    @Test func readsEveryType() async throws {
        try await withFacts { facts in
            let document = doc {
                $0.append("_id", "7")
                $0.append("s", "text")
                $0.append("i", Int32(-1))
                $0.append("l", Int64.max)
                $0.append("d", 2.5)
                $0.append("whole", 2.0)
                $0.append("b", true)
                $0.append("t", date: 1_000)
                $0.append("oid", value: .objectID(Self.oid))
                $0.append("uuid", uuid: Array(0..<16))
                $0.append("list") { (array: inout BSONArray) in
                    array.append("a")
                    array.append(value: .objectID(Self.oid))
                }
                $0.append("mixed") { (array: inout BSONArray) in array.append(Int32(1)) }
                $0.append("owner") { $0.append("id") { $0.append("value", "u1") } }
                $0.append("bytes", [1])
                $0.append("nan", Double.nan)
                $0.appendNull("null")
                $0.append("secret", "never mapped")
            }
            try facts.insert("listings", [document])
            try facts.update("listings", .id("7")) { $0.append("x", Int32(1)) }
            let names = document.map(\.key).filter { $0 != "secret" }
            var fields = Dictionary(uniqueKeysWithValues: names.map { ($0, [$0]) })
            fields["owner_id"] = ["owner", "id", "value"]
            fields["through_text"] = ["s", "x"]
            let (store, key) = (try facts.node([Self.mapping(["_id"], .string, fields)]), Self.listing("7"))
            let table = store.load([key])
            let expected: [String: FactValue] = [
                "_id": .string("7"), "s": .string("text"), "i": .integer(-1), "l": .integer(Int64.max),
                "d": .double(2.5),
                "whole": .double(2), "b": .bool(true), "t": .time(Timestamp(milliseconds: 1_000)),
                "oid": .string(Self.oidText), "uuid": .string(Self.uuidText), "list": .strings(["a", Self.oidText]),
                "owner_id": .string("u1"),
            ]
            #expect(Dictionary(uniqueKeysWithValues: table.fields(of: key).map { ($0.name, $0.value) }) == expected)
            for name in ["mixed", "owner", "bytes", "nan", "null", "secret", "through_text"] {
                #expect(table[key, name] == .missing, "\(name)")
            }
        }
    }

    @Test func decimalsBecomeNumbers() async throws {
        try await withFacts { facts in
            try facts.insert("wallets", [doc { $0.append("_id", "7") }])
            let pipeline = doc {
                $0.append("update", "wallets")
                $0.append("updates") { (array: inout BSONArray) in
                    array.append {
                        $0.append("q", BSONDocument())
                        $0.append("u") { (stages: inout BSONArray) in
                            stages.append {
                                $0.append("$set") {
                                    $0.append("balance") { $0.append("$toDecimal", "12.50") }
                                    $0.append("whole") { $0.append("$toDecimal", "1E+3") }
                                    $0.append("endless") { $0.append("$toDecimal", "Infinity") }
                                }
                            }
                        }
                    }
                }
            }
            try facts.pool.withConnection { connection throws(MongoError) in
                _ = try connection.command(pipeline, on: facts.appDatabase)
            }
            let fields = ["balance": ["balance"], "whole": ["whole"], "endless": ["endless"]]
            let (store, key) = (
                try facts.node([Self.mapping(["_id"], .string, fields, collection: "wallets")]), Self.listing("7")
            )
            let table = store.load([key])
            #expect(table[key, "balance"] == .value(.double(12.5)))
            #expect(table[key, "whole"] == .value(.integer(1_000)))
            #expect(table[key, "endless"] == .missing)
        }
    }

    struct KeyCase: CustomTestStringConvertible, Sendable {
        let type: FactMapping.KeyType
        let found: [String]
        let missing: [String]
        let store: @Sendable (inout BSONDocument, String) -> Void
        var testDescription: String { type.rawValue }
    }

    @Test(arguments: [
        KeyCase(type: .string, found: ["7", "$a.b"], missing: ["8"]) { $0.append($1, "7") },
        KeyCase(type: .integer, found: ["7"], missing: ["07", "+7", "7.0", "x", "", "99999999999999999999"]) {
            $0.append($1, Int32(7))
        },
        KeyCase(type: .integer, found: ["7"], missing: ["8"]) { $0.append($1, 7.0) },
        KeyCase(type: .objectID, found: [oidText, oidText.uppercased()], missing: ["7", oidText + "0", "zz"]) {
            $0.append($1, value: .objectID(oid))
        },
        KeyCase(
            type: .uuid,
            found: [uuidText, uuidText.uppercased()],
            missing: ["7", "000102030405060708090a0b0c0d0e0f"]
        ) {
            $0.append($1, uuid: Array(0..<16))
        },
    ])
    func findsByAnyKey(_ example: KeyCase) async throws {
        try await withFacts { facts in
            for path in [["_id"], ["ref"], ["external", "ref"]] {
                let collection = path.joined(separator: "-")
                try facts.insert(
                    collection,
                    [
                        doc { document in
                            guard path.count == 1 else {
                                document.append("_id", Int32(1))
                                return document.append("external") { example.store(&$0, "ref") }
                            }
                            if path != ["_id"] { document.append("_id", Int32(1)) }
                            example.store(&document, path[0])
                        }
                    ]
                )
                try facts.update(collection, BSONDocument()) { $0.append("status", "active") }
                let store = try facts.node([Self.mapping(path, example.type, collection: collection)])
                let keys = (example.found + example.missing).map(Self.listing)
                let table = store.load(Set(keys))
                for id in example.found where id != "$a.b" {
                    #expect(table[Self.listing(id), "status"] == .value(.string("active")), "\(path) \(id)")
                }
                for id in example.missing { #expect(table[Self.listing(id), "status"] == .missing, "\(path) \(id)") }
            }
        }
    }

    /// A path and the beginning of it are refused together by MongoDB.
    @Test func overlappingPathsAreReadTogether() async throws {
        try await withFacts { facts in
            try facts.insert(
                "listings",
                [
                    doc {
                        $0.append("_id", Int32(1))
                        $0.append("a") {
                            $0.append("key", "7")
                            $0.append("b") { $0.append("c", "x") }
                        }
                    }
                ]
            )
            let fields = ["whole": ["a"], "b": ["a", "b"], "c": ["a", "b", "c"]]
            let store = try facts.node([Self.mapping(["a", "key"], .string, fields)])
            #expect(store.load([Self.listing("7")])[Self.listing("7"), "c"] == .value(.string("x")))
        }
    }

    @Test func whatCannotBeToldApartIsMissingAndSaidOnce() async throws {
        try await withFacts { facts in
            try facts.insert(
                "listings",
                (0..<2).map { number in
                    doc {
                        $0.append("_id", Int32(number))
                        $0.append("ref", "7")
                        $0.append("status", "active")
                    }
                }
            )
            let store = try facts.node([Self.mapping(["ref"])])
            for _ in 0..<2 {
                #expect(store.load([Self.listing("7")])[Self.listing("7"), "status"] == .missing)
                facts.clock.advance(seconds: 60)
            }
            #expect(facts.log.all.count { $0.contains("several documents have the same key") } == 1)
            #expect(!facts.log.all.joined().contains("active"))
        }
    }

    @Test func theOrderDecides() async throws {
        try await withFacts { facts in
            try facts.insert(
                "listings",
                [
                    doc {
                        $0.append("_id", "7")
                        $0.append("status", "active")
                    }
                ]
            )
            try facts.put("listing", "7", ["status": .string("sold"), "note": .string("x")])
            let key = Self.listing("7")
            let byPush = try facts.node([Self.mapping()]).load([key])
            #expect(byPush[key, "status"] == .value(.string("sold")))
            let byApp = try facts.node([Self.mapping()], order: [.app, .pushed]).load([key])
            #expect(byApp[key, "status"] == .value(.string("active")))
            #expect(byApp[key, "note"] == .value(.string("x")))
            let alone = try facts.node([Self.mapping()], order: [.app]).load([key])
            #expect(alone[key, "note"] == .missing)
        }
    }

    @Test func anAbsentDatabaseIsUnavailable() async throws {
        let port = try closedPort()
        try await withFacts { facts in
            let store = try facts.node([Self.mapping()], uri: "mongodb://127.0.0.1:\(port)/")
            let key = Self.listing("7")
            guard case .unavailable(let reason) = store.load([key])[key, "status"] else {
                Issue.record("a guess")
                return
            }
            #expect(reason.contains("APP_MONGODB_URI"))
            #expect(store.load([FactKey(kind: "order", id: "1")])[FactKey(kind: "order", id: "1"), "x"] == .missing)
        }
    }

    @Test func aMappingNeedsADatabase() throws {
        let error = #expect(throws: MongoError.self) {
            try AppDatabase(uri: "mongodb://127.0.0.1:1/", mappings: [Self.mapping()], limits: .init(), log: .none)
        }
        #expect(error?.description.contains("kind listing have no database") == true)
        #expect(throws: Never.self) {
            try AppDatabase(uri: "mongodb://127.0.0.1:1/shop", mappings: [Self.mapping()], limits: .init(), log: .none)
        }
        let wrong = #expect(throws: MongoError.self) {
            try AppDatabase(uri: "mongodb://u:hush@:x/", mappings: [], limits: .init(), log: .none)
        }
        #expect(wrong?.description.contains("APP_MONGODB_URI") == true)
        #expect(wrong?.description.contains("hush") == false)
    }
}
