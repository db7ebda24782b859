package import SQLite

/// Why the queue did not do what it was asked; nothing was changed.
package enum QueueError: Error, Equatable, CustomStringConvertible {
    /// `QUEUE_ROWS`, `QUEUE_BYTES` or the number of parked deliveries is reached.
    case full(QueueStatus)
    /// The disk has no room, or less than is kept free.
    case diskFull
    /// The file is busy, unreadable or not ours.
    case unavailable(String)
    /// The file's structure is broken and could not be set aside.
    case damaged(String)
    /// Another process uses the folder.
    case inUse(String)
    /// The queue was closed.
    case closed

    /// Whether the same call may succeed later without anyone doing something about it.
    package var isRetryable: Bool {
        switch self {
        case .full, .diskFull, .unavailable: true
        case .damaged, .inUse, .closed: false
        }
    }

    package var description: String {
        switch self {
        case .full(let status):
            """
            the queue is full with \(status.rows) events (\(status.bytes) bytes) and \(status.parked) parked; it goes \
            on once the worker catches up. Check MongoDB, or raise QUEUE_ROWS or QUEUE_BYTES.
            """
        case .diskFull: "the disk under DATA_DIR is full; free some space, and the queue goes on by itself."
        case .unavailable(let reason): "the queue cannot be used: \(reason)"
        case .damaged(let reason): "the queue's file is damaged: \(reason)"
        case .inUse(let folder):
            "another process uses the data folder \(folder); stop it, or give this one its own DATA_DIR."
        case .closed: "the queue was closed; this happens only while the service stops."
        }
    }

    package init(_ error: SQLiteError) {
        self =
            switch error.kind {
            case .full: .diskFull
            case .corrupt, .notADatabase: .damaged(error.description)
            default: .unavailable(error.description)
            }
    }
}
