import Limits
import TestSupport
import Testing

@testable import MongoDB

/// Failures that need no server, or only the shared one.
struct MongoErrorTests {
    private static let secret = "hunter2"

    @Test(arguments: ["", "localhost", "http://localhost", "mongodb://", "mongodb://user:hunter2@"])
    func refusesAnUnusableAddressWithoutQuotingIt(_ uri: String) {
        let error = #expect(throws: MongoError.self) { try MongoPool(uri: uri, appName: "test", limits: .init()) }
        #expect(error?.kind == .invalidArgument)
        #expect(error?.description.contains("MONGODB_URI") == true)
        #expect(error?.description.contains(Self.secret) == false)
    }

    @Test func anAddressMayNameItsDatabase() throws {
        func database(_ uri: String) throws -> String? {
            try MongoPool(uri: uri, appName: "test", limits: .init()).defaultDatabase
        }
        #expect(try database("mongodb://127.0.0.1/chat") == "chat")
        #expect(try database("mongodb://127.0.0.1/?w=1") == nil)
    }

    @Test func nobodyThere() async throws {
        let uri = "mongodb://127.0.0.1:\(try closedPort())/?serverSelectionTimeoutMS=100"
        let error = try await failure(uri)
        #expect(error.kind == .unreachable)
        #expect(error.isTransient)
    }

    @Test func everyConnectionInUse() async throws {
        let uri = try sharedMongoURI() + "&maxPoolSize=1&waitQueueTimeoutMS=20"
        try await blocking {
            let pool = try MongoPool(uri: uri, appName: "test", limits: .init())
            let error = #expect(throws: MongoError.self) {
                try pool.withConnection { _ throws(MongoError) in try pool.withConnection { _ in } }
            }
            #expect(error?.kind == .timedOut)
            #expect(throws: Never.self) { try pool.withConnection { _ in } }  // given back
        }
    }

    @Test func namesTheDocumentThatWasStoredAlready() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { connection throws(MongoError) in
                let large = String(repeating: "x", count: 5 * 1_048_576)
                let documents = ["a", "b", Self.secret, Self.secret].map { key in
                    doc {
                        $0.append("_id", key)
                        $0.append("text", large)
                    }
                }
                let error = #expect(throws: MongoError.self) {
                    try connection.insert(documents, into: "things", in: name)  // more than one command
                }
                #expect(error?.kind == .duplicateKey)
                #expect(error?.code == 11000)
                #expect(error?.index == 3)
                #expect(error?.isTransient == false)
                #expect(error?.description.contains(Self.secret) == false)
                #expect(error?.description.contains("things") == true)
            }
        }
    }

    @Test func unorderedUpdatesGoOnAfterAFailure() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { connection throws(MongoError) in
                let text = doc {
                    $0.append("_id", Int32(1))
                    $0.append("n", Self.secret)
                }
                try connection.insert([text, id(2)], into: "things", in: name)
                let error = #expect(throws: MongoError.self) {
                    try connection.update(
                        [1, 2].map { MongoUpdate(filter: id($0), update: increment("n")) },
                        in: "things",
                        of: name
                    )
                }
                #expect(error?.kind == .refused(code: 14))
                #expect(error?.index == 0)
                #expect(error?.isTransient == false)
                #expect(error?.description.contains(Self.secret) == false)
                #expect(try connection.all("things", in: name).last?.int64("n") == 1)
            }
        }
    }

    @Test func documentsOverTheServersLimits() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { connection throws(MongoError) in
                let text = String(repeating: "x", count: 9 * 1_048_576)
                let half = doc {
                    $0.append("_id", Int32(1))
                    $0.append("a", text)
                }
                var whole = half
                whole.append("b", text)
                try connection.insert([half], into: "things", in: name)
                let grow = doc { $0.append("$set", document: { $0.append("b", text) }) }
                let failures = [
                    #expect(throws: MongoError.self) { try connection.insert([whole], into: "things", in: name) },
                    #expect(throws: MongoError.self) {
                        _ = try connection.update([MongoUpdate(filter: id(1), update: grow)], in: "things", of: name)
                    },
                    #expect(throws: MongoError.self) { try connection.insert([deep(181)], into: "things", in: name) },
                    #expect(throws: MongoError.self) { try connection.insert([deep(250)], into: "things", in: name) },
                ]
                for error in failures {
                    #expect(error?.kind == .tooLarge, "\(String(describing: error))")
                    #expect(error?.isTransient == false)
                }
            }
        }
    }

    @Test func aQueryOverItsTime() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { connection throws(MongoError) in
                try connection.insert([id(1)], into: "things", in: name)
                let slow = doc { $0.append("$where", "sleep(1000) || true") }
                let error = #expect(throws: MongoError.self) {
                    try connection.find("things", slow, in: name, options: .init(maxTimeMS: 20)) { _ in true }
                }
                #expect(error?.kind == .timedOut)
            }
        }
    }

    @Test(arguments: [
        ("dup key: { _id: \"a\" }", "dup key: …"),
        ("field 'it's' of", "field …"),
        ("said \"a\" twice", "said …"),
        ("Can't do that", "Can't do that"),
    ])
    func messagesLoseTheirContent(_ message: String, _ expected: String) {
        #expect(MongoError.withoutContent(message) == expected)
    }

    private func deep(_ levels: Int) -> BSONDocument {
        var document = id(2)
        for _ in 1..<levels {
            let inner = document
            document = id(2)
            document.append("a", inner)
        }
        return document
    }
}

/// What pinging `uri` throws.
func failure(_ uri: String, _ database: String = "admin") async throws -> MongoError {
    try await blocking {
        let pool = try MongoPool(uri: uri, appName: "test", limits: .init())
        let find = doc { $0.append("find", "things") }
        do throws(MongoError) {
            _ = try pool.withConnection { connection throws(MongoError) in try connection.command(find, on: database) }
        } catch {
            return error
        }
        throw TestFailure("nothing failed")
    }
}
