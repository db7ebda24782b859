import Chat
import HTTPServer
import History
import JSON
import MongoDB

/// All messages that match, as rows, sent while they are read: as many as there are, in the memory of one page.
///
/// Each page is a question of its own. What is sent, edited or deleted meanwhile may be among them as it was or as it is;
/// everything else is there once.
struct MessageDownload: Sendable {
    let query: MessageQuery
    /// Not JSON.
    let format: RowFormat
    /// `nil` is all.
    let most: Int?
    let database: Database
    let rowsAtOnce: Int

    private static let columns = [
        "id", "at", "channel", "sender", "sender_name", "type", "flagged", "deleted_at", "listing", "text",
    ]

    /// The first page is read before anything is answered, so that what goes wrong is said with a status.
    ///
    /// - Throws: as ``Database/run(_:)``.
    func response() async throws -> HTTPResponse {
        let first = try await page(after: query.after, sent: 0)
        let headers = [
            ("Content-Type", format == .csv ? "text/csv; charset=utf-8" : "application/x-ndjson"),
            ("Content-Disposition", "attachment; filename=\"messages.\(format.rawValue)\""),
        ]
        return HTTPResponse(
            status: 200,
            headers: headers,
            stream: HTTPStream { writer in
                if format == .csv { try await writer.write(header) }
                var (page, sent) = (first, 0)
                while true {
                    try await writer.write(bytes(of: page.messages))
                    sent += page.messages.count
                    guard let next = page.next, sent < most ?? .max else { return }
                    page = try await self.page(after: next, sent: sent)
                }
            }
        )
    }

    private func page(after position: MessagePosition?, sent: Int) async throws -> MessageSlice {
        var query = query
        query.after = position
        let (wanted, limit) = (query, min(rowsAtOnce, (most ?? .max) - sent))
        return try await database.run { (queries) throws(MongoError) in try queries.slice(wanted, limit: limit) }
    }

    // MARK: Rows

    private var header: [UInt8] {
        var table = CSVTable()
        table.row(Self.columns)
        return table.bytes
    }

    private func bytes(of messages: [StoredMessage]) -> [UInt8] {
        guard format == .csv else { return MessageJSON.lines(messages) }
        var table = CSVTable()
        for message in messages { table.row(Self.cells(of: message)) }
        return table.bytes
    }

    private static func cells(of message: StoredMessage) -> [String] {
        let stored = message.document
        func time(_ name: String) -> String? { stored.date(name).map { Timestamp(milliseconds: $0).rfc3339 } }
        let cells = [
            stored.string("_id"), time("createdAt"), stored.string("cid"), message.sender?.id, message.sender?.name,
            stored.string("message_type") ?? stored.string("type"),
            stored.bool("is_flagged") == true ? "true" : "false",
            time("deletedAt"), stored.string("listing_id"), stored.string("text"),
        ]
        return cells.map { $0 ?? "" }
    }
}
