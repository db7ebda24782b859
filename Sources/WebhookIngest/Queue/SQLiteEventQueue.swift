import Blocking
import Chat
package import Limits
import SQLite
import Synchronization
package import Telemetry

/// An ``EventQueue`` in one SQLite file, `queue.sqlite`, which survives a crash of the process and of the machine.
///
/// A write-ahead log, synced at each append (`synchronous = FULL`); what takes rows away is synced with the next
/// append. Source: sqlite.org/wal.html.
package final class SQLiteEventQueue: EventQueue {
    let folder: QueueFolder
    private let limits: Limits.Queue
    private let diskSpace: @Sendable (String) -> DiskSpace?
    let clock: QueueClock
    let file: QueueFile
    let checkpointer: Checkpointer
    let state: Locked<QueueState>
    private let signal = WorkSignal()
    let isClosed = Atomic(false)
    let repairs = Locked(Repairs())
    private let lock: FolderLock

    /// Opens or makes the queue in `folder`, which must exist; a damaged file is set aside (``QueueFolder``).
    ///
    /// - Throws: ``QueueError/inUse(_:)`` when another process has the folder, else what keeps it from being opened.
    package convenience init(
        folder path: String,
        limits: Limits.Queue = Limits.Queue(),
        log: Log,
        clock: QueueClock = .system
    ) throws(QueueError) {
        try self.init(folder: path, limits: limits, log: log, clock: clock, diskSpace: DiskSpace.of)
    }

    init(
        folder path: String,
        limits: Limits.Queue,
        log: Log,
        clock: QueueClock,
        diskSpace: @escaping @Sendable (String) -> DiskSpace?
    ) throws(QueueError) {
        lock = try FolderLock(folder: path)
        folder = QueueFolder(folder: path, log: log, clock: clock)
        self.limits = limits
        self.clock = clock
        self.diskSpace = diskSpace
        file = try folder.open()
        state = Locked(QueueState(ledger: Ledger(last: 0)))
        checkpointer = Checkpointer(file, threshold: limits.checkpointBytes, log: log)
        try load()
    }

    deinit { close() }

    /// Ends the background work, copies the log into the file and frees the folder.
    ///
    /// Every later call is refused.
    package func close() {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        checkpointer.stop()
        file.close()
        lock.release()
        signal.notify()
    }

    package var status: QueueStatus { state.withLock { $0.status } }

    package func waitForWork() async {
        await signal.wait {
            isClosed.load(ordering: .acquiring) ? .work : state.withLock { $0.look(at: clock.uptime()) }
        }
    }
}

// MARK: Appending

extension SQLiteEventQueue {
    package func append(_ deliveries: [Delivery]) throws(QueueError) -> [Int64] {
        guard !deliveries.isEmpty else { return [] }
        if file.logBytes >= limits.walBytes { try relieve() }
        let sequences = try writing { writer throws(QueueError) in
            try self.checkRoom(for: deliveries, in: writer)
            return try Self.sqlite { () throws(SQLiteError) in try writer.append(deliveries) }
        } settle: { state, sequences in
            state.ledger.appended(upTo: sequences.last ?? 0)
        }
        signal.notify()
        return sequences
    }

    private func checkRoom(for deliveries: [Delivery], in writer: QueueWriter) throws(QueueError) {
        let bytes = deliveries.reduce(Int64(0)) { $0 + Int64($1.body.count) }
        let status = status
        guard status.rows + deliveries.count <= limits.rows, status.bytes + bytes <= limits.bytes else {
            throw .full(status)
        }
        // Twice, because it goes to the log first; and what the log holds must still fit into the file, or nothing could
        // be acknowledged any more.
        let needed = file.logBytes + 2 * bytes + QueueSchema.pageBytes * Int64(deliveries.count)
        guard let space = diskSpace(folder.folder), space.isShort(of: needed, reserving: limits.freeDiskBytes) else {
            return
        }
        // The file keeps what it has emptied: that room is ours whatever the disk says.
        let ours = try Self.sqlite { () throws(SQLiteError) in try writer.freeBytes() }
        guard ours > needed else { throw .diskFull }
    }

    /// The log is at its bound: appends wait until it has been copied.
    private func relieve() throws(QueueError) {
        try Self.sqlite { () throws(SQLiteError) in try self.file.finishCheckpoint() }
    }
}

// MARK: Taking and giving back

extension SQLiteEventQueue {
    package func take(events: Int, bytes: Int) throws(QueueError) -> [TakenDelivery] {
        let (first, last) = state.withLock { ($0.ledger.beginLook(at: clock.uptime()), $0.ledger.last) }
        guard events > 0, first <= last else { return [] }
        return try reading { reader throws(SQLiteError) in
            var look = Look(cursor: first, events: events, bytes: bytes)
            let isAtEnd = try reader.scanWaiting(from: first) { row throws(SQLiteError) in
                try look.visit(row, self.state)
            }
            // Rows up to `last` were committed before this look began: beyond it nothing was passed over.
            let cursor = isAtEnd ? max(look.cursor, last + 1) : look.cursor
            // Only now, so that a look which fails half-way has taken nothing.
            return self.state.withLock { look.finish(at: cursor, &$0.ledger) }
        }
    }

