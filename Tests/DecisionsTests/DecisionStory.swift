import Chat
import Crypto
import History
import JSON
import Rules
import TestSupport

/// A made-up story of some users and channels as deliveries bring it: floods, first messages, edits, the same and nearly
/// the same texts, joins, silences, some of it by two hooks whose bodies differ.
struct DecisionStory {
    static let users = (1...4).map { "u\($0)" }
    static let channels = ["messaging:listing_7_u1_u2", "messaging:listing_8_u3_u2", "messaging:lobby"]
    private static let texts = [
        "is this available", "Is this  AVAILABLE?", "buy now at https://spam.example/1 and https://spam.example/2",
        "buy now at https://spam.example/1 and https://spam.example/3", "hello there my friend how are you doing today",
        "hello there my friend how are you doing todai", "thanks", "call me at +47 912 34 567", "hi @u3",
    ]

    private(set) var random: SeededRandom
    private(set) var bodies: [[UInt8]] = []
    private var messages: [Sent] = []
    private var members: Set<String> = []
    /// Nanoseconds since 1970.
    private var now: Int64

    private struct Sent {
        let id: String
        let user: String
        let cid: String
        let text: String
        let created: Int64
    }

    /// - Parameter start: the time of the first event.
    init(_ random: SeededRandom, from start: Timestamp, events count: Int) {
        (self.random, now) = (random, start.nanoseconds)
        while bodies.count < count { tell() }
    }

    private mutating func tell() {
        // Most things follow on one another; now and then it is quiet for long.
        now +=
            chance(1)
            ? .random(in: 100...4_000, using: &random) * 1_000_000_000
            : .random(in: 0...9, using: &random) * 1_000_000_000 + .random(in: 0...999_999_999, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0: join()
        case 1 where !messages.isEmpty: edit()
        case 2: flood()
        case 3 where !messages.isEmpty: remove()
        default: send(pick(Self.users), pick(Self.channels), pick(Self.texts))
        }
    }

    private mutating func flood() {
        let (user, cid, text) = (pick(Self.users), pick(Self.channels), pick(Self.texts))
        for _ in 0..<Int.random(in: 3...7, using: &random) {
            send(user, chance(2) ? pick(Self.channels) : cid, chance(7) ? text : pick(Self.texts))
            // Some in the same instant.
            now += chance(2) ? 0 : .random(in: 1...2_000, using: &random) * 1_000_003
        }
    }

    private mutating func send(_ user: String, _ cid: String, _ text: String) {
        let sent = Sent(id: "m\(bodies.count)", user: user, cid: cid, text: text, created: now)
        // Of some only a reaction tells; they are not edited, since nobody else knows what they were.
        guard !chance(1) else { return add("reaction.new", at: now + 5, reaction(sent, text)) }
        messages.append(sent)
        add("message.new", at: now, message(sent, text, edited: nil))
        // Another hook, whose bodies hold more.
        if chance(1) { add("message.new", at: now, message(sent, text, edited: nil) + ",\"watcher_count\":3") }
        if chance(1) { add("reaction.new", at: now + 5, reaction(sent, text)) }
    }

    private mutating func edit() {
        let sent = pick(messages)
        add("message.updated", at: now, message(sent, pick(Self.texts), edited: now))
    }

    /// By a moderator, the author, or the service itself; some come back.
    private mutating func remove() {
        let sent = pick(messages)
        let by = pick(["mod", "mod", sent.user, "backchannel"])
        func body(removed: Int64?) -> String {
            let message = Self.object(sent, sent.text, nil, removed: removed)
            return "\"cid\":\"\(sent.cid)\",\"message\":\(message),\"user\":{\"id\":\"\(by)\"}"
        }
        add("message.deleted", at: now, body(removed: now))
        guard chance(2) else { return }
        now += 3_000_000_000
        add("message.undeleted", at: now, body(removed: nil))
    }

