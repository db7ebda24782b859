import CSQLite

/// What a checkpoint achieved, in frames (pages) of the write-ahead log.
package struct SQLiteCheckpoint: Sendable, Equatable {
    package let logFrames: Int
    package let copiedFrames: Int
    package var isComplete: Bool { copiedFrames >= logFrames }

    package enum Mode: Sendable {
        /// Copies what it can without waiting for anyone.
        case passive
        /// Also waits until no reader needs the log, and cuts it to nothing.
        case truncate
    }
}

extension SQLiteConnection {
    /// Copies the write-ahead log into the database file and syncs it.
    ///
    /// - Throws: ``SQLiteError`` of kind `busy` when another checkpoint runs, a commit comes at the wrong moment, or a
    ///   reader stands in the way of `truncate`.
    package func checkpoint(_ mode: SQLiteCheckpoint.Mode) throws(SQLiteError) -> SQLiteCheckpoint {
        var log: Int32 = 0
        var copied: Int32 = 0
        let flag = mode == .passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE
        let result = sqlite3_wal_checkpoint_v2(handle, nil, flag, &log, &copied)
        guard result == SQLITE_OK else { throw error(result, while: "checkpoint the write-ahead log") }
        return SQLiteCheckpoint(logFrames: Int(max(log, 0)), copiedFrames: Int(max(copied, 0)))
    }

    /// Syncs the database file, without the log: what earlier checkpoints wrote.
    ///
    /// Source: sqlite.org/c3ref/c_fcntl_begin_atomic_write.html, `SQLITE_FCNTL_FILE_POINTER`.
    package func syncFile() throws(SQLiteError) {
        let result = sqlite_sync_file(handle)
        guard result == SQLITE_OK else { throw error(result, while: "sync the database file") }
    }
}