    /// One look for deliveries to take.
    private struct Look {
        var cursor: Int64
        let events: Int
        let bytes: Int
        var found: [TakenDelivery] = []
        private var size = 0

        init(cursor: Int64, events: Int, bytes: Int) {
            self.cursor = cursor
            self.events = events
            self.bytes = bytes
        }

        /// Chooses the row or passes over it; `false` when the look is over.
        mutating func visit(
            _ row: QueueReader.Row,
            _ state: Locked<QueueState>
        ) throws(SQLiteError) -> Bool {
            let (sequence, lane) = (row.sequence, row.lane)
            if state.withLock({ $0.ledger.admits(sequence, lane: lane) }) {
                guard found.isEmpty || size + row.bodyBytes <= bytes else { return false }
                size += row.bodyBytes
                found.append(TakenDelivery(sequence: sequence, delivery: try row.delivery()))
            }
            cursor = sequence + 1
            return found.count < events
        }

        func finish(at cursor: Int64, _ ledger: inout Ledger) -> [TakenDelivery] {
            ledger.endLook(at: cursor)
            return found.compactMap { row in
                var delivery = row.delivery
                // Its lane may have been put back meanwhile.
                guard ledger.admits(row.sequence, lane: delivery.lane) else { return nil }
                ledger.take(row.sequence, lane: delivery.lane, bytes: delivery.body.count)
                delivery.failures = ledger.failures(of: row.sequence)
                return TakenDelivery(sequence: row.sequence, delivery: delivery)
            }
        }
    }

    package func acknowledge(_ sequences: [Int64]) throws(QueueError) {
        try writing { writer throws(QueueError) in
            let taken = self.state.withLock { state in
                Set(sequences).sorted().compactMap { sequence in
                    state.ledger.taken(sequence).map { (sequence: sequence, bytes: Int64($0.bytes)) }
                }
            }
            let known = taken.map(\.sequence)
            guard !known.isEmpty else { return known }
            let bytes = taken.reduce(0) { $0 + $1.bytes }
            try Self.sqlite { () throws(SQLiteError) in try writer.remove(known, bytes: bytes) }
            return known
        } settle: { state, known in
            for sequence in known { state.ledger.removed(sequence) }
        }
    }

    package func putBack(_ sequences: [Int64], for delay: Duration, countFailure: Bool) throws(QueueError) {
        let until = clock.uptime() + delay
        state.withLock { $0.ledger.putBack(sequences, until: until, countFailure: countFailure) }
        signal.notify()
    }
}

// MARK: Parking and erasing

extension SQLiteEventQueue {
    package func park(_ sequence: Int64, reason: String) throws(QueueError) {
        let (now, limits) = (clock.now(), limits)
        try writing { writer throws(QueueError) in
            let (status, failures) = self.state.withLock { ($0.status, $0.ledger.failures(of: sequence)) }
            guard status.parked < limits.parkedRows else { throw .full(status) }
            try Self.sqlite { () throws(SQLiteError) in
                try writer.park(sequence, failures: failures, reason: reason, at: now)
            }
        } settle: { state, _ in
            state.ledger.removed(sequence)
        }
    }

    package func parked(limit: Int) throws(QueueError) -> [ParkedDelivery] {
        try reading { reader throws(SQLiteError) in try reader.parked(from: 1, limit: limit) }
    }

    package func unpark(_ sequences: [Int64]) throws(QueueError) {
        try writing { writer throws(QueueError) in
            try Self.sqlite { () throws(SQLiteError) in try writer.unpark(sequences) }
        } settle: { _, _ in
        }
    }

    package func remove(where matches: (Delivery) -> Bool) throws(QueueError) -> Int {
        let found = try matchingWaiting(matches) + matchingParked(matches)
        guard !found.isEmpty else { return 0 }
        let count = try writing { writer throws(QueueError) in
            try Self.sqlite { () throws(SQLiteError) in try writer.erase(found) }
        } settle: { state, _ in
            for sequence in found { state.ledger.removed(sequence) }
        }
        // The log still holds what was erased, until it has been copied and cut.
        try Self.sqlite { () throws(SQLiteError) in try self.file.finishCheckpoint(cutting: true) }
        return count
    }

    private func matchingWaiting(_ matches: (Delivery) -> Bool) throws(QueueError) -> [Int64] {
        var found: [Int64] = []
        var next: Int64? = 1
        while let from = next {
            next = try reading { reader throws(SQLiteError) in
                var (visited, last) = (0, from)
                let isAtEnd = try reader.scanWaiting(from: from) { row throws(SQLiteError) in
                    (visited, last) = (visited + 1, row.sequence)
                    if matches(try row.delivery()) { found.append(last) }
                    return visited < QueueReader.pieceRows
                }
                return isAtEnd ? nil : last + 1
            }
        }
        return found
    }

    private func matchingParked(_ matches: (Delivery) -> Bool) throws(QueueError) -> [Int64] {
        var found: [Int64] = []
        var from: Int64 = 1
        while true {
            let piece = try reading { reader throws(SQLiteError) in
                try reader.parked(from: from, limit: QueueReader.pieceRows)
            }
            found += piece.filter { matches($0.delivery) }.map(\.sequence)
            guard let last = piece.last, piece.count == QueueReader.pieceRows else { return found }
            from = last.sequence + 1
        }
    }
}
