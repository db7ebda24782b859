package import Chat
package import History
package import Limits
package import MongoDB

/// What effects are listed by; everything is optional.
package struct EffectFilter: Sendable, Equatable {
    package var state: EffectState?
    package var destination: String?
    package var causeID: String?
    package var lane: String?

    package init(state: EffectState? = nil, destination: String? = nil, causeID: String? = nil, lane: String? = nil) {
        (self.state, self.destination, self.causeID, self.lane) = (state, destination, causeID, lane)
    }

    var document: BSONDocument {
        var filter = BSONDocument()
        if let state { filter.append("state", state.rawValue) }
        filter.append("destination", ifPresent: destination)
        filter.append("cause_id", ifPresent: causeID)
        filter.append("lane", ifPresent: lane)
        return filter
    }
}

/// What operators ask of the outbox, and do to it.
extension OutboxStore {
    /// Latest first; as they are stored, without payload and timeline.
    package func effects(
        _ filter: EffectFilter,
        after position: ListPosition?,
        limit: Int
    ) throws(MongoError) -> ListPage<BSONDocument> {
        var query = filter.document
        query.append(latestBy: "created", after: position)
        var found: [BSONDocument] = []
        try find(query, sort: .latest(by: "created"), projection: Self.summary, limit: limit + 1) { found.append($0) }
        return ListPage(found, limit: limit, latestBy: "created")
    }

    /// One effect with its payload and timeline.
    package func effect(_ key: Effect.EffectKey) throws(MongoError) -> BSONDocument? {
        var found: BSONDocument?
        try find(.id(key.description), sort: nil, limit: 1) { found = $0 }
        return found
    }

    /// Has effects performed (again) that were given up, too old, recorded or cancelled.
    ///
    /// Their age does not matter any more: an operator has looked at them.
    ///
    /// - Returns: whether it is to be performed now.
    package func retry(
        _ key: Effect.EffectKey,
        by caller: String,
        order: WriteOrder,
        at now: Timestamp,
        entering entries: () -> [AuditEntry] = { [] }
    ) throws(MongoError) -> Bool {
        var change = BSONDocument()
        change.append("$set") {
            $0.append("state", EffectState.waiting.rawValue)
            $0.append("open", true)
            $0.append("order", order.next(at: now))
            $0.append("failures", Int32(0))
        }
        change.append("$unset") {
            for field in ["expires", "retry_at", "finished", "due"] { $0.append(field, Int32(1)) }
        }
        TimelineEntry(at: now, what: .retried, detail: caller).push(to: &change, most: limits.timelineEntries)
        return try move(key, from: EffectState.allCases.filter(\.isRetriable), to: change, entries)
    }

    /// Stops an effect that has not begun.
    ///
    /// - Returns: whether it is stopped.
    package func cancel(
        _ key: Effect.EffectKey,
        by caller: String,
        at now: Timestamp,
        entering entries: () -> [AuditEntry] = { [] }
    ) throws(MongoError) -> Bool {
        let change = Self.cancelling(caller, limits, at: now)
        return try move(key, from: EffectState.allCases.filter(\.isCancellable), to: change, entries)
    }

    /// What cancels an effect, wherever it is written.
    static func cancelling(_ caller: String, _ limits: Limits.Outbox, at now: Timestamp) -> BSONDocument {
        var change = BSONDocument()
        change.append("$set") {
            $0.append("state", EffectState.cancelled.rawValue)
            $0.append("finished", date: now.milliseconds)
        }
        change.append("$unset") { for field in ["open", "due", "retry_at"] { $0.append(field, Int32(1)) } }
        TimelineEntry(at: now, what: .cancelled, detail: caller).push(to: &change, most: limits.timelineEntries)
        return change
    }

    /// The write that stops an effect which has not begun, and leaves any other as it is: part of the transaction that takes
    /// back what caused it.
    package static func cancellation(
        of key: Effect.EffectKey,
        by caller: String,
        _ limits: Limits.Outbox,
        at now: Timestamp
    ) -> MongoUpdate {
        let states = EffectState.allCases.filter(\.isCancellable)
        return MongoUpdate(filter: filter(key, in: states), update: cancelling(caller, limits, at: now))
    }

    private static func filter(_ key: Effect.EffectKey, in states: [EffectState]) -> BSONDocument {
        var filter = BSONDocument.id(key.description)
        filter.append("state") { $0.append("$in", states.map(\.rawValue)) }
        return filter
    }

    private func move(
        _ key: Effect.EffectKey,
        from states: [EffectState],
        to change: BSONDocument,
        _ entries: () -> [AuditEntry]
    ) throws(MongoError) -> Bool {
        let update = MongoUpdate(filter: Self.filter(key, in: states), update: change)
        return try self.update([update]) { $0.matched > 0 ? entries() : [] }.matched > 0
    }

    /// How many effects are in each state at each destination that is open, dead or scheduled.
    package func depths() throws(MongoError) -> [(destination: String, state: EffectState, count: Int64)] {
        var match = BSONDocument()
        match.append("$match") {
            $0.append("state") {
                $0.append("$in", [EffectState.scheduled, .waiting, .running, .dead].map(\.rawValue))
            }
        }
        var group = BSONDocument()
        group.append("$group") {
            $0.append("_id") {
                $0.append("d", "$destination")
                $0.append("s", "$state")
            }
            $0.append("n") { $0.append("$sum", Int64(1)) }
        }
        var result: [(String, EffectState, Int64)] = []
        try history.pool.withConnection { connection throws(MongoError) in
            try connection.aggregate(Collection.outbox.rawValue, [match, group], in: history.database) {
                (document: BSONDocument) throws(MongoError) in
                if let id = document.document("_id"), let destination = id.string("d"),
                    let state = id.string("s").flatMap(EffectState.init)
                {
                    result.append((destination, state, document.int64("n") ?? 0))
                }
                return true
            }
        }
        return result
    }

    private static let summary: BSONDocument = .keys(
        ("payload", 0),
        ("timeline", 0),
        ("open", 0),
        ("shard", 0),
        ("next", 0)
    )
}
