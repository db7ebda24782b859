import Chat
import SQLite

/// The tables of `queue.sqlite` and how a row becomes a ``Delivery``.
enum QueueSchema {
    /// Marks the file as ours (`PRAGMA application_id`): "BCqu".
    static let applicationID: Int64 = 0x4243_7175
    /// `PRAGMA user_version`; a newer file is refused.
    static let version: Int64 = 1

    /// Bytes of a page: some nine average events, so that a commit writes few partly filled pages.
    static let pageBytes: Int64 = 16_384

    private static let deliveryColumns = """
        received INTEGER NOT NULL, id BLOB NOT NULL, type TEXT NOT NULL, lane TEXT NOT NULL,
        signature BLOB NOT NULL, api_key TEXT, webhook_id TEXT, attempt INTEGER
        """

    /// `end_offset` is the size of all bodies ever appended, this one included; with what was removed kept in
    /// `counters`, rows and bytes are known after opening without counting, and appending writes no counter.
    static let tables = """
        CREATE TABLE waiting (
            sequence INTEGER PRIMARY KEY, end_offset INTEGER NOT NULL, \(deliveryColumns), body BLOB NOT NULL) STRICT;
        CREATE TABLE parked (
            sequence INTEGER PRIMARY KEY, failures INTEGER NOT NULL, reason TEXT NOT NULL, parked_at INTEGER NOT NULL,
            \(deliveryColumns), body BLOB NOT NULL) STRICT;
        CREATE TABLE counters (
            one INTEGER PRIMARY KEY CHECK (one = 1), last_sequence INTEGER NOT NULL, last_offset INTEGER NOT NULL,
            removed_rows INTEGER NOT NULL, removed_bytes INTEGER NOT NULL, parked INTEGER NOT NULL) STRICT;
        INSERT INTO counters VALUES (1, 0, 0, 0, 0, 0);
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = \(version);
        """

    /// The columns that ``delivery(in:from:)`` and ``bind(_:to:from:)`` expect, in their order.
    static let fields = "received, id, type, lane, signature, api_key, webhook_id, attempt, body"
    static let fieldCount: Int32 = 9
    /// Where ``fields`` begin plus this is the lane or the body.
    static let (laneField, bodyField): (Int32, Int32) = (3, 8)

    static func delivery(in row: SQLiteStatement, from column: Int32) throws(SQLiteError) -> Delivery {
        Delivery(
            id: EventID(bytes: try row.blob(at: column + 1)),
            type: row.text(at: column + 2),
            lane: row.text(at: column + laneField),
            receivedAt: Timestamp(nanoseconds: row.integer(at: column)),
            body: try row.blob(at: column + bodyField),
            signature: try row.blob(at: column + 4),
            apiKey: row.optionalText(at: column + 5),
            webhookID: row.optionalText(at: column + 6),
            attempt: row.optionalInteger(at: column + 7).map(Int.init)
        )
    }

    static func bind(_ delivery: Delivery, to statement: SQLiteStatement, from index: Int32) throws(SQLiteError) {
        try statement.bind(index, delivery.receivedAt.nanoseconds)
        try statement.bind(index + 1, delivery.id.bytes)
        try statement.bind(index + 2, delivery.type)
        try statement.bind(index + laneField, delivery.lane)
        try statement.bind(index + 4, delivery.signature)
        try statement.bind(index + 5, delivery.apiKey)
        try statement.bind(index + 6, delivery.webhookID)
        try statement.bind(index + 7, delivery.attempt.map(Int64.init))
        try statement.bind(index + bodyField, delivery.body)
    }
}
