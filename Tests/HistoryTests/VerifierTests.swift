import Analytics
import Chat
import Limits
import MongoDB
import TestSupport
import Testing

@testable import History

/// Whatever is wrong in the store is found by a verification, and mended by a rebuild where history knows better.
struct VerifierTests {
    struct Corruption: CustomTestStringConvertible {
        let collection: Collection
        let id: String
        let field: String
        /// Where the difference shows, if it is not where the damage was done.
        var shows: (collection: String, id: String, field: String)?
        let change: @Sendable (inout BSONDocument) -> Void
        var testDescription: String { "\(collection.rawValue) \(id) \(field)" }
    }

    static let channel = "messaging:market"

    /// Where one of several fields is named, or the document itself.
    private static let looseFields: Set = ["message_edits", "rollups", "turns", "conversations"]

    /// Of the channel's messages in January 2026, which are the listing's as well.
    private static let rollup = "channel/2026-01/messaging:market/unknown/listing/L1"

    /// Counts of the scope's own that nothing in the history gives.
    private static func counted(_ place: RollupPlace) -> Corruption {
        let quarter = Quarter(day: 20_466)
        let period = RollupPeriod(of: quarter, byDay: place.scope.isByDay)
        let document = RollupDocument.new(
            RollupKey(place, period),
            [RollupCell(.messages, slot: period.slot(of: quarter)): 3],
            part: 0
        )
        return Corruption(collection: .rollups, id: document.string("_id") ?? "", field: "m") {
            $0.append("$set", document)
        }
    }

    private static func set(_ collection: Collection, _ id: String, _ field: String, _ value: BSONValue) -> Corruption {
        Corruption(collection: collection, id: id, field: field) {
            $0.append("$set") { $0.append(field, value: value) }
        }
    }

    private static func unset(_ collection: Collection, _ id: String, _ field: String) -> Corruption {
        Corruption(collection: collection, id: id, field: field) { $0.append("$unset") { $0.append(field, Int32(1)) } }
    }

    private static func about(_ kind: BusinessContext.Kind, _ id: String) -> BusinessContext {
        var context = BusinessContext()
        context[kind] = id
        return context
    }

    static let mendable: [Corruption] =
        ["total_messages_sent", "total_reactions", "total_reads", "engagement_score"].map {
            set(.users, "ben", $0, .int64(999))
        }
        + ["last_message_at", "last_activity"].flatMap { [set(.users, "ben", $0, .date(5)), unset(.users, "ben", $0)] }
        + [
            set(.users, "ben", "total_messages_sent", .string("many")),
            set(.users, "nobody", "total_messages_sent", .int64(1)),
            set(.listings, "L1", "message_count", .int64(0)),
            set(.listings, "L1", "engagement_score", .int64(-1)),
            set(.listings, "L1", "last_message_at", .date(5)),
            set(.listings, "L0", "last_message_at", .date(5)),
            unset(.channels, channel, "message_count"),
            set(.channels, channel, "read_count", .int64(7)),
            set(.channels, channel, "last_message_at", .date(5)),
            set(.sellerMetrics, "sam", "read_count", .int64(7)),
            set(.sellerMetrics, "sam", "read_latency_ms_total", .int64(7)),
            set(.messages, "m1", "listing_id", .string("L0")),
            unset(.messages, "m1", "seller_id"),
            unset(.messages, "m1", "seller_read"),
            set(.messages, "m1", "buyer_id", .string("nobody")),
            set(.messages, "gone", "text", .string("what was erased")),
            set(.messages, "gone", "custom", .string("{}")),
            unset(.messages, "gone", "deletedAt"),
            set(.users, "eve", "name", .string("Eve")),
            set(.users, "eve", "ban_reason", .string("rude")),
            set(.messageEdits, "gone/1", "message_id", .string("gone")),
            set(.rollups, rollup, "m.40", .int32(9)),
            set(.rollups, rollup, "e.3", .int32(1)),
            unset(.rollups, rollup, "m"),
            // What tells of both scopes stays: what each has too much is taken from what is its own.
            counted(RollupPlace(.listing, "L1", type: "unknown")),
            counted(RollupPlace(.channel, channel, type: "unknown")),
            counted(RollupPlace(.channel, channel, type: "unknown", about: about(.listing, "L2"))),
            counted(RollupPlace(.channel, channel, type: "unknown", about: about(.venue, "V1"))),
            set(.people, "ben", "q", .binary([2, 2])),
            set(.people, "nobody", "q", .binary([2, 2])),
            set(.turns, channel, "cid", .string(channel)),
            set(.channels, channel, "conversation.last_id", .string("m1")),
            unset(.channels, channel, "conversation.seller_id"),
            // A truncation whose sweep was lost.
            Corruption(
                collection: .channels,
                id: channel,
                field: "v.deleted_through",
                shows: ("messages", "m1", "deletedAt")
            ) { $0.append("$set") { $0.append("v.deleted_through", Int64(1_800_000_000_000_000_000)) } },
        ]

