import Limits
import MongoDB
import TestSupport
import Testing

/// Servers that are killed, frozen, of the wrong kind or guarded: each test has its own, one at a time.
@Suite(.serialized)
struct MongoOutageTests {
    @Test func aFrozenServerTimesOutAndIsUsedAgainWhenThawed() async throws {
        let server = try await MongoServer()
        let pool = try pool(server)
        try await store(1, in: pool)
        try await server.freeze()
        let clock = ContinuousClock()
        let start = clock.now
        let error = await #expect(throws: MongoError.self) { try await store(2, in: pool) }
        #expect(error?.kind == .unreachable || error?.kind == .timedOut, "\(String(describing: error))")
        #expect(error?.isTransient == true)
        #expect(clock.now - start < .seconds(5))
        server.thaw()
        try await retry { try await store(3, in: pool) }
        await server.stop()
    }

    @Test func aKilledServerLosesNothingCommitted() async throws {
        let server = try await MongoServer()
        let pool = try pool(server)
        try await store(1, in: pool)
        await server.kill()
        let error = await #expect(throws: MongoError.self) { try await store(2, in: pool) }
        #expect(error?.kind == .unreachable)
        try await server.start()
        try await retry { try await store(2, in: pool) }
        #expect(try await count(in: pool) == 2)
        await server.stop()
    }

    @Test func aServerKilledInATransaction() async throws {
        let server = try await MongoServer()
        let pool = try pool(server)
        let writer = try await WriterThread(pool)
        try await writer.run { writer throws(MongoError) in
            try writer.withTransaction { session throws(MongoError) in
                try writer.connection.insert([id(1)], into: "things", in: "test", session: session)
            }
        }
        let (reached, go) = AsyncStream.makeStream(of: Void.self)
        let (killed, proceed) = AsyncStream.makeStream(of: Void.self)
        async let outcome = writer.attempt { writer throws(MongoError) in
            try writer.withTransaction { session throws(MongoError) in
                try writer.connection.insert([id(2)], into: "things", in: "test", session: session)
                go.finish()
                waitFor(killed)
                try writer.connection.insert([id(3)], into: "things", in: "test", session: session)
            }
        }
        for await _ in reached {}
        await server.kill()
        proceed.finish()
        let error = await outcome
        #expect(error?.kind == .unreachable)
        #expect(error?.labels.contains("TransientTransactionError") == true)

        try await server.start()
        try await retry {
            try await writer.run { writer throws(MongoError) in
                try writer.withTransaction { session throws(MongoError) in
                    try writer.connection.insert([id(2), id(3)], into: "things", in: "test", session: session)
                }
            }
        }
        #expect(try await count(in: pool) == 3)
        await server.stop()
    }

    @Test func aPrimaryThatStepsDownComesBack() async throws {
        let server = try await MongoServer()
        let pool = try pool(server)
        try await store(1, in: pool)
        try await server.command(
            doc {
                $0.append("replSetStepDown", Int32(60))
                $0.append("force", true)
            }
        )
        let error = await #expect(throws: MongoError.self) { try await store(2, in: pool) }
        #expect(error?.kind == .notPrimary || error?.kind == .unreachable, "\(String(describing: error))")
        #expect(error?.isTransient == true)
        try await server.command(doc { $0.append("replSetFreeze", Int32(0)) })
        try await retry { try await store(2, in: pool) }
        #expect(try await count(in: pool) == 2)
        await server.stop()
    }

    @Test func aStandaloneServerHasNoTransactions() async throws {
        let server = try await MongoServer(.standalone)
        let pool = try pool(server)
        try await store(1, in: pool)
        let error = await #expect(throws: MongoError.self) {
            try await blocking {
                try pool.withConnection { connection throws(MongoError) in
                    try connection.withTransaction { session throws(MongoError) in
                        try connection.insert([id(2)], into: "things", in: "test", session: session)
                    }
                }
            }
        }
        #expect(error?.kind == .noReplicaSet)
        #expect(error?.isTransient == false)
        let asReplicaSet = try await failure(server.uri + "?replicaSet=rs0&serverSelectionTimeoutMS=200")
        #expect(asReplicaSet.kind == .unreachable)
        await server.stop()
    }

    @Test func theWrongPasswordAndNone() async throws {
        let server = try await MongoServer(.standalone, arguments: ["--auth"])
        try await server.command(
            doc {
                $0.append("createUser", "ada")
                $0.append("pwd", "correct")
                $0.append("roles", ["root"])
            }
        )
        let wrong = try await failure("mongodb://ada:hunter2@127.0.0.1:\(server.port)/?authSource=admin")
        #expect(wrong.kind == .refused(code: 18))
        #expect(!wrong.isTransient)
        #expect(!wrong.description.contains("hunter2"))
        let none = try await failure(server.uri)
        #expect(none.kind == .refused(code: 13))
        #expect(!none.isTransient)
        let right = try MongoPool(
            uri: "mongodb://ada:correct@127.0.0.1:\(server.port)/?authSource=admin",
            appName: "test",
            limits: .init()
        )
        try await store(1, in: right)
        await server.stop()
    }

    private func pool(_ server: MongoServer) throws -> MongoPool {
        var limits = Limits.Mongo()
        limits.socketMilliseconds = 600
        limits.connectMilliseconds = 600
        limits.serverSelectionMilliseconds = 300
        return try MongoPool(uri: server.uri, appName: "test", limits: limits)
    }

    private func store(_ number: Int, in pool: MongoPool) async throws {
        try await blocking {
            try pool.withConnection { connection throws(MongoError) in
                _ = try connection.update(
                    [MongoUpdate(filter: id(number), update: increment("n"), upsert: true)],
                    in: "things",
                    of: "test"
                )
            }
        }
    }

    private func count(in pool: MongoPool) async throws -> Int {
        try await blocking {
            try pool.withConnection { connection throws(MongoError) in try connection.all("things", in: "test").count }
        }
    }

    /// As a worker would: again while the failure is transient.
    ///
    /// The last attempt's error is the test's.
    private func retry(_ body: () async throws -> Void) async throws {
        for _ in 0..<40 {
            do {
                return try await body()
            } catch let error as MongoError where error.isTransient {
                continue  // each attempt waits for a server by itself
            }
        }
        try await body()
    }
}
