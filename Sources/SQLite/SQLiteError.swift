import CSQLite
import Glibc

/// A failure reported by SQLite: callers branch on ``kind``, people read ``description``; neither holds bound values.
package struct SQLiteError: Error, CustomStringConvertible {
    package enum Kind: Sendable {
        /// Another connection holds the lock that was needed.
        case busy
        /// No room on the disk, or the configured number of pages is used up.
        case full
        /// The file's structure is broken.
        case corrupt
        /// The file does not begin as a database does.
        case notADatabase
        case ioError
        case cannotOpen
        case readOnly
        case constraint
        case outOfMemory
        case other
    }

    package let kind: Kind
    /// SQLite's extended result code.
    ///
    /// Source: sqlite.org/rescode.html.
    package let code: Int
    package let description: String

    init(_ code: Int32, of connection: OpaquePointer?, while operation: String) {
        let systemError = connection.map { sqlite3_system_errno($0) } ?? 0
        kind = Self.kind(of: code, systemError: systemError)
        self.code = Int(code)
        let detail = connection.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
        description = "\(operation): \(detail) (SQLite \(code)). \(Self.advice(for: kind))"
    }

    private static func kind(of code: Int32, systemError: Int32) -> Kind {
        switch code & 0xff {
        case SQLITE_BUSY, SQLITE_LOCKED: .busy
        case SQLITE_FULL: .full
        case SQLITE_CORRUPT: .corrupt
        case SQLITE_NOTADB: .notADatabase
        // A delayed allocation fails only when it is synced: still a full disk, not a broken one.
        case SQLITE_IOERR: systemError == ENOSPC || systemError == EDQUOT ? .full : .ioError
        case SQLITE_CANTOPEN: .cannotOpen
        case SQLITE_READONLY: .readOnly
        case SQLITE_CONSTRAINT: .constraint
        case SQLITE_NOMEM: .outOfMemory
        default: .other
        }
    }

    private static func advice(for kind: Kind) -> String {
        switch kind {
        case .busy: "Another program has the file locked; a retry is safe."
        case .full: "Free disk space; nothing of this operation was kept, and a retry is safe."
        case .corrupt, .notADatabase: "The file is damaged: keep a copy, and recover what can be read."
        case .ioError: "Check the disk and the system log; nothing of this operation can be relied upon."
        case .cannotOpen, .readOnly: "Check that the folder exists and that the service's user may write to it."
        case .constraint, .other: "Retrying unchanged will not help."
        case .outOfMemory: "Give the service more memory; a retry is safe."
        }
    }
}
