import Crypto
import Glibc
import SQLite

/// Looks a queue file over before it is used, in a bounded time: a small file whole, a large one in samples.
struct QueueInspection {
    enum Finding: Equatable {
        case sound
        case damaged(String)
        /// Not to be touched: the reason.
        case foreign(String)
    }

    /// Files up to this size are checked whole, in bytes; SQLite checks about 1 GB a second.
    private static let wholeBytes: Int64 = 64 * 1_048_576
    /// Rows read at the start, at the end and at each of as many places between.
    private static let sampleRows = 32

    /// - Throws: ``SQLiteError`` when the file could not be looked at, damage aside.
    static func inspect(_ path: String) throws(SQLiteError) -> Finding {
        do throws(SQLiteError) {
            let connection = try SQLiteConnection(path: path, access: .readWrite)
            // The log of a damaged file is evidence as well.
            connection.keepLogOnClose()
            try connection.execute("PRAGMA busy_timeout = 2000")
            return try inspect(connection)
        } catch  where error.kind == .corrupt || error.kind == .notADatabase {
            return .damaged(error.description)
        }
    }

    private static func inspect(_ connection: SQLiteConnection) throws(SQLiteError) -> Finding {
        let version = try connection.integer("PRAGMA user_version") ?? 0
        let application = try connection.integer("PRAGMA application_id") ?? 0
        let pages = try connection.integer("PRAGMA page_count") ?? 0
        guard application == QueueSchema.applicationID else {
            return pages == 0 ? .sound : .foreign("it is a SQLite file of another program")
        }
        guard version <= QueueSchema.version else {
            return .foreign("it was written by a newer Backchannel (format \(version))")
        }
        let pageBytes = try connection.integer("PRAGMA page_size") ?? 0
        if pages * pageBytes <= wholeBytes {
            let result = try connection.text("PRAGMA quick_check(1)") ?? "no answer"
            guard result == "ok" else { return .damaged(result) }
        }
        return try sample(connection)
    }

    /// Reads rows at the ends and evenly between, and compares each body with its digest.
    private static func sample(_ connection: SQLiteConnection) throws(SQLiteError) -> Finding {
        _ = try connection.integer("SELECT removed_rows FROM counters")
        _ = try connection.integer("SELECT max(sequence) FROM parked")
        let first = try connection.integer("SELECT min(sequence) FROM waiting") ?? 0
        let last = try connection.integer("SELECT max(sequence) FROM waiting") ?? -1
        guard first <= last else { return .sound }

        let row = try connection.prepare("SELECT id, body, sequence FROM waiting WHERE sequence >= ? LIMIT ?")
        let stride = max(1, (last - first) / Int64(sampleRows))
        for place in Swift.stride(from: first, through: last, by: Int(stride)) {
            try row.bind(1, place)
            try row.bind(2, place == first ? Int64(sampleRows) : 1)
            while try row.step() {
                guard SHA256.digest(try row.blob(at: 1)) == (try row.blob(at: 0)) else {
                    row.reset()
                    return .damaged("event \(row.integer(at: 2)) no longer has the digest it was stored with")
                }
            }
        }
        return .sound
    }
}
