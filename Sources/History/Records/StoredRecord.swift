package import Chat
package import MongoDB

/// The collections of the history.
///
/// `docs/operations.md` describes each.
package enum Collection: String, Sendable, CaseIterable {
    case events, messages, users, channels, members, reactions, reads, mutes, listings, threads
    case messageEdits = "message_edits"
    case readMarks = "read_marks"
    case reviewItems = "review_items"
    case reviewQueue = "review_queue"
    case sellerMetrics = "seller_metrics"
    case deadLetters = "dead_letters"
    case sweeps, fences, facts, outbox
    case channelObjects = "channel_objects"
    case outboxLeases = "outbox_leases"
    case outboxControls = "outbox_controls"
    case notificationPreferences = "notification_preferences"
    case notificationCounts = "notification_counts"
    case appUsers = "app_users"
    case decisions
    case ruleSets = "rule_sets"
    case ruleOccasions = "rule_occasions"
    case spamLabels = "spam_labels"
    case spamModels = "spam_models"
    case blocks
    case userCounts = "user_counts"
    case rollups, people, turns, connections
    case conversationTimes = "conversation_times"
    case figureDays = "figure_days"
    case audit
    case auditPending = "audit_pending"
    case apiKeys = "api_keys"
    case mark = "backchannel"
}

/// An entity that is one document of a collection.
package protocol StoredRecord: Sendable, Equatable {
    associatedtype Key: Hashable & Sendable

    static var collection: Collection { get }
    /// The document's `_id`. Different keys never give the same.
    static func documentID(of key: Key) -> String
    /// The fields that are read, where other records lie in the same documents.
    static var projection: BSONDocument? { get }

    var key: Key { get }
    /// `nil` for a document that this version cannot read.
    init?(_ document: BSONDocument)
    /// The fields that events decide, with their stamps under `v`, without counters. Begins with `_id`.
    var document: BSONDocument { get }
}

extension StoredRecord {
    package static var projection: BSONDocument? { nil }
}

/// Joins identifiers into an `_id`: `/` between them, `%` and `/` within them escaped as in URLs.
package func joinedID(_ parts: String...) -> String {
    parts.map { part in
        guard part.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "%") }) else { return part }
        return part.reduce(into: "") { result, character in
            switch character {
            case "%": result += "%25"
            case "/": result += "%2F"
            default: result.append(character)
            }
        }
    }.joined(separator: "/")
}

extension BSONDocument {
    package mutating func append(_ key: String, ifPresent value: String?) { if let value { append(key, value) } }
    mutating func append(_ key: String, ifPresent value: Int64?) { if let value { append(key, value) } }
    mutating func append(_ key: String, ifPresent value: Double?) { if let value { append(key, value) } }
    mutating func append(_ key: String, ifTrue value: Bool) { if value { append(key, true) } }
    mutating func append(_ key: String, ifAny values: [String]) { if !values.isEmpty { append(key, values) } }
    package mutating func append(_ key: String, date time: Timestamp?) {
        if let time { append(key, date: time.milliseconds) }
    }
    /// Whole nanoseconds, where they decide.
    mutating func append(_ key: String, exact time: Timestamp?) { if let time { append(key, time.nanoseconds) } }

    mutating func append(_ key: String, stamp: Stamp?) {
        guard let stamp else { return }
        append(key) { (array: inout BSONArray) in
            array.append(stamp.time.nanoseconds)
            array.append(stamp.tieBreak)
            if stamp.version != 0 { array.append(stamp.version) }
        }
    }

    func stamp(_ key: String) -> Stamp? {
        guard let parts = array(key), parts.count >= 2, case .int64(let time) = parts[0],
            case .int64(let tieBreak) = parts[1]
        else { return nil }
        var version: Int64 = 0
        if parts.count > 2, case .int64(let value) = parts[2] { version = value }
        return Stamp(time: Timestamp(nanoseconds: time), version: version, tieBreak: tieBreak)
    }

    package func time(_ key: String) -> Timestamp? { date(key).map(Timestamp.init(milliseconds:)) }
    func exactTime(_ key: String) -> Timestamp? { int64(key).map(Timestamp.init(nanoseconds:)) }

    func strings(_ key: String) -> [String] {
        (array(key) ?? []).compactMap { if case .string(let string) = $0 { string } else { nil } }
    }

    /// The register whose stamp is `v.<name>`.
    func register<Value>(_ stamps: BSONDocument, _ name: String, _ value: () -> Value) -> Register<Value>? {
        stamps.stamp(name).map { Register(value(), at: $0) }
    }
}
