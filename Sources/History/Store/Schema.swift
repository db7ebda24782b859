import Analytics
import Crypto
import Limits
package import MongoDB

/// The database's mark, its migrations and its indexes.
struct Schema {
    /// What marks a database as ours: one document of the collection `backchannel`.
    struct Mark {
        var version: Int64
        var salt: [UInt8]
    }

    /// A numbered change of stored data.
    ///
    /// Each may be interrupted and run again.
    struct Migration: Sendable {
        let number: Int64
        let run: @Sendable (Schema) throws(MongoError) -> Void
    }

    static let migrations = [
        Migration(number: 1) { (schema) throws(MongoError) in try schema.createCollections() },
        // The collections of effects.
        Migration(number: 2) { (schema) throws(MongoError) in try schema.createCollections() },
        // The collection of facts.
        Migration(number: 3) { (schema) throws(MongoError) in try schema.createCollections() },
        // The collection of business objects' channels.
        Migration(number: 4) { (schema) throws(MongoError) in try schema.createCollections() },
        // The collections of notifications.
        Migration(number: 5) { (schema) throws(MongoError) in try schema.createCollections() },
        // The collection of the app's users.
        Migration(number: 6) { (schema) throws(MongoError) in try schema.createCollections() },
        // The collections of rules.
        Migration(number: 7) { (schema) throws(MongoError) in try schema.createCollections() },
        // The collections of the spam model, of moderation and of the audit trail.
        Migration(number: 8) { (schema) throws(MongoError) in try schema.createCollections() },
        // The collections of figures; `rebuild` counts what was stored before.
        Migration(number: 9) { (schema) throws(MongoError) in try schema.createCollections() },
        // Where a conversation stands is a field of its channel; it is gone through anew.
        Migration(number: 10) { (schema) throws(MongoError) in try schema.moveConversations() },
        // Conversations know who wrote in them, messages their channel's team; what single users do is counted.
        Migration(number: 11) { (schema) throws(MongoError) in try schema.askForWritersAndTeams() },
        // The times of conversations are rows, no indexed fields of their channels.
        Migration(number: 12) { (schema) throws(MongoError) in try schema.keepTimesOfConversations() },
        // Counts of objects lie with their channels', where an older version would not find them. Those from before stay.
        Migration(number: 13) { (_) throws(MongoError) in },
    ]
    static var currentVersion: Int64 { migrations.last?.number ?? 0 }

    private static let markID = "mark"
    private static let saltBytes = 32

    let connection: MongoConnection
    let database: String

    // MARK: The mark

    func requireReplicaSet() throws(HistoryError) {
        let reply = try translate { () throws(MongoError) in
            try connection.command(.command("hello", Int32(1)), on: "admin")
        }
        if reply.bool("isreplicaset") == true { throw .mongo(.replicaSetNotReady) }
        // `msg: isdbgrid` is a router of a sharded cluster, which has transactions too.
        guard reply.string("setName") != nil || reply.string("msg") == "isdbgrid" else { throw .noReplicaSet }
    }

    /// Finds the mark, or makes it in a database that holds nothing of ours.
    func claim(for app: AppIdentity) throws(HistoryError) -> Mark {
        if let document = try translate({ () throws(MongoError) in try findMark() }) {
            return try check(document, for: app)
        }
        if let collection = try translate({ () throws(MongoError) in try strangeCollection() }) {
            // Unless someone marked the database since we looked, and made it: the mark comes before all else.
            guard let document = try translate({ () throws(MongoError) in try findMark() }) else {
                throw .foreignDatabase(name: database, collection: collection.rawValue)
            }
            return try check(document, for: app)
        }
        try translate { () throws(MongoError) in try writeMark(for: app) }
        // Another node may have been first: its mark, with its salt, is the one that holds.
        guard let document = try translate({ () throws(MongoError) in try findMark() }) else {
            throw .foreignDatabase(name: database, collection: Collection.mark.rawValue)
        }
        return try check(document, for: app)
    }

