import Chat
import HTTPServer
import History
import Limits
import MongoDB

extension Routes {
    static func messages(_ database: Database, _ limits: Limits.Query) -> [Route] {
        let path = webhookPath + "/messages"
        let filters = MessageFilters(limits)
        let user = Parameter.identifier("userId", in: .path, "Who sent them.")
        let channel = Parameter.identifier("cid", in: .path, "The channel: `type:id`.")
        let listing = Parameter.identifier("listingId", in: .path, "The listing that they are about.")
        let id = Parameter.identifier("id", in: .path, "The message.")
        return [
            Route(
                "GET",
                "\(path)/listing/{listingId}",
                access: .readers,
                answers: .messages,
                "A listing's messages.",
                [listing] + filters.common
            ) {
                try await list(filters, $0, database, limits) { query, request in query.listing = request[listing] }
            }.audited("message.read", .after) { .init("listing", $0[listing]) },
            Route(
                "GET",
                "\(path)/user/{userId}",
                access: .readers,
                answers: .messages,
                "A user's messages.",
                [user] + filters.common
            ) {
                try await list(filters, $0, database, limits) { query, request in query.user = request[user] }
            }.audited("message.read", .after) { .init("user", $0[user]) },
            Route(
                "GET",
                "\(path)/channel/{cid}",
                access: .readers,
                answers: .messages,
                "A channel's messages.",
                [channel] + filters.common
            ) {
                try await list(filters, $0, database, limits) { query, request in query.channel = request[channel] }
            }.audited("message.read", .after) { .init("channel", $0[channel]) },
            Route("GET", path, access: .readers, answers: .messages, "Messages by any of these.", filters.all) {
                try await list(filters, $0, database, limits) { query, request in
                    query.channel = request[filters.channel]
                    query.user = request[filters.user]
                    query.listing = request[filters.listing]
                }
            }.audited("message.read", .after) { request in
                let (channel, listing) = (request[filters.channel], request[filters.listing])
                return .init(
                    "messages",
                    user: request[filters.user],
                    details: ["channel": channel, "listing": listing]
                )
            },
            Route(
                "GET",
                "\(path)/{id}",
                access: .readers,
                answers: .messageDetails,
                "One message with its edits and reactions.",
                [id]
            ) {
                request in
                let id = request[id]
                guard let details = try await database.run({ (queries) throws(MongoError) in try queries.message(id) })
                else { throw Problem.notFound("message") }
                return .json { MessageJSON.write(details, to: &$0) }
            }.audited("message.read", .after) { .init("message", $0[id]) },
        ]
    }

    private static func list(
        _ filters: MessageFilters,
        _ request: APIRequest,
        _ database: Database,
        _ limits: Limits.Query,
        _ narrow: (inout MessageQuery, APIRequest) -> Void
    ) async throws -> HTTPResponse {
        var query = try filters.query(request)
        narrow(&query, request)
        guard request[filters.format] == .json else {
            return try await MessageDownload(
                query: query,
                format: request[filters.format],
                most: request[filters.limit],
                database: database,
                rowsAtOnce: limits.exportRowsAtOnce
            ).response()
        }
        let (wanted, limit) = (query, request[filters.limit] ?? limits.pageDefault)
        let page = try await database.run { (queries) throws(MongoError) in try queries.page(wanted, limit: limit) }
        return .json { MessageJSON.write(page, wanted.order, to: &$0) }
    }
}

/// The parameters that choose messages.
struct MessageFilters: Sendable {
    let limit: Parameter<Int?>
    let format = Parameter<RowFormat>
        .choice(
            "format",
            in: .query,
            "How they are written; as csv and ndjson all of them are sent, but for a `limit`."
        )
        .defaulting(to: .json)
    let order = Parameter<MessageQuery.Order>.choice("order", in: .query, "Which come first.").defaulting(to: .newest)
    let cursor = Parameter.cursor(", with the same order", MessageCursor.init).optional
    let deleted = Parameter<MessageQuery.Deleted>
        .choice("deleted", in: .query, "Deleted messages: erased ones come as tombstones without content.")
        .defaulting(to: .exclude)
    let type = Parameter.identifier(
        "type",
        in: .query,
        "The business type, else the provider's, as figures count messages."
    ).optional
    let flagged = Parameter.flag("flagged", "Whether they are flagged.").optional
    let from = Parameter.instant("from", "The first instant that counts.").optional
    let to = Parameter.instant("to", "The first instant that no longer counts.").optional
    let parent = Parameter.identifier("parent", in: .query, "The message that they answer in a thread.").optional
    let channel = Parameter.identifier("channel", in: .query, "The channel: `type:id`.").optional
    let user = Parameter.identifier("user", in: .query, "Who sent them.").optional
    let listing = Parameter.identifier("listing", in: .query, "The listing that they are about.").optional

    init(_ limits: Limits.Query) {
        limit = Parameter<Int>.pageSize("Messages on a page.", limits).optional
    }

    var common: [any ParameterDeclaration] { [limit, order, cursor, format, deleted, type, flagged, from, to, parent] }
    var all: [any ParameterDeclaration] { [channel, user, listing] + common }

    func query(_ request: APIRequest) throws(Problem) -> MessageQuery {
        var query = MessageQuery()
        (query.order, query.deleted, query.type) = (request[order], request[deleted], request[type])
        (query.isFlagged, query.parent) = (request[flagged], request[parent])
        (query.from, query.to) = (request[from], request[to])
        if let from = query.from, let to = query.to, from >= to {
            throw .parameter("to", "The parameter to must be later than from.")
        }
        guard let cursor = request[cursor] else { return query }
        guard cursor.order == query.order else {
            throw .parameter("cursor", "The cursor was made for order=\(cursor.order.rawValue).")
        }
        query.after = cursor.position
        return query
    }
}
