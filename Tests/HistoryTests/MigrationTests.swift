import Analytics
import Blocking
import Chat
import Dispatch
import MongoDB
import TestSupport
import Testing

@testable import History

/// A history as an earlier version left it becomes what this one would have made of the same events.
struct MigrationTests {
    /// Conversations in a collection of their own, each turn a row, and channels that waited in a list.
    @Test func conversationsMoveIntoTheirChannels() async throws {
        let random = SeededRandom()
        try await withFreshDatabase { pool, database in
            let comment = "TEST_SEED=\(random.seed)"
            var story = FigureStory(random)
            let events = story.events(messages: 40).map { ReceivedEvent($0, story.bodies) }
            let former = try StoredHistory.open(pool, database, weights: EngagementWeights())
            try former.apply(Array(events.prefix(80)))
            try former.sweep()
            try Self.makeFormer(former)

            let history = try Self.openedByMany(pool, database)
            #expect(try history.store.indexDifference().isEmpty)
            for name in ["conversations", "conversation_work"] {
                try history.writer.connection.find(name, BSONDocument(), in: database) {
                    (_: BSONDocument) throws(MongoError) in
                    Issue.record("\(name) is still there, \(comment)")
                    return false
                }
            }
            // What comes before they have been gone through is not taken for their beginning.
            try history.apply(Array(events.dropFirst(80)))
            try history.sweep()
            var differences: [Difference] = []
            let report = try Verifier(history.store).run { differences.append($0) }
            #expect(differences == [] && report.pending == 0, "\(comment)")
        }
    }

    /// Conversations that know nobody but the first, and messages without their channel's team.
    @Test func writersAndTeamsAreFound() async throws {
        let random = SeededRandom()
        try await withFreshDatabase { pool, database in
            let comment = "TEST_SEED=\(random.seed)"
            var story = FigureStory(random)
            var events = story.events(messages: 40).map { ReceivedEvent($0, story.bodies) }
            let former = try StoredHistory.open(pool, database, weights: EngagementWeights())
            try former.apply(events)
            try former.sweep()
            let rows = try Self.forgetWritersAndTeams(former)

            let history = try Self.openedByMany(pool, database)
            #expect(try history.store.indexDifference().isEmpty)
            try history.sweep()
            var found = 0
            try history.forEach(.connections) { _ in found += 1 }
            #expect(found == rows, "\(comment)")
            var shuffling = random
            events.shuffle(using: &shuffling)
            try history.apply(events)
            var differences: [Difference] = []
            let report = try Verifier(history.store).run { differences.append($0) }
            #expect(differences == [] && report.pending == 0, "\(comment)")
        }
    }

    /// Times that conversations are looked for by as indexed fields of their channels.
    @Test func timesBecomeRows() async throws {
        let random = SeededRandom()
        try await withFreshDatabase { pool, database in
            let comment = "TEST_SEED=\(random.seed)"
            var story = FigureStory(random)
            let events = story.events(messages: 40).map { ReceivedEvent($0, story.bodies) }
            let former = try StoredHistory.open(pool, database, weights: EngagementWeights())
            try former.apply(Array(events.prefix(80)))
            let connection = former.writer.connection
            _ = try connection.command(.command("drop", ConversationTime.collection.rawValue), on: database)
            try connection.createIndex("conversation.due", onlyIfThere: true, of: .channels, database)
            try connection.createIndex("conversation.waiting", onlyIfThere: true, of: .channels, database)
            try former.corrupt(.mark, "mark") { $0.append("$set") { $0.append("schema", Int64(11)) } }

            let history = try Self.openedByMany(pool, database)
            let indexes = try history.store.indexDifference()
            #expect(indexes.isEmpty, "\(indexes.unknown) \(comment)")
            // What was due still is.
            try history.sweep()
            try history.apply(Array(events.dropFirst(80)))
            try history.sweep()
            var differences: [Difference] = []
            let report = try Verifier(history.store).run { differences.append($0) }
            #expect(differences == [] && report.pending == 0, "\(comment)")
        }
    }

    /// Counts of listings, events, artists and venues apart from their channels'.
    @Test func countsOfObjectsStayWhereTheyAre() async throws {
        let random = SeededRandom()
        try await withFreshDatabase { pool, database in
            let comment = "TEST_SEED=\(random.seed)"
            var story = FigureStory(random)
            let events = story.events(messages: 40).map { ReceivedEvent($0, story.bodies) }
            let former = try StoredHistory.open(pool, database, weights: EngagementWeights())
            try former.apply(Array(events.prefix(80)))
            try former.sweep()
            try Self.separateObjects(former)

            let history = try Self.openedByMany(pool, database)
            #expect(try history.store.indexDifference().isEmpty)
            try history.apply(Array(events.dropFirst(80)))
            try history.sweep()
            var differences: [Difference] = []
            let report = try Verifier(history.store).run { differences.append($0) }
            #expect(differences == [] && report.pending == 0, "\(comment)")
        }
    }

