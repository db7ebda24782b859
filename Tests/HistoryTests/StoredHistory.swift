import Analytics
import Chat
import MongoDB
import TestSupport
import Testing

@testable import History

/// A history in a database of its own, read back in the form that ``MemoryHistory`` gives.
struct StoredHistory {
    let store: HistoryStore
    let writer: HistoryWriter

    static func open(_ pool: MongoPool, _ database: String, weights: EngagementWeights) throws -> StoredHistory {
        let store = try HistoryStore.open(
            pool: pool,
            database: database,
            app: AppIdentity(id: nil, apiKeys: ["key"]),
            patterns: ContextPatterns(),
            weights: weights
        )
        return StoredHistory(store: store, writer: try HistoryWriter(store))
    }

    func apply(_ events: [ReceivedEvent]) throws { _ = try retrying { try writer.commit(events) } }

    func sweep(steps: Int = .max, messages: Int = 3) throws {
        var left = steps
        while left > 0, try retrying({ try writer.sweep(messages: messages) }) { left -= 1 }
    }

    func snapshot() throws -> [String: MemoryHistory.Snapshot] {
        var result: [String: MemoryHistory.Snapshot] = [:]
        try add(MessageState.self, to: &result)
        try add(UserRecord.self, to: &result, .user)
        try add(ChannelRecord.self, to: &result, .channel)
        try add(MemberRecord.self, to: &result)
        try add(ReactionRecord.self, to: &result)
        try add(ReadRecord.self, to: &result)
        try add(ReadMark.self, to: &result)
        try add(MuteRecord.self, to: &result)
        try add(ReviewItemRecord.self, to: &result)
        try add(ThreadRecord.self, to: &result)
        try add(ReviewCaseRecord.self, to: &result)
        try forEach(.listings) { result.addCounters(of: $0, .listing) }
        try forEach(.sellerMetrics) { result.addCounters(of: $0, .seller) }
        try forEach(.messageEdits) { edit in
            let id = edit.string("_id") ?? ""
            result["edit \(id)"] = .text(edit.string("text") ?? "")
        }
        return result
    }

    /// Every document of every collection of the database.
    func forEachDocument(_ body: (String, BSONDocument) -> Void) throws {
        for collection in Collection.allCases { try forEach(collection) { body(collection.rawValue, $0) } }
    }

    func forEach(_ collection: Collection, _ body: (BSONDocument) -> Void) throws {
        try writer.connection.find(collection.rawValue, BSONDocument(), in: store.database) {
            (document: BSONDocument) throws(MongoError) in
            body(document)
            return true
        }
    }

    /// Changes documents behind the history's back.
    func corrupt(_ collection: Collection, _ id: String, _ change: (inout BSONDocument) -> Void) throws {
        var update = BSONDocument()
        change(&update)
        let updates = [MongoUpdate(filter: .id(id), update: update, upsert: true)]
        _ = try writer.connection.update(updates, in: collection.rawValue, of: store.database)
    }

    private func add<Record: StoredRecord>(
        _: Record.Type,
        to result: inout [String: MemoryHistory.Snapshot],
        _ scope: TallyKey.Scope? = nil
    ) throws {
        var others = Set(scope.map { TallyFields($0).names } ?? [])
        if scope == .channel { others.insert(ConversationRecord.field) }
        try forEach(Record.collection) { stored in
            let id = stored.string("_id") ?? ""
            let name = "\(Record.collection.rawValue) \(id)"
            if let scope { result.addCounters(of: stored, scope) }
            // Counters of one whom no event described.
            if stored.document("v") == nil, scope != nil { return }
            guard let record = Record(stored) else {
                result[name] = .text("unreadable")
                return
            }
            let stray = DocumentComparison(collection: Record.collection, id: id, ignored: others)
                .differences(stored: stored, expected: record.document)
            result[name] = stray.isEmpty ? .document(record.document) : .text("\(stray)")
        }
    }

    /// MongoDB may ask for a transaction to be repeated.
    func retrying<R>(_ body: () throws -> R) throws -> R {
        while true {
            do { return try body() } catch let error as MongoError where error.isTransient { continue }
        }
    }
}

extension [String: MemoryHistory.Snapshot] {
    fileprivate mutating func addCounters(of stored: BSONDocument, _ scope: TallyKey.Scope) {
        let fields = TallyFields(scope)
        var change = TallyChange()
        func count(_ field: String?) -> Int64 { field.flatMap { stored.int64($0) } ?? 0 }
        (change.messages, change.reactions, change.reads) = (
            count(fields.messages), count(fields.reactions), count(fields.reads)
        )
        (change.engagement, change.readMilliseconds) = (count(fields.engagement), count(fields.readMilliseconds))
        change.lastMessageAt = fields.lastMessageAt.flatMap { stored.time($0) }
        change.lastActivity = fields.lastActivity.flatMap { stored.time($0) }
        if change.isCounted {
            self["counters \(scope) \(stored.string("_id") ?? "")"] = .counters(change.visible(scope))
        }
    }
}

extension TallyChange {
    /// Without what the scope's documents have no field for.
    func visible(_ scope: TallyKey.Scope) -> TallyChange {
        let fields = TallyFields(scope)
        var result = TallyChange()
        if fields.messages != nil { result.messages = messages }
        if fields.reactions != nil { result.reactions = reactions }
        if fields.reads != nil { result.reads = reads }
        if fields.engagement != nil { result.engagement = engagement }
        if fields.readMilliseconds != nil { result.readMilliseconds = readMilliseconds }
        if fields.lastMessageAt != nil { result.lastMessageAt = lastMessageAt }
        if fields.lastActivity != nil { result.lastActivity = lastActivity }
        return result
    }
}
