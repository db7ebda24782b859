import Analytics
import Chat
import Crypto
import Foundation
import Limits
import MongoDB
import TestSupport
import Testing

@testable import History

/// Who wrote in channels and who is a member of them, as nodes remember it, is what is stored, whatever changes between two
/// questions and whoever changes it.
struct ChannelShareTests {
    /// Two nodes take turns, and each is asked after every step.
    @Test(arguments: [3, 40]) func rememberedIsWhatIsStored(batch: Int) async throws {
        let random = SeededRandom()
        try await withFreshDatabase { pool, database in
            var (random, nodes) = (random, [StoredHistory]())
            for _ in 0..<2 { nodes.append(try FigureTests.open(pool, database)) }
            var story = FigureStory(random)
            var events = story.events(messages: batch * 2)
            random = story.random
            events += events.compactMap { Self.contradiction(of: $0, &random) }
            events.shuffle(using: &random)
            var rest = events[...]
            while !rest.isEmpty {
                let node = nodes[Int.random(in: 0..<2, using: &random)]
                try node.apply(rest.prefix(batch).map { ReceivedEvent($0, story.bodies) })
                rest = rest.dropFirst(batch)
                try Self.compare(nodes, "\(rest.count) left", &random)
                try nodes[Int.random(in: 0..<2, using: &random)].sweep(steps: Int.random(in: 0...3, using: &random))
                try Self.compare(nodes, "swept, \(rest.count) left", &random)
            }
            _ = try nodes[0].store.erase(user: "u1", at: Timestamp(milliseconds: 1_790_000_000_000))
            try Self.compare(nodes, "erased", &random)
            for node in nodes {
                try node.sweep()
                try Self.compare(nodes, "all swept", &random)
            }
        }
    }

    /// An erasure removes memberships and changes who wrote, some at a time.
    @Test func erasuresAreSeenStepByStep() async throws {
        let random = SeededRandom()
        try await withFreshDatabase { pool, database in
            var (random, make) = (random, Events())
            let nodes = [try FigureTests.open(pool, database), try FigureTests.open(pool, database)]
            var events: [ChatEvent] = []
            for channel in 0..<7 {
                for user in ["ada", "bob"] {
                    events.append(make.message(by: user, in: "messaging:c\(channel)", day: Int64(channel % 3)))
                    events.append(make.member(user, of: "messaging:c\(channel)"))
                }
            }
            try nodes[0].apply(events.map { ReceivedEvent($0, [:]) })
            try Self.compare(nodes, "before", &random)
            var erased = make.of("user.deleted")
            (erased.user, erased.hardDelete) = (User(id: "ada", isReference: false), true)
            try nodes[0].apply([ReceivedEvent(erased, [:])])
            var steps = 0
            while try nodes[1].writer.sweep(messages: 2) {
                steps += 1
                try Self.compare(nodes, "step \(steps)", &random)
            }
            #expect(steps > 7)
            let naive = try NaiveFigures(nodes[0], zone: "UTC")
            #expect(naive.members == Dictionary(uniqueKeysWithValues: (0..<7).map { ("messaging:c\($0)", ["bob"]) }))
        }
    }

    /// Of more changes than are told of, everyone's members are read again.
    @Test(arguments: [1, 100, 300]) func moreChangesThanAreTold(atOnce: Int) async throws {
        let random = SeededRandom()
        try await withFreshDatabase { pool, database in
            var (random, make) = (random, Events())
            let nodes = [try FigureTests.open(pool, database), try FigureTests.open(pool, database)]
            let cids = (0..<300).map { "messaging:c\($0)" }
            let joining = cids.flatMap { cid in
                [make.message(by: "ada", in: cid, day: 1), make.member("ada", of: cid), make.member("bob", of: cid)]
            }
            try nodes[0].apply(joining.map { ReceivedEvent($0, [:]) })
            try Self.compare(nodes, "before", &random)
            let leaving = cids.map { make.member("bob", of: $0, "member.removed") }
            for start in stride(from: 0, to: 300, by: atOnce) {
                let some = leaving[start..<min(start + atOnce, 300)]
                try nodes[start % 2].apply(some.map { ReceivedEvent($0, [:]) })
                if start % 60 == 59 { try Self.compare(nodes, "\(start) left", &random) }
            }
            try Self.compare(nodes, "after", &random)
            let queries = HistoryQueries(nodes[1].store, limits: Limits.Query())
            let shares = try queries.rememberedShares(Self.year()) ?? []
            #expect(shares.count == 300 && shares.allSatisfy { $0.members == 1 })
        }
    }

