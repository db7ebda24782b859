import Analytics
import Chat
import MongoDB
import TestSupport
import Testing

@testable import History

/// Rows of conversations that no channel knows of, left behind by whatever it was, keep no event from being stored.
struct StrayRowTests {
    private static let cid = "messaging:market"

    @Test(arguments: [false, true]) func areReplaced(isAhead: Bool) async throws {
        try await withFreshDatabase { pool, database in
            let history = try StoredHistory.open(pool, database, weights: EngagementWeights())
            let at = try #require(Timestamp(rfc3339: SignedEvents.time(100))).milliseconds
            try history.corrupt(.turns, joinedID(Self.cid, "\(at)", "m2")) { $0.append("$set", .matching("by", "eve")) }
            try history.corrupt(.connections, joinedID(Self.cid, "ben", "sam")) {
                $0.append("$set", .matching("pair", "eve"))
            }
            try history.writer.connection.insert(
                [ConversationTime(kind: .answered, at: at, cid: Self.cid).document],
                into: ConversationTime.collection.rawValue,
                in: database
            )
            var events = SignedEvents()
            let batch = [
                try events.message("message.new", "m1", by: "ben", in: Self.cid, at: 100, text: "Still there?"),
                try events.message("message.new", "m2", by: "sam", in: Self.cid, at: 100, text: "Yes."),
            ]
            if isAhead {
                let prepared = try BatchPreparer(history.store).prepare(batch, after: nil)
                #expect(try history.writer.commit(prepared).stored == 2)
            } else {
                #expect(try history.writer.commit(batch).stored == 2)
            }
            #expect(try Self.values("by", of: .turns, history) == ["sam"])
            #expect(try Self.values("pair", of: .connections, history) == [joinedID("ben", "sam")])
            var differences: [Difference] = []
            _ = try Verifier(history.store).run { differences.append($0) }
            #expect(differences == [])
        }
    }

    private static func values(_ field: String, of collection: Collection, _ history: StoredHistory) throws -> [String?]
    {
        var values: [String?] = []
        try history.forEach(collection) { values.append($0.string(field)) }
        return values
    }
}