    @Test func findsAndMends() async throws {
        try await withMarket { history in
            for corruption in Self.mendable {
                try history.corrupt(corruption.collection, corruption.id, corruption.change)
                let found = try Self.differences(history)
                let place = corruption.shows ?? (corruption.collection.rawValue, corruption.id, corruption.field)
                let shows = found.contains { difference in
                    difference.collection == place.collection
                        && (difference.id == place.id || place.id.hasPrefix(difference.id + "/"))
                        && (difference.field == place.field || Self.looseFields.contains(place.collection))
                }
                try #require(shows, "\(corruption.testDescription): \(found)")
                try #require(!found.contains { !$0.isMendable }, "\(found)")
                var mended: [Difference] = []
                let count = try Rebuilder(history.store) { mended.append($0) }.run()
                try #require(count == mended.count && count > 0, "\(corruption.testDescription)")
                try #require(Self.differences(history) == [], "\(corruption.testDescription)")
                let again = try Rebuilder(history.store) { _ in }.run()
                try #require(again == 0, "\(corruption.testDescription)")
            }
        }
    }

    /// What cannot be known again is told every time, and left alone.
    @Test func findsWhatCannotBeMended() async throws {
        try await withMarket { history in
            var events: [[UInt8]] = []
            try history.forEach(.events) { event in
                if event.string("message_id") == "m1", event.string("type") == "message.new" {
                    events.append(event.binary("_id") ?? [])
                }
            }
            let event = try #require(events.first)
            func change(_ field: String, _ value: [UInt8]) throws {
                var filter = BSONDocument()
                filter.append("_id", event)
                var change = BSONDocument()
                change.append("$set") { $0.append(field, value) }
                let update = [MongoUpdate(filter: filter, update: change)]
                _ = try history.writer.connection.update(update, in: "events", of: history.store.database)
            }
            try change("signature", [UInt8](repeating: 1, count: 32))
            try #require(Self.differences(history).map(\.field) == ["signature"])
            try change("raw", Array("{}".utf8))
            try #require(Self.differences(history).map(\.field) == ["_id", "signature"])
            _ = try history.writer.connection.delete(
                [(filter: .id("m1"), limit: 1)],
                in: "messages",
                of: history.store.database
            )
            _ = try Rebuilder(history.store) { _ in }.run()
            let left = try Self.differences(history)
            try #require(
                left.allSatisfy { !$0.isMendable } && left.contains { $0.id == "m1" && $0.field == "_id" },
                "\(left)"
            )
        }
    }

    @Test func wrongSecretsVerifyNothing() async throws {
        try await withMarket { history in
            var differences: [Difference] = []
            let report = try Verifier(history.store, secrets: [(SignedEvents.apiKey, "another")]).run {
                differences.append($0)
            }
            try #require(differences.count == report.differences && report.differences > 0)
            try #require(differences.allSatisfy { $0.field == "signature" })
            try #require(report.checked.last == .init(name: "signatures", count: report.differences))
        }
    }

    @Test func tellsOfWaitingSweeps() async throws {
        try await withMarket { history in
            var events = SignedEvents()
            try history.apply([try events.event("channel.truncated", at: 300, "\"cid\":\"\(Self.channel)\"")])
            var differences: [Difference] = []
            let report = try Verifier(history.store).run { differences.append($0) }
            try #require(report.waitingSweeps == ["channel:\(Self.channel)"])
            try #require(differences == [] && report.differences == 0)
            try #require(report.pending >= 4, "every message is going to be deleted")
            try history.sweep()
            try #require(Self.differences(history) == [])
        }
    }

    /// A part that is being read does not see what is written meanwhile.
    @Test func readsOneMoment() async throws {
        try await withMarket { history in
            try history.writer.connection.withSnapshot { session throws(MongoError) in
                let scan = HistoryScan(history.store, history.writer.connection, session)
                _ = try scan.waitingSweeps()
                var change = BSONDocument()
                change.append("$inc") { $0.append("read_count", Int64(9)) }
                let update = [MongoUpdate(filter: .id(Self.channel), update: change)]
                _ = try history.writer.connection.update(update, in: "channels", of: history.store.database)
                var differences = 0
                _ = try CounterAudit(scan).forEachRow(of: .channel) { differences += $0.differences(.channel).count }
                #expect(differences == 0)
            }
            try #require(Self.differences(history).map(\.field) == ["read_count"])
        }
    }

    /// More than one page of everything.
    @Test func turnsPages() async throws {
        try await withFreshDatabase { pool, database in
            let history = try StoredHistory.open(pool, database, weights: EngagementWeights())
            var events = SignedEvents()
            let count = Limits.Worker().scanDocuments * 2 + 1
            var batch: [ReceivedEvent] = []
            for index in 0..<count {
                batch.append(
                    try events.message("message.new", "m\(index)", by: "ben", in: Self.channel, at: 1, text: "\(index)")
                )
                if batch.count == 500 || index == count - 1 {
                    try history.apply(batch)
                    batch = []
                }
            }
            let report = try Verifier(history.store).run { _ in }
            try #require(report.differences == 0)
            try #require(report.checked.contains(.init(name: "messages", count: count)))
            try #require(report.checked.contains(.init(name: "events", count: count)))
        }
    }

    // MARK: A small market

    private static func differences(_ history: StoredHistory) throws -> [Difference] {
        var differences: [Difference] = []
        let secrets = [(key: Optional(SignedEvents.apiKey), secret: SignedEvents.secret)]
        _ = try Verifier(history.store, secrets: secrets).run { differences.append($0) }
        return differences
    }

    private func withMarket(_ body: @escaping @Sendable (StoredHistory) throws -> Void) async throws {
        try await withFreshDatabase { pool, database in
            let history = try StoredHistory.open(pool, database, weights: EngagementWeights())
            try history.apply(try Self.market())
            try history.sweep()
            try #require(Self.differences(history) == [])
            try body(history)
        }
    }

    /// A conversation about a listing; one message is deleted for good, and so is one user.
    private static func market() throws -> [ReceivedEvent] {
        var events = SignedEvents()
        let context =
            "\"channel\":{\"cid\":\"\(channel)\",\"listing_id\":\"L1\",\"seller_id\":\"sam\",\"buyer_id\":\"ben\"}"
        return [
            try events.event("channel.created", at: 1, "\"cid\":\"\(channel)\",\(context)"),
            try events.message("message.new", "m1", by: "ben", in: channel, at: 100, text: "is it there"),
            try events.message("message.updated", "m1", by: "ben", in: channel, at: 110, text: "is it still there"),
            try events.message("message.new", "m2", by: "sam", in: channel, at: 120, text: "yes"),
            try events.message("message.new", "gone", by: "ben", in: channel, at: 130, text: "never mind"),
            try events.message("message.new", "e1", by: "eve", in: channel, at: 130, text: "buy my coins"),
            try events.event(
                "message.read",
                at: 140,
                "\"cid\":\"\(channel)\",\"user\":{\"id\":\"sam\"},\"last_read_message_id\":\"m1\""
            ),
            try events.event(
                "reaction.new",
                at: 150,
                "\"cid\":\"\(channel)\",\"message\":{\"id\":\"m2\"},\"reaction\":{\"message_id\":\"m2\",\"user_id\":\"ben\",\"type\":\"like\"}"
            ),
            try events.event(
                "message.deleted",
                at: 160,
                "\"cid\":\"\(channel)\",\"hard_delete\":true,\"message\":{\"id\":\"gone\",\"deleted_at\":\"\(SignedEvents.time(160))\"}"
            ),
            try events.event(
                "user.deleted",
                at: 170,
                "\"hard_delete\":true,\"user\":{\"id\":\"eve\",\"name\":\"Eve\"}"
            ),
        ]
    }
}
