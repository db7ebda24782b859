import Analytics
import Chat
import MongoDB

/// A collection that counters are measured from, and how: what a plain query over the history says.
struct CounterSource {
    let collection: Collection
    /// The field that holds the counters' id.
    let key: String
    /// What of ``Row`` each document adds to, and by how much.
    let sums: [(field: String, amount: BSONValue)]
    /// What of ``Row`` each document may raise, and the field that holds the time.
    let latest: [(field: String, time: String)]
    var filter = BSONDocument()

    static func all(of scope: TallyKey.Scope) -> [CounterSource] {
        let one = BSONValue.int64(1)
        switch scope {
        case .user:
            return [
                messages("sender_id", [("last_message", "createdAt"), ("last_activity", "createdAt")]),
                CounterSource(.reactions, "user_id", [("reactions", one)], [("last_activity", "createdAt")]),
                CounterSource(.readMarks, "user_id", [("reads", one)], [("last_activity", "at")]),
            ]
        case .listing: return [messages("listing_id", [("last_message", "createdAt")])]
        case .channel:
            return [
                messages("cid", [("last_message", "createdAt")]),
                CounterSource(.readMarks, "cid", [("reads", one)], []),
            ]
        case .seller: return [sellerReads]
        }
    }

    private static func messages(_ key: String, _ latest: [(String, String)]) -> CounterSource {
        var source = CounterSource(.messages, key, [("messages", .int64(1))], latest)
        source.filter.append("createdAt") { $0.append("$exists", true) }
        return source
    }

    /// The first read by the channel's seller, of messages by others.
    private static var sellerReads: CounterSource {
        var latency = BSONDocument()
        latency.append("$max") { (either: inout BSONArray) in
            either.append(Int64(0))
            either.append {
                $0.append("$subtract") { (pair: inout BSONArray) in
                    pair.append("$seller_read.at")
                    pair.append("$createdAt")
                }
            }
        }
        var source = CounterSource(
            .messages,
            "seller_id",
            [("reads", .int64(1)), ("milliseconds", .document(latency))],
            []
        )
        source.filter.append("createdAt") { $0.append("$exists", true) }
        source.filter.append("sender_id") { $0.append("$exists", true) }
        source.filter.append("$expr") {
            $0.append("$and") { (all: inout BSONArray) in
                all.append { $0.append("$eq", ["$seller_read.by", "$seller_id"]) }
                all.append { $0.append("$ne", ["$seller_read.by", "$sender_id"]) }
            }
        }
        return source
    }

    private init(
        _ collection: Collection,
        _ key: String,
        _ sums: [(String, BSONValue)],
        _ latest: [(String, String)]
    ) {
        (self.collection, self.key) = (collection, key)
        self.sums = sums.map { (field: $0.0, amount: $0.1) }
        self.latest = latest.map { (field: $0.0, time: $0.1) }
    }

    /// One row for each id: of these ids alone, if they are given.
    func pipeline(ids: [String]? = nil) -> [BSONDocument] {
        var match = BSONDocument()
        match.append("$match") {
            $0.append(contentsOf: filter)
            $0.append(key) { if let ids { $0.append("$in", ids) } else { $0.append("$exists", true) } }
        }
        var group = BSONDocument()
        group.append("$group") {
            $0.append("_id", "$\(key)")
            for (field, amount) in sums { $0.append(field) { $0.append("$sum", value: amount) } }
            for (field, time) in latest { $0.append(field) { $0.append("$max", "$\(time)") } }
        }
        return [match, group]
    }
}

extension TallyChange {
    /// - Parameter row: of ``CounterSource/pipeline(ids:)``, or the sum of several.
    init(row: BSONDocument, _ scope: TallyKey.Scope, _ weights: EngagementWeights) {
        self.init()
        (messages, reactions) = (row.int64("messages") ?? 0, row.int64("reactions") ?? 0)
        (reads, readMilliseconds) = (row.int64("reads") ?? 0, row.int64("milliseconds") ?? 0)
        (lastMessageAt, lastActivity) = (row.time("last_message"), row.time("last_activity"))
        switch scope {
        case .user:
            engagement = messages * weights.message + reactions * weights.reaction + reads * weights.read
        case .listing: engagement = messages * weights.listingMessage
        case .channel, .seller: break
        }
    }
}
