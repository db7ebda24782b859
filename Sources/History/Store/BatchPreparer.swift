import Analytics
import Chat
package import MongoDB

/// Folds a batch ahead of its transaction, while the batch before is being written, so that MongoDB need not wait.
///
/// What a prepared batch rests on is what was read, and what the batch before it will have left. Its transaction finds
/// out whether that came true (``Fence``); if not, the batch is folded again within the transaction, and only the work
/// was in vain. For one thread.
package final class BatchPreparer {
    private let store: HistoryStore
    private var lastNumber = 0

    package init(_ store: HistoryStore) { self.store = store }

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
                var fold = BatchFold(received, settings: store.settings)
                let reader = TimedReader(
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
private struct OverlaidReader<Reader: EntityReader>: EntityReader {
    let reader: Reader
    let overlay: BatchFold?

    func knownEvents(among ids: [EventID]) throws(MongoError) -> Set<EventID> {
        let known = try reader.knownEvents(among: ids)
        guard let overlay else { return known }
        let coming = Set(overlay.events.map(\.received.id))
        return known.union(ids.filter(coming.contains))
    }

    func erasedUsers(among ids: Set<String>) throws(MongoError) -> Set<String> {
        let erased = try reader.erasedUsers(among: ids)
        guard let overlay else { return erased }
        return erased.union(ids.filter { overlay.users[$0]?.isErased == true })
    }

    func load<Record: StoredRecord>(_ type: Record.Type, _ keys: Set<Record.Key>) throws(MongoError) -> [Record] {
        guard let table = overlay?.table(of: type) else { return try reader.load(type, keys) }
        let coming = keys.compactMap { table[$0] }
        return coming + (try reader.load(type, keys.subtracting(coming.map(\.key))))
    }
}

extension BatchFold {
    fileprivate func table<Record: StoredRecord>(of _: Record.Type) -> Table<Record>? {
        let tables: [any Sendable] = [
            messages, users, channels, members, reactions, reads, readMarks, mutes, reviewItems, threads,
        ]
        for table in tables { if let found = table as? Table<Record> { return found } }
        return nil
    }
}
