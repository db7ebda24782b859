import Foundation
import TestSupport

/// The true figures of `Fixtures/conversation`, computed without the service.
struct ConversationFigures: Decodable {
    struct Days: Decodable {
        let startDate: String
        let endDate: String
    }

    struct User: Decodable {
        let messages: Int
        let reactions: Int
        let reads: Int
        let score: Int
        enum CodingKeys: String, CodingKey { case messages, reactions, reads, score = "engagement_score" }
    }

    let events: Int
    let range: Days
    /// By time zone.
    let all: [String: MessageFigures]
    /// By listing and time zone.
    let listings: [String: [String: MessageFigures]]
    let withoutListing: Int
    /// Messages by channel.
    let channels: [String: Int]
    let users: [String: User]
    /// By type.
    let reactionsStanding: [String: Int]
    /// `hard` or `soft` by message.
    let deleted: [String: String]
    let edited: [String]
    let flagged: [String]

    enum CodingKeys: String, CodingKey {
        case events, range, all, listings, channels, users, deleted, edited, flagged
        case withoutListing = "without_listing", reactionsStanding = "reactions_standing"
    }

    static let folder = fixturesRoot.appending(path: "conversation")

    static func read() throws -> ConversationFigures {
        try JSONDecoder().decode(Self.self, from: Data(contentsOf: folder.appending(path: "figures.json")))
    }

    /// The days of ``range``.
    var days: [String] {
        let (format, day) = (Date.ISO8601FormatStyle().year().month().day(), TimeInterval(86_400))
        guard let first = try? format.parse(range.startDate), let last = try? format.parse(range.endDate) else {
            return []
        }
        return stride(from: first, through: last, by: day).map { format.format($0) }
    }
}

/// What analytics answer; `figures.json` has days and hours as well.
struct MessageFigures: Decodable {
    struct ByType: Decodable, Equatable {
        let type: String
        let count: Int
        enum CodingKeys: String, CodingKey { case type = "_id", count }
    }

    struct ByHour: Decodable, Equatable {
        let hour: Int
        let count: Int
    }

    let total: Int
    let users: Int
    let types: [ByType]
    let perDay: Double
    let peakHours: [ByHour]
    let days: [String: Int]?
    let hours: [String: Int]?

    enum CodingKeys: String, CodingKey {
        case total = "total_messages", users = "unique_users", types = "messages_by_type"
        case perDay = "avg_messages_per_day", peakHours = "peak_hours", days = "messages_by_day"
        case hours = "messages_by_hour"
    }
}
