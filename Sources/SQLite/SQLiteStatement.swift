import CSQLite

/// A compiled statement, kept and used again by its owner.
///
/// Parameters count from 1 and columns from 0, as in SQLite.
package final class SQLiteStatement {
    private let connection: SQLiteConnection
    private let handle: OpaquePointer
    private let name: String

    init(_ sql: String, on connection: SQLiteConnection) throws(SQLiteError) {
        name = SQLiteConnection.head(of: sql)
        self.connection = connection
        var prepared: OpaquePointer?
        let result = sqlite3_prepare_v3(
            connection.handle,
            sql,
            -1,
            UInt32(SQLITE_PREPARE_PERSISTENT),
            &prepared,
            nil
        )
        guard result == SQLITE_OK, let prepared else { throw connection.error(result, while: "prepare \(name)") }
        handle = prepared
    }

    deinit { sqlite3_finalize(handle) }

    /// Goes to the next row; `false` when there is none, after which the statement can be used again.
    package func step() throws(SQLiteError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            sqlite3_reset(handle)
            return false
        case let code:
            let error = connection.error(code, while: name)
            sqlite3_reset(handle)
            throw error
        }
    }

    /// Runs a statement that gives no rows.
    package func run() throws(SQLiteError) {
        while try step() {}
    }

    /// Ends a statement before its last row, which also ends its read of the file.
    ///
    /// Bound values stay.
    package func reset() { sqlite3_reset(handle) }
}

// MARK: Parameters, copied by SQLite

extension SQLiteStatement {
    package func bind(_ index: Int32, _ value: Int64) throws(SQLiteError) {
        try check(sqlite3_bind_int64(handle, index, value))
    }

    package func bind(_ index: Int32, _ value: Int64?) throws(SQLiteError) {
        if let value { try bind(index, value) } else { try check(sqlite3_bind_null(handle, index)) }
    }

    package func bind(_ index: Int32, _ value: String) throws(SQLiteError) {
        // Without bytes there may be no address either, which SQLite would take for NULL.
        guard !value.isEmpty else { return try check(sqlite_bind_copied_text(handle, index, "", 0)) }
        var value = value
        try check(
            value.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) {
                    sqlite_bind_copied_text(handle, index, $0.baseAddress, UInt64($0.count))
                }
            }
        )
    }

    package func bind(_ index: Int32, _ value: String?) throws(SQLiteError) {
        if let value { try bind(index, value) } else { try check(sqlite3_bind_null(handle, index)) }
    }

    package func bind(_ index: Int32, _ value: [UInt8]) throws(SQLiteError) {
        // As for text: no bytes must not become NULL.
        guard !value.isEmpty else { return try check(sqlite3_bind_zeroblob(handle, index, 0)) }
        try check(
            value.withUnsafeBytes { sqlite_bind_copied_blob(handle, index, $0.baseAddress, UInt64($0.count)) }
        )
    }

    private func check(_ result: Int32) throws(SQLiteError) {
        guard result == SQLITE_OK else { throw connection.error(result, while: "bind to \(name)") }
    }
}

// MARK: Columns of the current row

extension SQLiteStatement {
    package func integer(at column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    package func optionalInteger(at column: Int32) -> Int64? {
        isNull(at: column) ? nil : integer(at: column)
    }

    /// Text, with anything that is not UTF-8 replaced.
    package func text(at column: Int32) -> String {
        guard let bytes = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    package func optionalText(at column: Int32) -> String? {
        isNull(at: column) ? nil : text(at: column)
    }

    /// A blob's size in bytes, without copying it.
    package func byteCount(at column: Int32) -> Int { Int(sqlite3_column_bytes(handle, column)) }

    package func blob(at column: Int32) throws(SQLiteError) -> [UInt8] {
        let bytes = sqlite3_column_blob(handle, column)
        let count = Int(sqlite3_column_bytes(handle, column))
        guard count > 0 else { return [] }
        // Bytes without an address: SQLite had no memory to bring them together.
        guard let bytes else { throw connection.error(SQLITE_NOMEM, while: "read a blob") }
        return [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
    }

    private func isNull(at column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }
}
