package import Chat
package import History
package import Limits
package import MongoDB

/// The outbox in MongoDB.
///
/// Every call blocks its thread.
package struct OutboxStore: Sendable {
    package let history: HistoryStore
    package let limits: Limits.Outbox

    package init(_ history: HistoryStore, limits: Limits.Outbox) { (self.history, self.limits) = (history, limits) }

    // MARK: Writing

    /// Writes effects that nothing else is stored with; those that are there already stay as they are.
    ///
    /// Durable on return (majority, journal); safe to repeat.
    ///
    /// - Parameter entries: what the audit trail is told, in one transaction with them.
    /// - Returns: how many were new.
    @discardableResult
    package func write(
        _ effects: [Effect],
        mode: EffectMode,
        order: WriteOrder,
        at now: Timestamp,
        entering entries: [AuditEntry] = []
    ) throws(MongoError) -> Int {
        let updates = effects.compactMap { $0.outboxWrite(mode, order: order.next(at: now), at: now) }
        guard !updates.isEmpty || !entries.isEmpty else { return 0 }
        return try update(updates) { _ in entries }.upserted
    }

    /// Lets effects wait that wait once for each subject: see ``Effect/renewal(_:latest:order:_:at:)``.
    ///
    /// Durable on return (majority, journal); safe to repeat.
    package func renew(
        _ effects: [Effect],
        latest: Timestamp,
        order: WriteOrder,
        at now: Timestamp
    ) throws(MongoError) {
        guard !effects.isEmpty else { return }
        _ = try update(
            effects.compactMap { $0.renewal(.on, latest: latest, order: order.next(at: now), limits, at: now) }
        )
    }

    // MARK: Reading

    /// A page of open effects.
    struct OpenRows: Sendable {
        /// Those that this version can read.
        var rows: [OutboxRow] = []
        /// The order of the last one.
        var last = Int64.min
        /// Nothing comes after them.
        var isEnd = true
    }

    /// Open effects of one destination in the order of writing, a page of them.
    func open(
        _ destination: Effect.Destination,
        shards: [Int],
        from order: Int64
    ) throws(MongoError) -> OpenRows {
        var filter = BSONDocument()
        filter.append("open", true)
        filter.append("destination", destination.description)
        filter.append("shard") {
            $0.append("$in") { (array: inout BSONArray) in for shard in shards { array.append(Int32(shard)) } }
        }
        filter.append("order") { $0.append("$gte", order) }
        var (page, count) = (OpenRows(), 0)
        try find(filter, sort: .keys(("order", 1)), limit: limits.pageRows) { document in
            count += 1
            page.last = document.int64("order") ?? page.last
            if let row = OutboxRow(document) { page.rows.append(row) }
        }
        page.isEnd = count < limits.pageRows
        return page
    }

    /// Open effects of the same lanes that were given their order earlier.
    ///
    /// - Parameter concluded: effects that are over.
    func earlier(
        than rows: [OutboxRow],
        except concluded: Set<Effect.EffectKey>
    ) throws(MongoError) -> EarlierEffects {
        var earlier = EarlierEffects()
        for start in stride(from: 0, to: rows.count, by: limits.lanesPerLook) {
            let part = rows[start..<min(start + limits.lanesPerLook, rows.count)]
            var count = 0
            // Without the hint MongoDB weighs its indexes for each lane.
            try find(earlierFilter(part), sort: nil, hint: .openEffectsOfLanes, limit: limits.pageRows) { document in
                count += 1
                if let row = OutboxRow(document), !concluded.contains(row.key) { earlier.add(row) }
            }
            if count == limits.pageRows { earlier.isCutOff = true }
        }
        return earlier
    }

    private func earlierFilter(_ rows: ArraySlice<OutboxRow>) -> BSONDocument {
        var filter = BSONDocument(capacity: rows.count * 128)
        filter.append("$or") { (array: inout BSONArray) in
            for row in rows {
                array.append {
                    $0.append("open", true)
                    $0.append("destination", row.destination.description)
                    $0.append("lane", row.lane)
                    $0.append("order") { $0.append("$lt", row.order) }
                }
            }
        }
        return filter
    }

    // MARK: Moving on

    /// Writes down what became of attempts, unless another node has taken an effect over since, and then marks effects as
    /// begun by this node.
    ///
    /// - Parameter tokens: of the leases, by shard; without one nothing is begun.
    /// - Returns: those of `rows` that are still to be performed, by anyone, and now are by us.
    func move(
        _ conclusions: [Conclusion],
        begin rows: [OutboxRow],
        tokens: [Int: Int64],
        node: String,
        at now: Timestamp
    ) throws(MongoError) -> Set<Effect.EffectKey> {
        let held = rows.compactMap { row in tokens[row.shard].map { (row, $0) } }
        let begins = held.map { beginning($0, $1, node, now) }
        let result = try update(conclusions.flatMap(writes) + begins, ordered: true)
        guard result.matched < conclusions.count + held.count else { return Set(held.map(\.0.key)) }
        return try ours(held.map(\.0), tokens, node)
    }

    private func beginning(_ row: OutboxRow, _ token: Int64, _ node: String, _ now: Timestamp) -> MongoUpdate {
        var filter = BSONDocument.id(row.key.description)
        filter.append("open", true)
        filter.append("$or") { (array: inout BSONArray) in
            array.append { $0.append("token") { $0.append("$exists", false) } }
            array.append { $0.append("token") { $0.append("$lte", token) } }
        }
        var change = BSONDocument(capacity: 256)
        change.append("$set") {
            $0.append("state", EffectState.running.rawValue)
            $0.append("token", token)
            $0.append("node", node)
        }
        change.append("$inc") { $0.append("attempts", Int32(1)) }
        let what = row.state == .running ? TimelineEntry.What.takenOver : .started
        TimelineEntry(at: now, what: what, detail: node).push(to: &change, most: limits.timelineEntries)
        return MongoUpdate(filter: filter, update: change)
    }

    private func ours(
        _ rows: [OutboxRow],
        _ tokens: [Int: Int64],
        _ node: String
    ) throws(MongoError) -> Set<Effect.EffectKey> {
        var filter = BSONDocument()
        filter.append("_id") { $0.append("$in", rows.map(\.key.description)) }
        filter.append("state", EffectState.running.rawValue)
        filter.append("node", node)
        var keys: Set<Effect.EffectKey> = []
        try find(filter, sort: nil, limit: rows.count) { document in
            guard let row = OutboxRow(document), row.token == tokens[row.shard] else { return }
            keys.insert(row.key)
        }
        return keys
    }

    /// What became of an attempt, and what is written down of it.
    struct Conclusion: Sendable {
        /// As it was begun.
        var row: OutboxRow
        var state: EffectState
        var entry: TimelineEntry
        var isFailure = false
        /// With ``EffectState/waiting``: when it is tried again.
        var retryAt: Timestamp?
    }

    /// Of which at most one finds the row.
    private func writes(_ conclusion: Conclusion) -> [MongoUpdate] {
        var filter = BSONDocument.id(conclusion.row.key.description)
        filter.append("open", true)
        filter.append("token", conclusion.row.token)
        // Another cause may have come too late for an effect that was not performed.
        guard conclusion.row.isRenewable, !conclusion.state.isOpen, conclusion.entry.what != .done else {
            return [MongoUpdate(filter: filter, update: change(conclusion))]
        }
        var (over, anew) = (filter, filter)
        over.append("next") { $0.append("$exists", false) }
        anew.append("next") { $0.append("$exists", true) }
        return [
            MongoUpdate(filter: over, update: change(conclusion)),
            MongoUpdate(filter: anew, stages: [Self.waitingAnew(after: conclusion.entry, limits)]),
        ]
    }

    private func change(_ conclusion: Conclusion) -> BSONDocument {
        var change = BSONDocument(capacity: 256)
        let isOpen = conclusion.state.isOpen
        change.append("$set") {
            $0.append("state", conclusion.state.rawValue)
            $0.append("answer", ifPresent: conclusion.entry.detail)
            $0.append("retry_at", date: conclusion.retryAt)
            if !isOpen { $0.append("finished", date: conclusion.entry.at.milliseconds) }
        }
        // What was done is history: it returns as an event. What was not is kept to be looked at and tried again.
        let drops = conclusion.state == .done ? ["open", "payload", "next"] : isOpen ? [] : ["open"]
        if !drops.isEmpty { change.append("$unset") { for field in drops { $0.append(field, Int32(1)) } } }
        if conclusion.isFailure { change.append("$inc") { $0.append("failures", Int32(1)) } }
        conclusion.entry.push(to: &change, most: limits.timelineEntries)
        return change
    }

    /// Turns scheduled effects whose time has come into waiting ones.
    ///
    /// - Returns: how many.
    func promote(order: WriteOrder, at now: Timestamp) throws(MongoError) -> Int {
        var filter = BSONDocument()
        filter.append("due") { $0.append("$lte", date: now.milliseconds) }
        var keys: [String] = []
        try find(filter, sort: .keys(("due", 1)), limit: limits.promotedRows) { document in
            if let key = document.string("_id") { keys.append(key) }
        }
        guard !keys.isEmpty else { return 0 }
        let updates = keys.map { key in
            var filter = BSONDocument.id(key)
            filter.append("state", EffectState.scheduled.rawValue)
            var change = BSONDocument()
            change.append("$set") {
                $0.append("state", EffectState.waiting.rawValue)
                $0.append("open", true)
                $0.append("order", order.next(at: now))
            }
            change.append("$unset") { $0.append("due", Int32(1)) }
            TimelineEntry(at: now, what: .promoted).push(to: &change, most: limits.timelineEntries)
            return MongoUpdate(filter: filter, update: change)
        }
        return try update(updates).modified
    }

    /// Removes finished effects past their retention, some at a time.
    func removeFinished(before cutoff: Timestamp) throws(MongoError) -> Int {
        var filter = BSONDocument()
        filter.append("finished") { $0.append("$lt", date: cutoff.milliseconds) }
        var keys: [String] = []
        try find(filter, sort: .keys(("finished", 1)), limit: limits.removedRows) { document in
            if let key = document.string("_id") { keys.append(key) }
        }
        guard !keys.isEmpty else { return 0 }
        var those = BSONDocument()
        those.append("_id") { $0.append("$in", keys) }
        return try history.pool.withConnection { connection throws(MongoError) in
            try connection.delete([(filter: those, limit: 0)], in: Collection.outbox.rawValue, of: history.database)
        }
    }

    // MARK: MongoDB

    func update(_ updates: [MongoUpdate], ordered: Bool = false) throws(MongoError) -> MongoUpdateResult {
        try history.pool.withConnection { connection throws(MongoError) in
            try connection.update(updates, in: Collection.outbox.rawValue, of: history.database, ordered: ordered)
        }
    }

    /// The same, with what the audit trail is told of it in the same transaction, if there is something to tell.
    func update(
        _ updates: [MongoUpdate],
        entering entries: (MongoUpdateResult) -> [AuditEntry]
    ) throws(MongoError) -> MongoUpdateResult {
        let (collection, database) = (Collection.outbox.rawValue, history.database)
        return try history.withTransaction { connection, session throws(MongoError) in
            var result = MongoUpdateResult(matched: 0, modified: 0, upserted: 0)
            if !updates.isEmpty {
                result = try connection.update(updates, in: collection, of: database, session: session)
            }
            try AuditTrail().append(entries(result), connection, session, database)
            return result
        }
    }

    func find(
        _ filter: BSONDocument,
        sort: BSONDocument?,
        projection: BSONDocument? = nil,
        hint: Index? = nil,
        limit: Int,
        _ each: (BSONDocument) -> Void
    ) throws(MongoError) {
        try history.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Collection.outbox.rawValue,
                filter,
                in: history.database,
                options: .init(sort: sort, projection: projection, limit: limit, hint: hint?.name)
            ) { (document: BSONDocument) throws(MongoError) in
                each(document)
                return true
            }
        }
    }
}