    /// What is asked for while it changes is not taken for what it is afterwards.
    @Test func askedWhileEventsComeIn() async throws {
        let random = SeededRandom()
        let database = freshDatabaseName()
        let asked = try await blocking { try FigureTests.open(try sharedMongoPool(), database).store }
        for round in 0..<5 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        let queries = HistoryQueries(asked, limits: Limits.Query())
                        try await blocking { for _ in 0..<40 { _ = try queries.rememberedShares(Self.year()) } }
                    }
                }
                group.addTask { try await blocking { try Self.tell(round, database, random) } }
                try await group.waitForAll()
            }
            try await blocking {
                var random = random
                let node = StoredHistory(store: asked, writer: try HistoryWriter(asked))
                try Self.compare([node], "round \(round)", &random)
            }
        }
        try await blocking { try dropDatabase(database, in: try sharedMongoPool()) }
    }

    /// Some write, join and leave.
    private static func tell(_ round: Int, _ database: String, _ random: SeededRandom) throws {
        var (random, make) = (random, Events(count: Int64(round) * 1_000))
        let node = try FigureTests.open(try sharedMongoPool(), database)
        for step in 0..<30 {
            let (user, cid) = ("u\((step + round) % 4)", "messaging:c\(step % 5)")
            let type = (Int.random(in: 0..<3, using: &random) + round) % 2 == 0 ? "member.removed" : "member.added"
            try node.apply([
                ReceivedEvent(make.message(by: user, in: cid, day: Int64(step % 3)), [:]),
                ReceivedEvent(make.member(user, of: cid, type), [:]),
            ])
        }
    }

    /// A mark that comes late is of another day than the one that counted up to then.
    @Test func anEarlierReadingChangesBothDays() async throws {
        try await withFreshDatabase { pool, database in
            var make = Events()
            let node = try FigureTests.open(pool, database)
            var message = make.message(by: "ben", in: "messaging:market", day: 1)
            message.channel = Channel(cid: "messaging:market", isComplete: true)
            message.channel?.context[.seller] = "sam"
            let days =
                Quarter(day: Events.quarters.lowerBound.day + 1)..<Quarter(day: Events.quarters.lowerBound.day + 9)
            let range = try #require(FigureRange(days, every: .day, in: .utc, most: 8))
            func counts() throws -> [Int64] {
                let queries = HistoryQueries(node.store, limits: Limits.Query())
                let naive = try NaiveFigures(node, zone: "UTC")
                try ConversationFigureTests.compareReads(queries, naive, range, "by day")
                let question = DatedQuestion(range, grouping: nil, target: 0, now: Events.quarters.upperBound.start)
                return try queries.readLatency(question).rows.map { row in
                    guard case .latency(let summary) = row.value else { return 0 }
                    return summary.count
                }
            }
            try node.apply([message, make.read("sam", message, day: 6)].map { ReceivedEvent($0, [:]) })
            #expect(try counts() == [0, 0, 0, 0, 0, 1, 0, 0])
            try node.apply([ReceivedEvent(make.read("sam", message, day: 3), [:])])
            #expect(try counts() == [0, 0, 1, 0, 0, 0, 0, 0])
        }
    }

    /// What changed where no figures were kept is told by the rebuild that counts them again.
    @Test func changesThatNobodyTold() async throws {
        let random = SeededRandom()
        try await withFreshDatabase { pool, database in
            var (random, make) = (random, Events())
            let node = try FigureTests.open(pool, database)
            try node.apply([
                ReceivedEvent(make.message(by: "ada", in: "messaging:c", day: 1), [:]),
                ReceivedEvent(make.member("ada", of: "messaging:c"), [:]),
            ])
            try Self.compare([node], "before", &random)
            let other = try FigureTests.open(pool, database, keepsFigures: false)
            try other.apply([
                ReceivedEvent(make.message(by: "bob", in: "messaging:c", day: 1), [:]),
                ReceivedEvent(make.member("bob", of: "messaging:c"), [:]),
                ReceivedEvent(make.member("cleo", of: "messaging:c"), [:]),
            ])
            _ = try Rebuilder(try FigureTests.open(pool, database).store) { _ in }.run()
            try Self.compare([node], "rebuilt", &random)
        }
    }

    /// The other way gives the same: of too many messages, or of what a channel's id does not tell.
    @Test func whatIsTooMuchIsNotRemembered() async throws {
        try await withFreshDatabase { pool, database in
            var make = Events()
            let node = try FigureTests.open(pool, database)
            let events = (0..<4).map { make.message(by: "u\($0)", in: "messaging:c\($0 % 2)", day: Int64($0)) }
            try node.apply((events + [make.member("u0", of: "messaging:c0")]).map { ReceivedEvent($0, [:]) })
            var (limits, question) = (Limits.Query(), try Self.year())
            (limits.writerMessagesAtOnce, limits.writerMessagesMost) = (3, 3)
            for _ in 0..<3 {
                #expect(try HistoryQueries(node.store, limits: limits).rememberedShares(question) == nil)
            }
            #expect(
                try HistoryQueries(node.store, limits: limits).participation(question).rows.map(\.value) == [.ratio(1)]
            )
            // It is read for whoever asks again.
            limits.writerMessagesMost = 4
            #expect(try HistoryQueries(node.store, limits: limits).rememberedShares(question) == nil)
            while try HistoryQueries(node.store, limits: limits).rememberedShares(question) == nil {}
            #expect(try HistoryQueries(node.store, limits: limits).rememberedShares(question)?.count == 1)
            // What is remembered is no message to look at.
            limits.writerMessagesAtOnce = 0
            #expect(try HistoryQueries(node.store, limits: limits).rememberedShares(question)?.count == 1)
            limits.memberChannelsMost = 1
            #expect(try HistoryQueries(node.store, limits: limits).rememberedShares(question) == nil)
            question.place = (.channel, "messaging:c0")
            #expect(try HistoryQueries(node.store, limits: Limits.Query()).rememberedShares(question) == nil)
        }
    }

    /// The same message at another time, elsewhere, or of another type: what the provider should not say.
    private static func contradiction(of event: ChatEvent, _ random: inout SeededRandom) -> ChatEvent? {
        guard let message = event.message, Int.random(in: 0..<3, using: &random) == 0 else { return nil }
        let id = EventID(bytes: SHA256.digest(Array("\(random.next())".utf8)))
        let time = event.createdAt.map { Timestamp(milliseconds: $0.milliseconds + 1) }
        var other = ChatEvent(id: id, type: event.type, createdAt: time, receivedAt: event.receivedAt)
        (other.message, other.messageID, other.cid) = (message, message.id, event.cid)
        other.mentionedUserIDs = event.mentionedUserIDs
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            let earlier = Int64.random(in: 0..<9_000_000, using: &random)
            other.message?.createdAt = message.createdAt.map { Timestamp(milliseconds: $0.milliseconds - earlier) }
        case 1:
            other.cid = "livestream:hall"
            other.message?.cid = other.cid
        default: other.message?.type = message.type == "system" ? "regular" : "system"
        }
        return other
    }

    // MARK: Comparing

    private static func compare(
        _ nodes: [StoredHistory],
        _ comment: String,
        _ random: inout SeededRandom
    ) throws {
        let naive = try NaiveFigures(nodes[0], zone: "UTC")
        for (index, node) in nodes.enumerated() {
            let queries = HistoryQueries(node.store, limits: Limits.Query())
            for range in try ranges(&random) {
                let comment = "node \(index), \(comment), TEST_SEED=\(random.seed)"
                try MemberFigureTests.compareRemembered(queries, naive, range, now: now(&random), comment)
                try compareListings(node, queries, range, now: now(&random), comment)
                try comparePeople(queries, naive, range, comment, &random)
                try ConversationFigureTests.compareReads(queries, naive, range, comment)
            }
        }
    }

    /// As channels say them: of a conversation that is due, none until it is made again.
    private static func compareListings(
        _ node: StoredHistory,
        _ queries: HistoryQueries,
        _ range: FigureRange,
        now: Timestamp,
        _ comment: String
    ) throws {
        var expected: [String: String] = [:]
        try node.forEach(.channels) { channel in
            expected[channel.string("_id") ?? ""] = channel.document(ConversationRecord.field)?.string("listing_id")
        }
        let question = DatedQuestion(range, grouping: .listing, target: 0, now: now)
        for share in try #require(try queries.rememberedShares(question), "\(comment)") {
            try #require(share.listing == expected[share.cid], "\(share.cid) \(comment)")
        }
    }

    /// Few messages are read themselves, of more everyone's activity is.
    private static func comparePeople(
        _ queries: HistoryQueries,
        _ naive: NaiveFigures,
        _ range: FigureRange,
        _ comment: String,
        _ random: inout SeededRandom
    ) throws {
        var limits = queries.limits
        limits.peopleMessagesAtOnce = Int64.random(in: 0...20, using: &random)
        let (queries, now) = (HistoryQueries(queries.store, limits: limits), now(&random))
        try FigureTests.comparePeople(queries, naive, range, now: now, comment)
        let counted = naive.counted(.messages).filter { range.contains($0.time) }
        try FigureTests.compareUsers(queries, counted, range, now: now, comment)
    }

    /// A year of UTC, and some of it that begins and ends within days.
    private static func ranges(_ random: inout SeededRandom) throws -> [FigureRange] {
        let start = Events.quarters.lowerBound.number + Int64.random(in: 0..<20_000, using: &random)
        let some = Quarter(start)..<Quarter(start + Int64.random(in: 1...15_000, using: &random))
        return try [Events.quarters, some].map {
            try #require(FigureRange($0, every: .none, in: .utc, most: 1))
        }
    }

    /// Days that are remembered whole for one question are hours of today for another.
    private static func now(_ random: inout SeededRandom) -> Timestamp {
        let changes = FigureStory.zones.flatMap(\.changes) + ["2026-01-02T00:00:00Z", "2025-01-01T00:00:00Z"]
        return Timestamp(rfc3339: changes[Int.random(in: 0..<changes.count, using: &random)]) ?? .distantPast
    }

    private static func year() throws -> DatedQuestion {
        let range = try #require(FigureRange(Events.quarters, every: .none, in: .utc, most: 1))
        return DatedQuestion(range, grouping: nil, target: 0, now: Events.quarters.upperBound.start)
    }
}