    /// The mark of a database that is in use already; changes nothing.
    ///
    /// - Parameter app: an empty one is any.
    func existing(for app: AppIdentity) throws(HistoryError) -> Mark {
        guard let document = try translate({ () throws(MongoError) in try findMark() }) else {
            throw .noHistory(database: database)
        }
        let mark = app.isEmpty ? try version(of: document) : try identify(document, app)
        guard mark.version == Self.currentVersion else { throw .olderSchema(database: database) }
        return mark
    }

    private func check(_ document: BSONDocument, for app: AppIdentity) throws(HistoryError) -> Mark {
        let mark = try identify(document, app)
        try translate { () throws(MongoError) in try remember(app) }
        return mark
    }

    private func identify(_ document: BSONDocument, _ app: AppIdentity) throws(HistoryError) -> Mark {
        let mark = try version(of: document)
        let knownID = document.string("app_id")
        let knownKeys = (document.array("api_keys") ?? []).compactMap(\.string)
        let isSameID = app.id != nil && knownID == app.id
        let isDifferentID = app.id != nil && knownID != nil && knownID != app.id
        guard isSameID || !isDifferentID && !Set(knownKeys).isDisjoint(with: app.apiKeys) else {
            throw .otherApp(database: database, app: knownID ?? knownKeys.first ?? "unknown")
        }
        return mark
    }

    private func version(of document: BSONDocument) throws(HistoryError) -> Mark {
        let version = document.int64("schema") ?? 0
        guard version <= Self.currentVersion else {
            throw .newerSchema(database: database, found: version, known: Self.currentVersion)
        }
        return Mark(version: version, salt: document.binary("salt") ?? [])
    }

    /// One of ours by name; the mark's own only if it holds something, since it is there a moment before the mark.
    private func strangeCollection() throws(MongoError) -> Collection? {
        let names = try collectionNames()
        for collection in Collection.allCases where names.contains(collection.rawValue) {
            guard collection == .mark else { return collection }
            var isEmpty = true
            try connection.find(collection.rawValue, BSONDocument(), in: database, options: .init(limit: 1)) {
                (_: BSONDocument) throws(MongoError) in
                isEmpty = false
                return false
            }
            if !isEmpty { return collection }
        }
        return nil
    }

    private func findMark() throws(MongoError) -> BSONDocument? {
        var found: BSONDocument?
        try connection.find(Collection.mark.rawValue, .id(Self.markID), in: database) {
            (document: BSONDocument) throws(MongoError) in
            found = document
            return false
        }
        return found
    }

    private func writeMark(for app: AppIdentity) throws(MongoError) {
        var fields = BSONDocument()
        fields.append("schema", Int64(0))
        fields.append("salt", (try? randomBytes(Self.saltBytes)) ?? [])
        fields.append("api_keys", app.apiKeys)
        if let id = app.id { fields.append("app_id", id) }
        var change = BSONDocument()
        change.append("$setOnInsert", fields)
        try updateMark(change, upsert: true)
    }

    private func remember(_ app: AppIdentity) throws(MongoError) {
        var change = BSONDocument()
        change.append("$addToSet") { $0.append("api_keys") { $0.append("$each", app.apiKeys) } }
        if let id = app.id { change.append("$set") { $0.append("app_id", id) } }
        try updateMark(change)
    }

    private func updateMark(_ change: BSONDocument, upsert: Bool = false) throws(MongoError) {
        let update = MongoUpdate(filter: .id(Self.markID), update: change, upsert: upsert)
        _ = try connection.update([update], in: Collection.mark.rawValue, of: database)
    }

    // MARK: Migrations

    /// Runs what is newer than `version`, noting each as it ends, so that an interrupted start goes on there.
    func migrate(from version: Int64) throws(MongoError) {
        for migration in Self.migrations where migration.number > version {
            try migration.run(self)
            var change = BSONDocument()
            // Never back: whoever else opens it at the same time may be further.
            change.append("$max") { $0.append("schema", migration.number) }
            try updateMark(change)
        }
    }

    /// A collection that a transaction would have to create slows its first batch; so all are made beforehand.
    private func createCollections() throws(MongoError) {
        let existing = try collectionNames()
        for collection in Collection.allCases where !existing.contains(collection.rawValue) {
            do throws(MongoError) {
                _ = try connection.command(.command("create", collection.rawValue), on: database)
            } catch  where error.code == Self.namespaceExists {
                continue
            }
        }
    }

