import CSQLite

/// One connection to a SQLite file.
///
/// Blocks the calling thread. Not `Sendable`: used by one thread at a time, which is why SQLite's own lock is left out.
package final class SQLiteConnection {
    package enum Access: Sendable { case create, readWrite, readOnly }

    let handle: OpaquePointer
    private let walFrameCount = UnsafeMutablePointer<Int32>.allocate(capacity: 1)

    /// - Throws: ``SQLiteError`` of kind `cannotOpen`; a damaged file is noticed only by the first statement.
    package init(path: String, access: Access = .create) throws(SQLiteError) {
        let flags =
            switch access {
            case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .readWrite: SQLITE_OPEN_READWRITE
            case .readOnly: SQLITE_OPEN_READONLY
            }
        var opened: OpaquePointer?
        let result = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard result == SQLITE_OK, let opened else {
            let error = SQLiteError(result, of: opened, while: "open \(path)")
            sqlite3_close_v2(opened)
            walFrameCount.deallocate()
            throw error
        }
        handle = opened
        walFrameCount.initialize(to: 0)
        // Also switches off the automatic checkpoint, which SQLite implements as such a hook.
        sqlite3_wal_hook(
            handle,
            { count, _, _, frames in
                count?.assumingMemoryBound(to: Int32.self).pointee = frames
                return SQLITE_OK
            },
            walFrameCount
        )
    }

    deinit {
        // Statements keep their connection alive, so nothing is left to finalize when this runs.
        sqlite3_close_v2(handle)
        walFrameCount.deallocate()
    }

    /// Frames (pages) in the write-ahead log after this connection's last commit.
    package var walFrames: Int { Int(walFrameCount.pointee) }

    /// Rows changed by the last `INSERT`, `UPDATE` or `DELETE`.
    package var changes: Int { Int(sqlite3_changes64(handle)) }

    /// Runs one or several statements that give no rows.
    package func execute(_ sql: String) throws(SQLiteError) {
        let result = sqlite3_exec(handle, sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw error(result, while: "execute \(Self.head(of: sql))") }
    }

    /// Compiles one statement; the caller keeps it for as long as it is useful.
    package func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        try SQLiteStatement(sql, on: self)
    }

    /// The first column of the first row as an integer; `nil` without a row or with NULL.
    package func integer(_ sql: String) throws(SQLiteError) -> Int64? {
        let statement = try prepare(sql)
        return try statement.step() ? statement.optionalInteger(at: 0) : nil
    }

    /// The first column of the first row as text; `nil` without a row or with NULL.
    package func text(_ sql: String) throws(SQLiteError) -> String? {
        let statement = try prepare(sql)
        return try statement.step() ? statement.optionalText(at: 0) : nil
    }

    /// Runs `body` in a write transaction: everything or nothing.
    package func transaction<Value>(_ body: () throws(SQLiteError) -> Value) throws(SQLiteError) -> Value {
        try execute("BEGIN IMMEDIATE")
        do throws(SQLiteError) {
            let value = try body()
            try execute("COMMIT")
            return value
        } catch {
            // Several errors have rolled back already; rolling back twice is refused without harm.
            if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
            throw error
        }
    }

    /// Leaves the write-ahead log as it is when the last connection closes, instead of copying it into the file.
    package func keepLogOnClose() { _ = sqlite_switch(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1) }

    func error(_ code: Int32, while operation: String) -> SQLiteError {
        SQLiteError(code, of: handle, while: operation)
    }

    static func head(of sql: String) -> String {
        sql.count <= 60 ? sql : sql.prefix(60) + "…"
    }
}
