import Chat
import Crypto
import Foundation
import TestSupport

/// Random messages around the changes of clocks, with edits, deletions, reactions, erasures and changes of business, told
/// late, twice and in any order.
struct FigureStory {
    private(set) var random: SeededRandom
    private(set) var bodies: [EventID: [UInt8]] = [:]
    private var count: UInt32 = 0
    private var messages: [Message] = []

    /// Both changes of the clocks of each zone in 2026, and days without any.
    static let zones: [(name: String, changes: [String])] = [
        ("UTC", ["2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"]),
        ("Asia/Kathmandu", ["2026-04-14T00:00:00Z"]),
        ("Australia/Lord_Howe", ["2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z"]),
        ("America/New_York", ["2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"]),
        ("Europe/Oslo", ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
    ]

    private static let users = (0..<6).map { "u\($0)" }
    /// More than a channel remembers of those who write in it.
    private static let crowd = (0..<18).map { "u\($0)" }
    private static let channels = [
        "messaging:listing_7_u0_u1", "messaging:listing_8_u2_u3", "team:event-5", "messaging:artist-9",
        "livestream:hall",
    ]
    private static let changes = zones.flatMap(\.changes).compactMap { Timestamp(rfc3339: $0)?.milliseconds }

    init(_ random: SeededRandom) { self.random = random }

    mutating func events(messages count: Int) -> [ChatEvent] {
        (0..<count).flatMap { _ in oneMessage() } + (0..<4).map { _ in turn() }
            + (0..<count / 4).map { _ in membership() } + Self.crowd.map { profile(of: $0) }
    }

    /// A message, and what becomes of it.
    private mutating func oneMessage() -> [ChatEvent] {
        var message = Message(id: "m\(messages.count)")
        message.cid = pick(Self.channels)
        message.createdAt = time()
        message.updatedAt = message.createdAt
        message.sender = User(id: pick(message.cid == "livestream:hall" ? Self.crowd : Self.users), isReference: true)
        message.type = chance(8) ? "regular" : pick(["reply", "system"])
        message.parentID = message.type == "reply" ? "m0" : nil
        message.businessType = chance(3) ? pick(["offer", "question", String(repeating: "x", count: 300)]) : nil
        message.offerID = chance(1) ? "o1" : nil
        message.attachmentCount = chance(3) ? Int.random(in: 1...3, using: &random) : 0
        message.text = "hello"
        messages.append(message)
        var events = [event("message.new", message, at: message.createdAt)]
        if chance(3) {
            var edited = message
            edited.text = "hello again"
            edited.textUpdatedAt = time()
            edited.updatedAt = Timestamp(milliseconds: (message.createdAt?.milliseconds ?? 0) + 60_000)
            edited.attachmentCount = chance(5) ? message.attachmentCount : 0
            events.append(event("message.updated", edited, at: edited.updatedAt))
        }
        if chance(2) {
            var deleted = message
            deleted.type = "deleted"
            deleted.deletedAt = time()
            var event = event("message.deleted", deleted, at: deleted.deletedAt)
            event.hardDelete = chance(4)
            events.append(event)
        }
        if chance(4) {
            var read = event("message.read", nil, at: time())
            read.cid = message.cid
            read.read = Read(userID: pick(Self.users))
            read.read?.lastReadMessageID = message.id
            events.append(read)
        }
        if chance(3) { events.append(reaction(to: message, isNew: chance(7))) }
        return events
    }

    private mutating func reaction(to message: Message, isNew: Bool) -> ChatEvent {
        var event = event(isNew ? "reaction.new" : "reaction.deleted", nil, at: time())
        event.messageID = message.id
        event.cid = message.cid
        event.reaction = Reaction(messageID: message.id, userID: pick(Self.users), type: pick(["like", "love"]))
        event.reaction?.createdAt = time()
        return event
    }

    /// Somebody joins a channel or leaves it.
    private mutating func membership() -> ChatEvent {
        let cid = pick(Self.channels)
        var event = event(chance(7) ? "member.added" : "member.removed", nil, at: time())
        event.cid = cid
        event.member = Member(userID: pick(cid == "livestream:hall" ? Self.crowd : Self.users))
        return event
    }

    private mutating func profile(of user: String) -> ChatEvent {
        var event = event("user.updated", nil, at: time())
        event.user = User(id: user, isReference: false)
        event.user?.createdAt = time()
        return event
    }

    /// What changes many messages at once.
    private mutating func turn() -> ChatEvent {
        let cid = pick(Self.channels)
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            var event = event("channel.updated", nil, at: time())
            event.cid = cid
            event.channel = Channel(cid: cid, isComplete: true)
            event.channel?.updatedAt = time()
            event.channel?.context[.listing] = pick(["7", "70"])
            event.channel?.context[.venue] = pick(["v1", "v2"])
            event.channel?.team = pick([nil, "red", "", "blue/1"])
            return event
        case 1:
            var event = event("channel.truncated", nil, at: time())
            event.cid = cid
            event.channel = Channel(cid: cid, isComplete: true)
            event.channel?.truncatedAt = time()
            return event
        default:
            var event = event("user.deleted", nil, at: time())
            event.user = User(id: pick(Self.users), isReference: false)
            event.hardDelete = chance(5)
            event.deletesMessages = pick([.none, .soft, .hard])
            return event
        }
    }

    private mutating func event(_ type: String, _ message: Message?, at time: Timestamp?) -> ChatEvent {
        count += 1
        let body = Array("\(random.next()) \(count)".utf8)
        let id = EventID(bytes: SHA256.digest(body))
        bodies[id] = body
        var event = ChatEvent(
            id: id,
            type: EventType(rawValue: type),
            createdAt: time,
            receivedAt: Timestamp(nanoseconds: 1_800_000_000_000_000_000 + Int64(count))
        )
        event.message = message
        event.messageID = message?.id
        event.cid = message?.cid
        event.mentionedUserIDs = Self.crowd
        // Not every event names it, and there may have been two.
        event.team = message == nil || chance(6) ? nil : pick(["red", "white"])
        return event
    }

    /// Often near a change, now and then at one to the millisecond.
    private mutating func time() -> Timestamp {
        let change = pick(Self.changes)
        let far = Int64.random(in: -260_000_000...260_000_000, using: &random)
        let near: Int64 = pick([0, -1, 1, 1_800_000, 3_600_000, -3_600_000])
        return Timestamp(milliseconds: change + (chance(2) ? near : far))
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &random)]
    }

    private mutating func chance(_ tenths: Int) -> Bool { Int.random(in: 0..<10, using: &random) < tenths }
}