    /// Has every channel with a conversation gone through from its first message on.
    private func moveConversations() throws(MongoError) {
        try drop([Self.formerTurns], of: .turns)
        // Last, so that whoever goes on after an interruption finds what is left to do.
        for name in try Self.formerConversations.filter(collectionNames().contains) {
            var (filter, change) = (BSONDocument(), BSONDocument())
            filter.append("message_count") { $0.append("$gt", Int64(0)) }
            filter.append(ConversationRecord.field) { $0.append("$exists", false) }
            change.append("$set", ConversationRecord(cid: "", due: 0).addition)
            let update = MongoUpdate(filter: filter, update: change, multi: true)
            _ = try connection.update([update], in: Collection.channels.rawValue, of: database)
            try drop(name)
        }
    }

    /// Has every conversation gone through from its first message on, and the messages of every team's channels.
    private func askForWritersAndTeams() throws(MongoError) {
        try createCollections()
        var (filter, change) = (BSONDocument(), BSONDocument())
        filter.append(ConversationRecord.field + ".started") { $0.append("$exists", true) }
        change.append("$set") { $0.append(ConversationRecord.field + ".due", date: Int64(0)) }
        let update = MongoUpdate(filter: filter, update: change, multi: true)
        _ = try connection.update([update], in: Collection.channels.rawValue, of: database)
        var position: String?
        repeat { position = try sweepTeams(after: position) } while position != nil
    }

    /// - Returns: the last channel that was asked for, where more may follow.
    private func sweepTeams(after cid: String?) throws(MongoError) -> String? {
        let most = Limits.Worker().scanDocuments
        var (filter, plan, last, count) = (BSONDocument(), WritePlan(), String?.none, 0)
        filter.append("team") { $0.append("$exists", true) }
        if let cid { filter.append("_id") { $0.append("$gt", cid) } }
        let options = MongoFindOptions(sort: .keys(("_id", 1)), projection: .only("_id"), limit: most)
        try connection.find(Collection.channels.rawValue, filter, in: database, options: options) {
            (document: BSONDocument) throws(MongoError) in
            guard let cid = document.string("_id") else { return true }
            plan.request(.channel(cid))
            (last, count) = (cid, count + 1)
            return true
        }
        try plan.execute(connection, nil, database)
        return count < most ? nil : last
    }

    private func keepTimesOfConversations() throws(MongoError) {
        try createCollections()
        try drop(Self.formerTimes, of: .channels)
        var position: String?
        repeat { position = try keepTimes(after: position) } while position != nil
    }

    /// - Returns: the last channel whose times were kept, where more may follow.
    private func keepTimes(after cid: String?) throws(MongoError) -> String? {
        let most = Limits.Worker().scanDocuments
        var (filter, plan, last, count) = (BSONDocument(), WritePlan(), String?.none, 0)
        filter.append(ConversationRecord.field) { $0.append("$exists", true) }
        if let cid { filter.append("_id") { $0.append("$gt", cid) } }
        let options = MongoFindOptions(
            sort: .keys(("_id", 1)),
            projection: ConversationRecord.projection,
            limit: most
        )
        try connection.find(Collection.channels.rawValue, filter, in: database, options: options) {
            (document: BSONDocument) throws(MongoError) in
            guard let record = ConversationRecord(document) else { return true }
            plan.keepTimes(of: record, inPlaceOf: nil)
            (last, count) = (record.cid, count + 1)
            return true
        }
        try plan.execute(connection, nil, database)
        return count < most ? nil : last
    }

    private func drop(_ indexes: [String], of collection: Collection) throws(MongoError) {
        for name in try indexNames(of: collection) where indexes.contains(name) {
            var command = BSONDocument.command("dropIndexes", collection.rawValue)
            command.append("index", name)
            do throws(MongoError) {
                _ = try connection.command(command, on: database)
            } catch  where error.code == Self.indexNotFound {
                continue
            }
        }
    }

