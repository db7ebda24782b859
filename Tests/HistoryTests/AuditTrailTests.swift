import Analytics
import Chat
import Crypto
import Limits
import MongoDB
import TestSupport
import Testing

@testable import History

/// The audit trail in MongoDB: of several nodes, of transactions, and after erasures.
struct AuditTrailTests {
    private static let now = Timestamp(milliseconds: 1_900_000_000_000)

    private static func entry(_ id: String, actor: String? = nil, user: String? = nil) -> AuditEntry {
        AuditEntry(
            "message.read",
            of: .init("message", id),
            by: .init(key: "k1", role: "moderator"),
            actor: actor,
            concerning: user,
            details: ["channel": "messaging:\(user ?? "none")"],
            at: now
        )
    }

    private static func verify(_ history: StoredHistory, from first: Int64 = 1, noted: AuditHead? = nil) throws -> (
        report: AuditReport, faults: [AuditFault]
    ) {
        var faults: [AuditFault] = []
        var limits = Limits.Audit()
        limits.pageRows = 7
        let report = try AuditVerifier(history.store, limits: limits).run(from: first, noted: noted) {
            faults.append($0)
        }
        return (report, faults)
    }

    private static func open(_ pool: MongoPool, _ database: String) throws -> StoredHistory {
        try StoredHistory.open(pool, database, weights: EngagementWeights())
    }

