import Analytics
package import Chat
package import MongoDB

/// Folds a batch ahead of its transaction, while the batch before is being written, so that MongoDB need not wait.
///
/// What a prepared batch rests on is what was read, and what the batch before it will have left. Its transaction finds
/// out whether that came true (``Fence``); if not, the batch is folded again within the transaction, and only the work
/// was in vain. For one thread.
package final class BatchPreparer {
    private let store: HistoryStore
    private let fence: Fence
    private let judge: (any BatchJudge)?
    private var lastNumber = 0

    /// - Parameters:
    ///   - fence: of the writer that the batches are for.
    ///   - judge: that writer's.
    package init(_ store: HistoryStore, fence: Fence = Fence(), judge: (any BatchJudge)? = nil) {
        (self.store, self.fence, self.judge) = (store, fence, judge)
    }

    /// Reads one moment of the database and folds the batch into it, blocking.
    ///
    /// - Parameter previous: the batch that is being written meanwhile; every one before it must be committed.
    package func prepare(
        _ received: [ReceivedEvent],
        after previous: PreparedBatch?
    ) throws(MongoError) -> PreparedBatch {
        lastNumber += 1
        let start = ContinuousClock.now
        return try store.pool.withConnection { connection throws(MongoError) in
            try connection.withSnapshot { session throws(MongoError) in
                let heights = try Fence.Heights.read(connection, session, store.database)
                var fold = BatchFold(
                    received,
                    settings: store.settings,
                    judge: judge,
                    epoch: heights.others(than: fence)
                )
                let reader = BatchReader(
                    MongoEntityReader(connection: connection, session: session, database: store.database)
                )
                try fold.run(reading: OverlaidReader(reader: reader, overlay: previous?.fold))
                let folded = ContinuousClock.now
                let plan = fold.plan()
                return PreparedBatch(
                    received: received,
                    fold: fold,
                    plan: plan,
                    number: lastNumber,
                    basis: previous?.number,
                    heights: heights,
                    reading: reader.elapsed,
                    folding: start.duration(to: folded) - reader.elapsed,
                    encoding: folded.duration(to: .now)
                )
            }
        }
    }
}

/// A batch that needs only to be written, if nobody else changed the history meanwhile.
package struct PreparedBatch: Sendable {
    let received: [ReceivedEvent]
    let fold: BatchFold
    let plan: WritePlan
    let number: Int
    /// The prepared batch whose outcome this one takes for granted.
    let basis: Int?
    /// When the history was read.
    let heights: Fence.Heights
    let reading: Duration
    let folding: Duration
    let encoding: Duration
}

/// What is stored, as it will be once another batch is stored too.
struct OverlaidReader<Reader: EntityReader>: EntityReader {
    let reader: Reader
    let overlay: BatchFold?

    func knownEvents(among ids: [EventID]) throws(MongoError) -> Set<EventID> {
        let known = try reader.knownEvents(among: ids)
        guard let overlay else { return known }
        return known.union(ids.filter(overlay.eventIDs.contains))
    }

    func erasedUsers(among ids: Set<String>) throws(MongoError) -> Set<String> {
        let erased = try reader.erasedUsers(among: ids)
        guard let overlay else { return erased }
        return erased.union(ids.filter { overlay.users[$0]?.isErased == true })
    }

    func load<Record: StoredRecord>(_ type: Record.Type, _ keys: Set<Record.Key>) throws(MongoError) -> [Record] {
        guard let table = overlay?.table(of: type) else { return try reader.load(type, keys) }
        var (coming, others): ([Record], Set<Record.Key>) = ([], keys)
        for key in keys {
            guard let record = table[key] else { continue }
            coming.append(record)
            others.remove(key)
        }
        return coming + (try reader.load(type, others))
    }

    func lastMessages(
        of author: MessageAuthor,
        through: Timestamp,
        limit: Int
    ) throws(MongoError) -> [MessageState] {
        let stored = try reader.lastMessages(of: author, through: through, limit: limit)
        guard let overlay else { return stored }
        return author.lastMessages(stored, with: overlay.messages.after, through: through, limit: limit)
    }