    private static let formerConversations = ["conversation_work", "conversations"]
    private static let formerTurns = "at_1"
    private static let formerTimes = ["answered", "due", "started", "waiting"].map {
        "conversation.\($0)_1_if_conversation.\($0)"
    }

    /// Removes what figures are made of; indexes are missing afterwards.
    func forgetFigures() throws(MongoError) {
        var change = BSONDocument()
        change.append("$unset") { $0.append(ConversationRecord.field, Int32(1)) }
        var filter = BSONDocument()
        filter.append(ConversationRecord.field) { $0.append("$exists", true) }
        let update = MongoUpdate(filter: filter, update: change, multi: true)
        _ = try connection.update([update], in: Collection.channels.rawValue, of: database)
        for collection in FigureNote.collections { try drop(collection.rawValue) }
        try createCollections()
    }

    private func drop(_ collection: String) throws(MongoError) {
        do throws(MongoError) {
            _ = try connection.command(.command("drop", collection), on: database)
        } catch  where error.code == Self.namespaceNotFound {
            return
        }
    }

    /// Server error 48: another node was faster.
    private static let namespaceExists = 48
    /// Likewise 27.
    private static let indexNotFound = 27

    private func collectionNames() throws(MongoError) -> Set<String> {
        var command = BSONDocument.command("listCollections", Int32(1))
        command.append("nameOnly", true)
        command.append("cursor") { $0.append("batchSize", Int32(10_000)) }
        let reply = try connection.command(command, on: database)
        let batch = reply.document("cursor")?.array("firstBatch") ?? []
        return Set(batch.compactMap { $0.document?.string("name") })
    }

    // MARK: Indexes

    /// What the database has against what this version wants, by collection.
    func indexDifference() throws(MongoError) -> IndexDifference {
        var difference = IndexDifference()
        for collection in Collection.allCases {
            let wanted = Index.all.filter { $0.collection == collection }
            let present = try indexNames(of: collection)
            difference.missing += wanted.filter { !present.contains($0.name) }
            let names = Set(wanted.map(\.name) + ["_id_"])
            difference.unknown += present.subtracting(names).sorted().map { (collection, $0) }
        }
        return difference
    }

    func createMissingIndexes() throws(MongoError) {
        let missing = try indexDifference().missing
        for collection in Collection.allCases {
            let indexes = missing.filter { $0.collection == collection }
            guard !indexes.isEmpty else { continue }
            var command = BSONDocument.command("createIndexes", collection.rawValue)
            command.append("indexes") { (array: inout BSONArray) in
                for index in indexes { array.append(index.specification) }
            }
            _ = try connection.command(command, on: database)
        }
    }

    private func indexNames(of collection: Collection) throws(MongoError) -> Set<String> {
        var command = BSONDocument.command("listIndexes", collection.rawValue)
        command.append("cursor") { $0.append("batchSize", Int32(1_000)) }
        do throws(MongoError) {
            let reply = try connection.command(command, on: database)
            let batch = reply.document("cursor")?.array("firstBatch") ?? []
            return Set(batch.compactMap { $0.document?.string("name") })
        } catch  where error.code == Self.namespaceNotFound {
            return []
        }
    }

    /// Server error 26: the collection does not exist yet.
    private static let namespaceNotFound = 26

    private func translate<R>(_ body: () throws(MongoError) -> R) throws(HistoryError) -> R {
        do throws(MongoError) {
            return try body()
        } catch {
            throw .mongo(error)
        }
    }
}

/// Indexes that are missing, and those that Backchannel did not make.
package struct IndexDifference: Sendable {
    package var missing: [Index] = []
    package var unknown: [(collection: Collection, name: String)] = []
    package var isEmpty: Bool { missing.isEmpty && unknown.isEmpty }
}

extension BSONDocument {
    /// A command begins with its name.
    package static func command(_ name: String, _ value: String) -> BSONDocument {
        var command = BSONDocument()
        command.append(name, value)
        return command
    }

    static func command(_ name: String, _ value: Int32) -> BSONDocument {
        var command = BSONDocument()
        command.append(name, value)
        return command
    }
}