/// Makes events of 2026: each is told after those before it.
private struct Events {
    static let quarters = Quarter(day: 20_454)..<Quarter(day: 20_819)
    private(set) var count: Int64 = 0

    mutating func of(_ type: String, at time: Timestamp = quarters.lowerBound.start) -> ChatEvent {
        count += 1
        return ChatEvent(
            id: EventID(bytes: SHA256.digest(Array("event \(count)".utf8))),
            type: EventType(rawValue: type),
            createdAt: Timestamp(milliseconds: time.milliseconds + count),
            receivedAt: Timestamp(nanoseconds: 1_800_000_000_000_000_000 + count)
        )
    }

    mutating func message(by user: String, in cid: String, day: Int64) -> ChatEvent {
        var event = of("message.new", at: Quarter(day: Self.quarters.lowerBound.day + day).start)
        var message = Message(id: "m\(count)")
        (message.cid, message.createdAt, message.updatedAt) = (cid, event.createdAt, event.createdAt)
        (message.type, message.text) = ("regular", "hello")
        message.sender = User(id: user, isReference: true)
        (event.message, event.messageID, event.cid) = (message, message.id, cid)
        event.mentionedUserIDs = [user]
        return event
    }

    mutating func read(_ user: String, _ message: ChatEvent, day: Int64) -> ChatEvent {
        var event = of("message.read", at: Quarter(day: Self.quarters.lowerBound.day + day).start)
        (event.cid, event.read) = (message.cid, Read(userID: user))
        event.read?.lastReadMessageID = message.messageID
        return event
    }

    mutating func member(_ user: String, of cid: String, _ type: String = "member.added") -> ChatEvent {
        var event = of(type)
        (event.cid, event.member) = (cid, Member(userID: user))
        event.mentionedUserIDs = [user]
        return event
    }
}