    /// As schema 12 had counts: each scope's member in documents of its own.
    private static func separateObjects(_ history: StoredHistory) throws {
        let (connection, database) = (history.writer.connection, history.store.database)
        var (old, counts) = ([BSONDocument](), [RollupKey: [RollupCell: Int64]]())
        try history.forEach(.rollups) { document in
            let scopes = RollupScope.objectKinds.filter { document[$0.field] != nil }
            guard !scopes.isEmpty, let id = document.string("_id") else { return }
            old.append(.id(id))
            for scope in [RollupScope.channel] + RollupScope.ofObjects.filter({ $0.kind.map(scopes.contains) == true })
            {
                guard let (key, cells) = RollupKey.read(document, scope) else { continue }
                counts[key, default: [:]].merge(cells, uniquingKeysWith: +)
            }
        }
        try #require(!old.isEmpty)
        _ = try connection.delete(old.map { ($0, 1) }, in: Collection.rollups.rawValue, of: database)
        for (key, cells) in counts {
            let id = RollupDocument.id(key, part: 0)
            // Messages in channels that are about nothing yet are counted there as well.
            var change = BSONDocument()
            change.append("$inc") { for (cell, count) in cells { $0.append(cell.path, Int32(count)) } }
            change.append("$setOnInsert", key.fields)
            let update = MongoUpdate(filter: .id(id), update: change, upsert: true)
            _ = try connection.update([update], in: Collection.rollups.rawValue, of: database)
        }
        for kind in RollupScope.objectKinds {
            var command = BSONDocument.command("dropIndexes", Collection.rollups.rawValue)
            command.append("index", "p_1_\(kind.field)_1_if_\(kind.field)")
            _ = try connection.command(command, on: database)
        }
        try history.corrupt(.mark, "mark") { $0.append("$set") { $0.append("schema", Int64(12)) } }
    }

    /// By several nodes at the same time, each of which moves what it finds.
    private static func openedByMany(_ pool: MongoPool, _ database: String) throws -> StoredHistory {
        let failures = Locked<[any Error]>([])
        DispatchQueue.concurrentPerform(iterations: 3) { _ in
            do { _ = try StoredHistory.open(pool, database, weights: EngagementWeights()) } catch {
                failures.withLock { $0.append(error) }
            }
        }
        if let failure = failures.withLock({ $0.first }) { throw failure }
        return try StoredHistory.open(pool, database, weights: EngagementWeights())
    }

    /// - Returns: how many connections there were.
    private static func forgetWritersAndTeams(_ history: StoredHistory) throws -> Int {
        let (connection, database) = (history.writer.connection, history.store.database)
        var rows = 0
        try history.forEach(.connections) { _ in rows += 1 }
        try #require(rows > 0)
        for collection in [Collection.connections, ConversationTime.collection] {
            _ = try connection.command(.command("drop", collection.rawValue), on: database)
        }
        func unset(_ fields: String..., in collection: Collection) throws {
            var change = BSONDocument()
            change.append("$unset") { for field in fields { $0.append(field, Int32(1)) } }
            let update = MongoUpdate(filter: BSONDocument(), update: change, multi: true)
            _ = try connection.update([update], in: collection.rawValue, of: database)
        }
        try unset("conversation.writers", "conversation.others", "v.team", in: .channels)
        try unset("team", in: .messages)
        var teams = BSONDocument()
        teams.append("_id") {
            $0.append("$gte", "team/")
            $0.append("$lt", "team0")
        }
        _ = try connection.delete([(filter: teams, limit: 0)], in: Collection.rollups.rawValue, of: database)
        try history.corrupt(.mark, "mark") { $0.append("$set") { $0.append("schema", Int64(10)) } }
        return rows
    }

    private static func makeFormer(_ history: StoredHistory) throws {
        let (connection, database) = (history.writer.connection, history.store.database)
        var (first, waiting, forgotten) = ([BSONDocument](), [BSONDocument](), BSONDocument())
        try history.forEach(.channels) { channel in
            guard let record = ConversationRecord(channel), let known = record.conversation else { return }
            let place = ConversationPlace(at: known.startedAt, id: "first")
            let turn = Turn(place, by: known.startedBy, listing: nil, before: 0, index: 0, askedAt: nil)
            first.append(turn.document(record.cid))
            waiting.append(.id(record.cid))
        }
        try #require(!first.isEmpty)
        try connection.insert(first, into: Collection.turns.rawValue, in: database)
        for name in ["conversations", "conversation_work"] {
            try connection.insert(waiting, into: name, in: database)
        }
        forgotten.append("$unset") { $0.append(ConversationRecord.field, Int32(1)) }
        let update = MongoUpdate(filter: BSONDocument(), update: forgotten, multi: true)
        _ = try connection.update([update], in: Collection.channels.rawValue, of: database)
        _ = try connection.command(.command("drop", ConversationTime.collection.rawValue), on: database)
        try connection.createIndex("at", onlyIfThere: false, of: .turns, database)
        try history.corrupt(.mark, "mark") { $0.append("$set") { $0.append("schema", Int64(9)) } }
    }
}

extension MongoConnection {
    fileprivate func createIndex(
        _ field: String,
        onlyIfThere: Bool,
        of collection: History.Collection,
        _ database: String
    ) throws {
        var command = BSONDocument.command("createIndexes", collection.rawValue)
        command.append("indexes") { (array: inout BSONArray) in
            array.append {
                $0.append("name", onlyIfThere ? "\(field)_1_if_\(field)" : "\(field)_1")
                $0.append("key") { $0.append(field, Int32(1)) }
                guard onlyIfThere else { return }
                $0.append("partialFilterExpression") { $0.append(field) { $0.append("$exists", true) } }
            }
        }
        _ = try self.command(command, on: database)
    }
}