    private mutating func join() {
        let (user, cid) = ("j\(Int.random(in: 0..<30, using: &random))", pick(Self.channels))
        guard members.insert("\(cid) \(user)").inserted else { return }
        let time = Self.text(now)
        let member =
            "{\"user_id\":\"\(user)\",\"user\":{\"id\":\"\(user)\"},\"created_at\":\"\(time)\",\"updated_at\":\"\(time)\"}"
        add("member.added", at: now, "\"cid\":\"\(cid)\",\"member\":\(member),\"user\":{\"id\":\"\(user)\"}")
    }

    private func message(_ sent: Sent, _ text: String, edited: Int64?) -> String {
        "\"cid\":\"\(sent.cid)\",\"message\":\(Self.object(sent, text, edited)),\"user\":{\"id\":\"\(sent.user)\"}"
    }

    private func reaction(_ sent: Sent, _ text: String) -> String {
        """
        "cid":"\(sent.cid)","message":\(Self.object(sent, text, nil)),"user":{"id":"\(Self.users[0])"},\
        "reaction":{"type":"like","message_id":"\(sent.id)","user_id":"\(Self.users[0])","score":1}
        """
    }

    private static func object(
        _ sent: Sent,
        _ text: String,
        _ edited: Int64?,
        removed: Int64? = nil
    ) -> String {
        let mentions = text.contains("@u3") ? "[{\"id\":\"u3\"}]" : "[]"
        let edit = edited.map { ",\"message_text_updated_at\":\"\(Self.text($0))\"" } ?? ""
        let deletion = removed.map { ",\"deleted_at\":\"\(Self.text($0))\"" } ?? ""
        return """
            {"id":"\(sent.id)","cid":"\(sent.cid)","type":"\(removed == nil ? "regular" : "deleted")","text":"\(text)","user":{"id":"\(sent.user)"},\
            "mentioned_users":\(mentions),"created_at":"\(Self.text(sent.created))",\
            "updated_at":"\(Self.text(edited ?? sent.created))"\(edit)\(deletion)}
            """
    }

    private mutating func add(_ type: String, at time: Int64, _ fields: String) {
        bodies.append(Array("{\"type\":\"\(type)\",\"created_at\":\"\(Self.text(time))\",\(fields)}".utf8))
    }

    private static func text(_ nanoseconds: Int64) -> String { Timestamp(nanoseconds: nanoseconds).rfc3339 }

    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &random)]
    }

    /// True in `tenths` of ten cases.
    private mutating func chance(_ tenths: Int) -> Bool { Int.random(in: 0..<10, using: &random) < tenths }
}

/// Deliveries decoded and looked at as the worker does.
struct Deliveries {
    let examiner: Examiner
    private let provider = StreamProvider()
    private let parser = JSONParser()

    init(_ engine: RuleEngine) { examiner = Examiner(engine) }

    func received(_ body: [UInt8], at time: Timestamp, hook: HookTrace? = nil) throws -> ReceivedEvent {
        let (event, value) = try provider.decoded(
            body,
            id: EventID(bytes: SHA256.digest(body)),
            receivedAt: time,
            parser: parser
        )
        return ReceivedEvent(
            event: event,
            rules: examiner.engine,
            observation: examiner.observe(event, value),
            hook: hook,
            body: body,
            signature: [1]
        )
    }
}

/// Events in some order, some of them repeated, cut into batches.
struct DeliveryOrder {
    private(set) var batches: [[[UInt8]]] = []

    init(_ bodies: [[UInt8]], _ random: inout SeededRandom) {
        let repeated = bodies.filter { _ in Int.random(in: 0..<5, using: &random) == 0 }
        var rest = Self.shuffled(bodies + repeated, &random)[...]
        let most = Int.random(in: 1...12, using: &random)
        while !rest.isEmpty {
            let size = Int.random(in: 1...most, using: &random)
            batches.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
    }

    /// Sometimes all of it, sometimes only a little out of order, as deliveries are.
    private static func shuffled(_ bodies: [[UInt8]], _ random: inout SeededRandom) -> [[UInt8]] {
        if Bool.random(using: &random) { return bodies.shuffled(using: &random) }
        var places: [(place: Double, body: [UInt8])] = []
        for (index, body) in bodies.enumerated() {
            places.append((Double(index) + Double.random(in: 0..<6, using: &random), body))
        }
        return places.sorted { $0.place < $1.place }.map(\.body)
    }
}
