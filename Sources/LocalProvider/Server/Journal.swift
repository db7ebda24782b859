import Blocking
import Chat
import Dispatch
import Foundation
import Limits
import SQLite

/// The calls that changed something, on disk: carried out again in order they give the state back.
///
/// Everything that waits at a moment is committed together, on a thread of its own, before it is answered.
final class Journal: Sendable {
    /// One call as it arrived, and when.
    struct Record: Sendable {
        let at: Timestamp
        let actor: APICall.Actor
        let method: String
        let path: String
        let query: [String: String]
        let body: [UInt8]
    }

    private struct Waiting {
        var records: [Record] = []
        var continuations: [@Sendable () -> Void] = []
        var mustClear = false
        var isScheduled = false
    }

    /// `@unchecked Sendable`: the connection is used on `queue` alone, once `init` is over.
    private final class Store: @unchecked Sendable {
        let connection: SQLiteConnection
        let insert: SQLiteStatement

        init(path: String) throws(SQLiteError) {
            connection = try SQLiteConnection(path: path)
            try connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
            try connection.execute(
                """
                CREATE TABLE IF NOT EXISTS calls (
                    number INTEGER PRIMARY KEY, at INTEGER NOT NULL, user TEXT, method TEXT NOT NULL,
                    path TEXT NOT NULL, query BLOB NOT NULL, body BLOB NOT NULL)
                """
            )
            insert = try connection.prepare(
                "INSERT INTO calls (at, user, method, path, query, body) VALUES (?, ?, ?, ?, ?, ?)"
            )
        }
    }

    private let store: Store
    private let queue = DispatchQueue(label: "journal")
    private let waiting = Locked(Waiting())
    private let walPages: Int
    private let onFailure: @Sendable (SQLiteError) -> Void

    /// - Parameters:
    ///   - folder: is made if it is not there.
    ///   - onFailure: is told, once a commit has failed, that the state is ahead of the disk.
    init(
        folder: String,
        limits: Limits.LocalProvider,
        onFailure: @escaping @Sendable (SQLiteError) -> Void
    ) throws(SQLiteError) {
        mkdir(folder, 0o700)  // already there is as well; anything else is said by SQLite
        store = try Store(path: "\(folder)/calls.sqlite")
        walPages = limits.walPages
        self.onFailure = onFailure
    }

    /// Every record, oldest first; before the first ``append(_:)``.
    func replay(_ body: (Record) -> Void) throws(SQLiteError) {
        let statement = try store.connection.prepare(
            "SELECT at, user, method, path, query, body FROM calls ORDER BY number"
        )
        while try statement.step() {
            let query = try? Value(parsing: statement.text(at: 4)).object
            body(
                Record(
                    at: Timestamp(nanoseconds: statement.integer(at: 0)),
                    actor: statement.optionalText(at: 1).map(APICall.Actor.user) ?? .server,
                    method: statement.text(at: 2),
                    path: statement.text(at: 3),
                    query: Dictionary(
                        (query ?? [:]).pairs.map { ($0.name, $0.value.string ?? "") },
                        uniquingKeysWith: { _, last in last }
                    ),
                    body: try statement.blob(at: 5)
                )
            )
        }
    }

    /// To be called while nobody else can see what the record has changed: whoever sees it is answered after it is safe.
    func append(_ record: Record) { waiting.withLock { $0.records.append(record) } }

    /// Calls `then` once every record so far is on stable storage; at once if nothing waits.
    func settle(then continuation: @escaping @Sendable () -> Void) {
        let (isSettled, mustSchedule) = waiting.withLock { waiting in
            if waiting.records.isEmpty, waiting.continuations.isEmpty, !waiting.isScheduled { return (true, false) }
            waiting.continuations.append(continuation)
            defer { waiting.isScheduled = true }
            return (false, !waiting.isScheduled)
        }
        if isSettled { continuation() }
        if mustSchedule { queue.async { self.flush() } }
    }

    /// Forgets every record, then calls `then`.
    func clear(then continuation: @escaping @Sendable () -> Void) {
        waiting.withLock { waiting in
            waiting.records = []
            waiting.mustClear = true
        }
        queue.async {
            self.flush()
            continuation()
        }
    }

    private func flush() {
        while true {
            let taken = waiting.withLock { waiting -> Waiting? in
                guard waiting.mustClear || !waiting.continuations.isEmpty else {
                    waiting.isScheduled = false
                    return nil
                }
                defer { waiting = Waiting(isScheduled: waiting.isScheduled) }
                return waiting
            }
            guard let taken else { return }
            do throws(SQLiteError) {
                try write(taken)
            } catch {
                return onFailure(error)
            }
            for continuation in taken.continuations { continuation() }
        }
    }

    private func write(_ taken: Waiting) throws(SQLiteError) {
        if taken.mustClear { try store.connection.execute("DELETE FROM calls") }
        guard !taken.records.isEmpty else { return }
        try store.connection.transaction { () throws(SQLiteError) in
            for record in taken.records { try insert(record) }
        }
        if store.connection.walFrames > walPages { _ = try store.connection.checkpoint(.passive) }
    }

    private func insert(_ record: Record) throws(SQLiteError) {
        var user: String?
        if case .user(let id) = record.actor { user = id }
        let query = Fields(record.query.map { ($0.key, .string($0.value)) })
        try store.insert.bind(1, record.at.nanoseconds)
        try store.insert.bind(2, user)
        try store.insert.bind(3, record.method)
        try store.insert.bind(4, record.path)
        try store.insert.bind(5, Value.object(query).json)
        try store.insert.bind(6, record.body)
        try store.insert.run()
    }
}