    @Test func nodesThatAppendAtOnceMakeOneChain() async throws {
        let (nodes, rounds, batch) = (4, 25, 3)
        let (pool, database) = (try sharedMongoPool(), freshDatabaseName())
        let store = try await blocking { try Self.open(pool, database).store }
        let result = await Result.catching {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for node in 0..<nodes {
                    group.addTask {
                        try await blocking {
                            let chain = AuditChain()
                            for round in 0..<rounds {
                                let entries = (0..<batch).map { Self.entry("m-\(node)-\(round)-\($0)") }
                                try chain.append(entries, to: store)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await blocking {
                let history = try Self.open(pool, database)
                let (report, faults) = try Self.verify(history)
                #expect(faults.isEmpty && report.entries == nodes * rounds * batch && report.waiting == 0)
                // What one node entered stands in its order.
                var seen: [String] = []
                try history.forEach(.audit) { seen.append($0.document("values")?.string("subject") ?? "") }
                let wanted = (0..<nodes).flatMap { node in
                    (0..<rounds).flatMap { round in (0..<batch).map { "m-\(node)-\(round)-\($0)" } }
                }
                #expect(Set(seen) == Set(wanted) && seen.count == wanted.count)
                for node in 0..<nodes {
                    #expect(seen.filter { $0.hasPrefix("m-\(node)-") } == wanted.filter { $0.hasPrefix("m-\(node)-") })
                }
            }
        }
        try await blocking { try dropDatabase(database, in: pool) }
        try result.get()
    }

    @Test func anEntryCommitsWithItsActOrNotAtAll() async throws {
        try await withFreshDatabase { pool, database in
            let history = try Self.open(pool, database)
            let (connection, chain) = (history.writer.connection, AuditChain())
            try history.retrying {
                try connection.withTransaction { session throws(MongoError) in
                    try AuditTrail().append([Self.entry("kept")], connection, session, database)
                }
            }
            #expect(throws: MongoError.self) {
                try connection.withTransaction { session throws(MongoError) in
                    try AuditTrail().append([Self.entry("dropped")], connection, session, database)
                    throw .refusal("the act failed")
                }
            }
            let waiting = try Self.verify(history).report.waiting
            #expect(waiting == 1)
            try chain.append([Self.entry("after")], takingUp: true, to: history.store)
            let (report, faults) = try Self.verify(history)
            #expect(faults.isEmpty && report.entries == 2 && report.waiting == 0)
            var subjects: [String] = []
            try history.forEach(.audit) { subjects.append($0.document("values")?.string("subject") ?? "") }
            #expect(subjects == ["kept", "after"])
        }
    }

    /// A node that stopped between chaining what waited and removing it has another do so again.
    @Test func whatWaitedIsChainedOnce() async throws {
        try await withFreshDatabase { pool, database in
            let history = try Self.open(pool, database)
            let connection = history.writer.connection
            try history.retrying {
                try connection.withTransaction { session throws(MongoError) in
                    try AuditTrail().append((0..<5).map { Self.entry("w\($0)") }, connection, session, database)
                }
            }
            var waiting: [BSONDocument] = []
            try history.forEach(.auditPending) { waiting.append($0) }
            try AuditChain().append([], takingUp: true, to: history.store)
            try connection.insert(waiting, into: Collection.auditPending.rawValue, in: database)
            try AuditChain().append([Self.entry("new")], takingUp: true, to: history.store)
            let (report, faults) = try Self.verify(history)
            #expect(faults.isEmpty && report.entries == 6 && report.waiting == 0)
        }
    }

    @Test func anErasureLeavesTheChainAndNoName() async throws {
        try await withFreshDatabase { pool, database in
            let history = try Self.open(pool, database)
            let (chain, user) = (AuditChain(), "u-5c1f0e")
            try chain.append(
                [
                    Self.entry("m1", actor: user), Self.entry("m2", user: user), Self.entry("m3", actor: "u-5c1f0e2"),
                    AuditEntry("user.ban", of: .init("user", user), by: .command, at: Self.now),
                ],
                to: history.store
            )
            try history.retrying {
                try history.writer.connection.withTransaction { session throws(MongoError) in
                    try AuditTrail().append(
                        [Self.entry("m4", actor: user)],
                        history.writer.connection,
                        session,
                        database
                    )
                }
            }
            let before = try Self.verify(history)
            let report = try history.store.erase(user: user, at: Self.now)
            // Of m1 and m4 the actor, of m2 the user and the channel, and the subject of the ban.
            #expect(report[.auditValues] == 5)
            try chain.append([Self.entry("m5", actor: user, user: "other")], takingUp: true, to: history.store)
            let after = try Self.verify(history, noted: before.report.head)
            #expect(before.faults.isEmpty && after.faults.isEmpty)
            #expect(after.report.erasedValues == 5 && after.report.entries == 6)
            try history.forEach(.audit) { document in
                for (_, value) in document.document("values") ?? BSONDocument() {
                    #expect(value.string?.names(user) == false)
                }
            }
            let page = try HistoryQueries(history.store, limits: Limits.Query())
                .audit(AuditFilter(), after: nil, limit: 10)
            #expect(page.rows.compactMap(\.actor).sorted() == ["erased", "u-5c1f0e2"])
        }
    }

    @Test func whatIsDoneToTheCollectionIsFound() async throws {
        typealias Damage = @Sendable (StoredHistory, String) throws -> Void
        func change(_ id: Int64, _ field: String, _ value: String) -> Damage {
            { history, database in
                var (filter, set) = (BSONDocument(), BSONDocument())
                filter.append("_id", id)
                set.append("$set") { $0.append(field, value) }
                let update = MongoUpdate(filter: filter, update: set)
                _ = try history.writer.connection.update([update], in: Collection.audit.rawValue, of: database)
            }
        }
        func remove(_ id: Int64) -> Damage {
            { history, database in
                var filter = BSONDocument()
                filter.append("_id", id)
                _ = try history.writer.connection.delete([(filter, 1)], in: Collection.audit.rawValue, of: database)
            }
        }
        let damages: [(String, AuditFault.Kind, Damage)] = [
            ("another actor", .alteredValue, change(4, "values.actor", "innocent")),
            ("another action", .altered, change(4, "action", "message.flag")),
            ("a field more", .altered, change(4, "note", "x")),
            ("an entry less", .gap, remove(5)),
            ("the first less", .gap, remove(1)),
            ("the last less", .missingTail, remove(20)),
            (
                "values less", .removedValues,
                { history, database in
                    var (filter, unset) = (BSONDocument(), BSONDocument())
                    filter.append("_id", Int64(4))
                    unset.append("$unset") { for part in ["values", "salts"] { $0.append("\(part).actor", Int32(1)) } }
                    let update = MongoUpdate(filter: filter, update: unset)
                    _ = try history.writer.connection.update([update], in: Collection.audit.rawValue, of: database)
                }
            ),
            (
                "a document beside", .stray,
                { history, database in
                    try history.writer.connection.insert(
                        [.id("beside")],
                        into: Collection.audit.rawValue,
                        in: database
                    )
                }
            ),
            (
                "a document before", .stray,
                { history, database in
                    var document = BSONDocument()
                    document.append("_id", Int64(-3))
                    try history.writer.connection.insert([document], into: Collection.audit.rawValue, in: database)
                }
            ),
            (
                "a document between", .stray,
                { history, database in
                    var document = BSONDocument()
                    document.append("_id", 4.5)
                    try history.writer.connection.insert([document], into: Collection.audit.rawValue, in: database)
                }
            ),
        ]
        for (name, kind, damage) in damages {
            try await withFreshDatabase { pool, database in
                let history = try Self.open(pool, database)
                try AuditChain().append((1...20).map { Self.entry("m\($0)", actor: "a") }, to: history.store)
                let sound = try Self.verify(history)
                #expect(sound.faults.isEmpty)
                try damage(history, database)
                let kinds = try Self.verify(history).faults.map(\.kind)
                #expect(kinds.contains(kind), "\(name)")
            }
        }
    }

    @Test func aPartIsVerifiedByItself() async throws {
        try await withFreshDatabase { pool, database in
            let history = try Self.open(pool, database)
            try AuditChain().append((1...20).map { Self.entry("m\($0)") }, to: history.store)
            let part = try Self.verify(history, from: 15)
            #expect(part.report.entries == 6 && part.faults.isEmpty)
            let nothing = try Self.verify(history, from: 21)
            #expect(nothing.report.entries == 0 && nothing.faults.isEmpty)
        }
    }
}

extension Result where Failure == any Error, Success == Void {
    fileprivate static func catching(_ body: () async throws -> Void) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
