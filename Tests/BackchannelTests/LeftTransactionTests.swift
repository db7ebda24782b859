import Crypto
import Dispatch
import Foundation
import HTTPClient
import MongoDB
import TestSupport
import Testing

/// What a node that was killed inside a transaction leaves locked.
struct LeftTransactionTests {
    /// Without being ended it would hold its documents for a minute, in which nothing could be stored.
    @Test func isEndedAtTheNextStart() async throws {
        let service = try ServiceUnderTest(mongoURI: sharedMongoURI())
        try await service.start()
        try await service.deliver(event: Self.event("1"))
        try await service.drained()
        await service.kill()

        let left = LeftTransaction(in: service.database)
        let file = service.folder.path("data/mongo-sessions")
        try Hex.encode(try await left.session()).appending("\n").write(toFile: file, atomically: true, encoding: .utf8)

        try await service.start()
        try await service.deliver(event: Self.event("2"))
        try await service.drained(within: .seconds(30))
        #expect(await left.outcome().isKilled)

        // What the interface writes in is noted like the writer's own.
        let before = try sessions(in: file)
        #expect(before.count == 1)
        let made = try await service.send("POST", "/api/v1/keys", #"{"name":"another","role":"analyst"}"#)
        #expect(made.status == 201)
        #expect(try sessions(in: file).count > before.count)
        await service.stop()
        try await service.dropDatabase()
    }

    private func sessions(in file: String) throws -> [Substring] {
        try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    }

    private static func event(_ id: String) -> String {
        #"{"type":"user.updated","created_at":"2026-01-05T12:00:0\#(id)Z","user":{"id":"ann","name":"Ann \#(id)"}}"#
    }
}

/// A transaction that holds what every batch has to write, as if its process had been killed.
private final class LeftTransaction: Sendable {
    private let begun = AsyncStream.makeStream(of: [UInt8].self)
    private let end = DispatchSemaphore(value: 0)
    private let transaction: Task<Void, any Error>

    init(in database: String) {
        let (begun, end) = (begun.continuation, end)
        transaction = Task {
            defer { begun.finish() }
            try await blocking {
                try sharedMongoPool().withConnection { connection throws(MongoError) in
                    try connection.withTransaction { session throws(MongoError) in
                        _ = try connection.update(Self.allFences, in: "fences", of: database, session: session)
                        begun.yield(session.id)
                        end.wait()
                    }
                }
            }
        }
    }

    private static var allFences: [MongoUpdate] {
        (Int64(0)..<64).map { slot in
            var (id, change) = (BSONDocument(), BSONDocument())
            id.append("_id", slot)
            change.append("$inc") { $0.append("raised", Int64(1)) }
            return MongoUpdate(filter: id, update: change, upsert: true)
        }
    }

    /// Once it holds its documents.
    func session() async throws -> [UInt8] {
        for await id in begun.stream { return id }
        try await transaction.value
        return []
    }

    func outcome() async -> Result<Void, any Error> {
        end.signal()
        return await transaction.result
    }
}

extension Result where Failure == any Error {
    fileprivate var isKilled: Bool {
        guard case .failure(let error as MongoError) = self else { return false }
        return error.kind == .transientTransaction
    }
}
