import Blocking
import SQLite
import Synchronization

/// The connections to `queue.sqlite`, each behind its lock.
///
/// Locks are taken in the order `reader`, `checkpointer`, `writer`; whoever needs one of them alone takes it alone.
final class QueueFile: Sendable {
    // Pages kept in memory, in KiB: enough for one batch, since what is behind it is not read again soon.
    private static let writerCacheKiB = 4_096
    private static let readerCacheKiB = 2_048
    private static let checkpointCacheKiB = 64

    let path: String
    /// `nil` once closed.
    let reader: Locked<QueueReader?>
    let checkpointer: Locked<SQLiteConnection?>
    let writer: Locked<QueueWriter?>
    /// Frames (pages) in the write-ahead log.
    private let logFrames = Atomic(0)

    /// Opens the file, which exists and was inspected, or makes it.
    init(path: String) throws(SQLiteError) {
        self.path = path
        // The writer comes first: it makes the tables that the others expect.
        let writer = try Self.openWriter(path)
        self.writer = Locked(writer)
        reader = Locked(try Self.openReader(path))
        checkpointer = Locked(try Self.connect(path, cacheKiB: Self.checkpointCacheKiB))
    }

    var logBytes: Int64 { Int64(logFrames.load(ordering: .relaxed)) * QueueSchema.pageBytes }

    /// To be called by who holds the writer, after each commit.
    func committed(_ writer: QueueWriter) { logFrames.store(writer.connection.walFrames, ordering: .relaxed) }

    /// Closes every connection; the last one copies the log into the file, which may take a while.
    func close() {
        reader.withLock { $0 = nil }
        checkpointer.withLock { $0 = nil }
        writer.withLock { $0 = nil }
        logFrames.store(0, ordering: .relaxed)
    }

    /// Opens every connection again after ``close()``, to a file that may be another one.
    func reopen() throws(SQLiteError) {
        do throws(SQLiteError) {
            try writer.withLock { writer throws(SQLiteError) in writer = try Self.openWriter(path) }
            try reader.withLock { reader throws(SQLiteError) in reader = try Self.openReader(path) }
            try checkpointer.withLock { connection throws(SQLiteError) in
                connection = try Self.connect(path, cacheKiB: Self.checkpointCacheKiB)
            }
        } catch {
            close()
            throw error
        }
    }

    /// Copies the log into the file while appends go on, then what came meanwhile while they wait, so that the next
    /// commit starts the log over.
    func checkpoint(pausingBelow pauseBytes: Int64, cutting: Bool) throws(SQLiteError) {
        try checkpointer.withLock { connection throws(SQLiteError) in
            guard let connection else { return }
            // Each round finds less than the one before, unless the disk is slower than the appends.
            for _ in 0..<8 {
                do throws(SQLiteError) {
                    let copied = try connection.checkpoint(.passive).copiedFrames
                    let rest = Int64(logFrames.load(ordering: .relaxed) - copied) * QueueSchema.pageBytes
                    if rest <= pauseBytes { break }
                } catch  where error.kind == .busy {
                    // It met a commit while reading the log's header (walIndexReadHdr in SQLite's wal.c).
                    continue
                }
            }
            // SQLite syncs the file only once all is copied, when appends wait: most of it is on the disk by then.
            try connection.syncFile()
        }
        try finishCheckpoint(cutting: cutting)
    }

    /// Copies the rest of the log while reads and appends wait.
    ///
    /// - Parameter cutting: also empties the log, so that nothing of it is left on the disk.
    func finishCheckpoint(cutting: Bool = false) throws(SQLiteError) {
        try reader.withLock { _ throws(SQLiteError) in
            try checkpointer.withLock { connection throws(SQLiteError) in
                try writer.withLock { _ throws(SQLiteError) in
                    guard let connection else { return }
                    let outcome = try connection.checkpoint(cutting ? .truncate : .passive)
                    if outcome.isComplete { logFrames.store(0, ordering: .relaxed) }
                }
            }
        }
    }

    static func openWriter(_ path: String) throws(SQLiteError) -> QueueWriter {
        let connection = try connect(path, cacheKiB: writerCacheKiB)
        if try connection.integer("PRAGMA user_version") == 0 {
            try connection.transaction { () throws(SQLiteError) in try connection.execute(QueueSchema.tables) }
        }
        return try QueueWriter(connection)
    }

    static func openReader(_ path: String) throws(SQLiteError) -> QueueReader {
        try QueueReader(try connect(path, cacheKiB: readerCacheKiB))
    }

    static func connect(_ path: String, cacheKiB: Int) throws(SQLiteError) -> SQLiteConnection {
        let connection = try SQLiteConnection(path: path)
        // Only other programs can make us wait: ours share locks of their own.
        try connection.execute(
            """
            PRAGMA busy_timeout = 2000;
            PRAGMA page_size = \(QueueSchema.pageBytes);
            PRAGMA auto_vacuum = NONE;
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA secure_delete = OFF;
            PRAGMA temp_store = MEMORY;
            PRAGMA cache_size = -\(cacheKiB);
            """
        )
        return connection
    }
}
