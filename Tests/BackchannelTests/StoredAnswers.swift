import Foundation
import HTTPClient
import TestSupport
import Testing

/// Asks the service and remembers each answer, so that it can be asked again whether anything has changed.
actor StoredAnswers {
    static let messages = "/api/v1/webhooks/getstream/messages"
    static let analytics = "/api/v1/webhooks/getstream/analytics/messages"

    private let service: ServiceUnderTest
    private var answers: [String: [UInt8]] = [:]

    init(of service: ServiceUnderTest) { self.service = service }

    /// - Throws: unless the answer is 200 and what is wanted.
    func get<Value: Decodable & Sendable>(_ path: String, as _: Value.Type = Value.self) async throws -> Value {
        let body = try await fetch(path)
        answers[path] = body
        do {
            return try JSONDecoder().decode(Value.self, from: Data(body))
        } catch {
            throw TestFailure("\(path) answered \(String(decoding: body, as: UTF8.self)): \(error)")
        }
    }

    /// Walks all pages; each says the same total, and the messages are as many and none twice.
    func walk(_ path: String, pageSize: Int) async throws -> [AnsweredMessage] {
        let separator = path.contains("?") ? "&" : "?"
        var messages: [AnsweredMessage] = []
        var cursor: String?
        repeat {
            let place = cursor.map { "&cursor=\($0)" } ?? ""
            let page: AnsweredPage = try await get("\(path)\(separator)limit=\(pageSize)\(place)")
            messages += page.data
            cursor = page.next
            try #require(messages.count <= page.total, "\(path) has more messages than it says")
            if cursor == nil { #expect(messages.count == page.total, "\(path)") }
        } while cursor != nil
        #expect(Set(messages.map(\.id)).count == messages.count, "\(path)")
        return messages
    }

    /// Every answer is what it was.
    func expectUnchanged(_ comment: Comment) async throws {
        #expect(!answers.isEmpty)
        for (path, body) in answers.sorted(by: { $0.key < $1.key }) {
            let now = try await fetch(path)
            #expect(
                String(decoding: now, as: UTF8.self) == String(decoding: body, as: UTF8.self),
                "\(comment): \(path)"
            )
        }
    }

    private func fetch(_ path: String) async throws -> [UInt8] {
        let answer = try await service.get(path)
        guard answer.status == 200 else {
            throw TestFailure("\(path): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        }
        return answer.body
    }
}

struct AnsweredPage: Decodable {
    let data: [AnsweredMessage]
    let total: Int
    let next: String?
}

struct AnsweredMessage: Decodable {
    struct Sender: Decodable {
        let id: String
        enum CodingKeys: String, CodingKey { case id = "_id" }
    }

    struct Edit: Decodable { let text: String? }
    struct Reaction: Decodable { let type: String }

    let id: String
    let text: String?
    let sender: Sender?
    let createdAt: String
    let isFlagged: Bool
    let cid: String?
    let listing: String?
    let isErased: Bool?
    let deletedAt: String?
    /// In the answer about one message alone.
    let edits: [Edit]?
    let reactions: [Reaction]?

    enum CodingKeys: String, CodingKey {
        case id = "_id", sender = "sender_id", isFlagged = "is_flagged", listing = "listing_id", isErased = "erased"
        case text, createdAt, cid, deletedAt, edits, reactions
    }

    /// The hour of the day in a time zone.
    func hour(in zone: String) throws -> Int {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: zone))
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return calendar.component(.hour, from: try format.parse(createdAt))
    }
}