    func memberships(of owner: MessageAuthor, limit: Int) throws(MongoError) -> [MemberRecord] {
        let stored = try reader.memberships(of: owner, limit: limit)
        guard let overlay else { return stored }
        let coming = overlay.members.after.values.filter(owner.owns)
        return Array((coming + stored.filter { overlay.members[$0.key] == nil }).prefix(limit))
    }

    func bodies(ofMessages ids: [String], type: EventType) throws(MongoError) -> [StoredBody] {
        let stored = try reader.bodies(ofMessages: ids, type: type)
        guard let overlay else { return stored }
        let wanted = Set(ids)
        let coming = overlay.events.map(\.received).filter {
            $0.type == type && $0.messageID.map(wanted.contains) ?? false
        }
        return stored + coming.map { StoredBody(id: $0.id, receivedAt: $0.receivedAt, body: $0.body) }
    }

    func bodies(beginning: [Int64], type: EventType) throws(MongoError) -> [StoredBody] {
        let stored = try reader.bodies(beginning: beginning, type: type)
        guard let overlay else { return stored }
        let coming = overlay.events.map(\.received).filter { $0.type == type && beginning.contains($0.id.tieBreak) }
        return stored + coming.map { StoredBody(id: $0.id, receivedAt: $0.receivedAt, body: $0.body) }
    }

    func onlookers(
        of author: MessageAuthor,
        in times: ClosedRange<Timestamp>,
        limit: Int
    ) throws(MongoError) -> [Onlooker] {
        let stored = try reader.onlookers(of: author, in: times, limit: limit)
        guard let overlay else { return stored }
        let coming = overlay.events.compactMap { $0.keepsBody ? $0.received.onlooker(of: author, in: times) : nil }
        guard !coming.isEmpty else { return stored }
        return Array((stored + coming).sorted { $0.time > $1.time }.prefix(limit))
    }
}

extension MessageAuthor {
    /// What ``EntityReader/lastMessages(of:through:limit:)`` finds once others are stored too.
    ///
    /// - Parameter coming: by id; in place of what is stored of them.
    package func lastMessages(
        _ stored: [MessageState],
        with coming: [String: MessageState],
        through: Timestamp,
        limit: Int
    ) -> [MessageState] {
        let own = coming.values.filter { state in
            wrote(state) && state.record.created.map { $0.time.milliseconds <= through.milliseconds } ?? false
        }
        guard !own.isEmpty else { return stored }
        let others = stored.filter { coming[$0.record.id] == nil }
        return Array((others + own).sorted { $0.position > $1.position }.prefix(limit))
    }

    /// Whether it is among ``EntityReader/lastMessages(of:through:limit:)``.
    package func wrote(_ state: MessageState) -> Bool {
        guard state.record.created != nil else { return false }
        return switch self {
        case .user(let id): state.record.sender == id
        case .channel(let cid): state.record.cid == cid
        case .userInChannel(let id, let cid): state.record.sender == id && state.record.cid == cid
        }
    }

    /// Whether it is among ``EntityReader/memberships(of:limit:)``.
    package func owns(_ member: MemberRecord) -> Bool {
        switch self {
        case .user(let id): member.key.userID == id
        case .channel(let cid): member.key.cid == cid
        case .userInChannel(let id, let cid): member.key == .init(cid: cid, userID: id)
        }
    }
}

extension MessageState {
    /// In the order in which messages are read: to the millisecond, then by id.
    fileprivate var position: (Int64, String) { (record.created?.time.milliseconds ?? 0, record.id) }
}

extension BatchFold {
    fileprivate func table<Record: StoredRecord>(of _: Record.Type) -> Table<Record>? {
        let tables: [any Sendable] = [
            messages, users, channels, members, reactions, reads, readMarks, mutes, reviewItems, threads,
            reviews, people, conversations, rollups,
        ]
        if Record.self == DecisionRecord.self {
            return Table(judgement.decisions.map(\.after)) as? Table<Record>
        }
        for table in tables { if let found = table as? Table<Record> { return found } }
        return nil
    }
}
