import Chat
import Crypto
import Foundation
import HTTPServer
import History
import JSON
import Limits
import MongoDB
import WebhookIngest

extension Routes {
    static func deadLetters(_ services: APIServices, _ database: Database) -> [Route] {
        let path = "/api/v1/dead-letters"
        let limits = services.limits.query
        let limit = Parameter.pageSize("Dead letters on a page.", limits)
        let cursor = Parameter<ListPosition>.cursor(.deadLetters).optional
        let id = Parameter.deadLetterID
        return [
            Route(
                "GET",
                path,
                access: .admin,
                answers: .letters,
                "Events that could not be stored, latest first.",
                [limit, cursor]
            ) {
                let (position, limit) = ($0[cursor], $0[limit])
                let (page, total) = try await database.run { (queries) throws(MongoError) in
                    (try queries.deadLetters(after: position, limit: limit), try queries.deadLetterCount())
                }
                return .json {
                    $0.page(page.rows, next: page.next?.cursor(.deadLetters)) {
                        DocumentJSON().writeFields(of: $0, to: &$1)
                    }
                    $0.field("total", total)
                }
            },
            Route("GET", "\(path)/{id}", access: .admin, answers: .letter, "One of them, with its raw body.", [id]) {
                request in
                let id = request[id]
                let letter = try await database.run { (queries) throws(MongoError) in try queries.deadLetter(id) }
                guard let letter else { throw Problem.notFound("dead letter") }
                return .json { write(letter, to: &$0) }
            }.audited("dead_letter.read", .after) { .init("dead_letter", $0[id].description) },
            Route(
                "POST",
                "\(path)/{id}/retry",
                access: .admin,
                answers: .letterRetried,
                "Puts one into the queue again.",
                [id]
            ) {
                try await retry($0[id], services, database)
            }.audited("dead_letter.retry", .before) { .init("dead_letter", $0[id].description) },
        ]
    }

    /// Queued durably first, removed then: what stops in between is retried twice, which the history does not notice.
    private static func retry(
        _ id: EventID,
        _ services: APIServices,
        _ database: Database
    ) async throws -> HTTPResponse {
        let letter = try await database.run { (queries) throws(MongoError) in try queries.deadLetter(id) }
        guard let letter else {
            guard try await database.run({ (queries) throws(MongoError) in try queries.isStored(id) }) else {
                throw Problem.notFound("dead letter")
            }
            return answer(200, id, state: "stored")
        }
        let delivery = Delivery(letter, lane: services.provider.envelope(of: letter.body, parser: JSONParser()).lane)
        try await database.runBlocking { () throws(QueueError) in _ = try services.queue.append([delivery]) }
        try await database.runRepeating { (queries) throws(MongoError) in try queries.remove(letter) }
        return answer(202, id, state: "queued")
    }

    private static func answer(_ status: Int, _ id: EventID, state: String) -> HTTPResponse {
        .json(status) {
            $0.field("_id", id.description)
            $0.field("state", state)
        }
    }

    private static func write(_ letter: DeadLetter, to writer: inout JSONWriter) {
        writer.field("_id", letter.id.description)
        writer.field("type", letter.type)
        writer.field("reason", letter.reason)
        writer.field("at", letter.at)
        writer.field("received", letter.receivedAt.roundedDownToMilliseconds)
        writer.field("api_key", letter.apiKey)
        writer.field("webhook_id", letter.webhookID)
        writer.field("attempt", letter.attempt)
        writer.field("bytes", letter.body.count)
        writer.field("signature", Hex.encode(letter.signature))
        writer.field("raw_base64", Data(letter.body).base64EncodedString())
        writer.field("text", String(validating: letter.body, as: UTF8.self))
    }
}

extension Parameter where Value == EventID {
    fileprivate static let deadLetterID = Parameter(
        name: "id",
        place: .path,
        summary: "The event: the SHA-256 of its body.",
        allowed: "64 lower-case hexadecimal digits",
        fallback: nil,
        shownFallback: nil,
        read: EventID.init(hash:)
    )
}

extension Delivery {
    fileprivate init(_ letter: DeadLetter, lane: String) {
        self.init(
            id: letter.id,
            type: letter.type,
            lane: lane,
            receivedAt: letter.receivedAt,
            body: letter.body,
            signature: letter.signature,
            apiKey: letter.apiKey,
            webhookID: letter.webhookID,
            attempt: letter.attempt
        )
    }
}
