import Backfill
import Chat
import Crypto
import JSON
import TestSupport

@testable import History
@testable import local_provider

/// Random doings in one channel of the local provider, with the events that it sends of them, and what it shows at
/// random moments.
struct ProviderStory {
    private(set) var random: SeededRandom
    private var provider = ProviderState()
    private var time = Timestamp(milliseconds: 1_800_000_000_000)
    private var sent = 0
    /// Every event that a webhook would bring.
    private(set) var events: [ReceivedEvent] = []
    /// What the provider showed of the channel, earliest first.
    private(set) var views: [ChannelState] = []
    /// Leaves out what no reading back can tell of: what is gone without a trace, or came back.
    private let isHealable: Bool

    private static let users = ["ada", "bob", "cleo"]
    static let cid = "messaging:listing_7_ada_bob"
    private static let path = "/channels/messaging/listing_7_ada_bob"

    init(_ random: SeededRandom, steps: Int, isHealable: Bool) throws {
        (self.random, self.isHealable) = (random, isHealable)
        try call("PATCH", "/app", #"{"event_hooks":[{"hook_type":"webhook","webhook_url":"http://127.0.0.1:9"}]}"#)
        try call("POST", "/users", #"{"users":{"ada":{"id":"ada"},"bob":{"id":"bob"},"cleo":{"id":"cleo"}}}"#)
        try call("POST", Self.path + "/query", #"{"data":{"created_by_id":"ada"}}"#)
        // Members that a channel is made with are told of by no event of their own.
        try call("POST", Self.path, #"{"add_members":["ada","bob"]}"#)
        for _ in 0..<steps { try step() }
        try look()
    }

    var last: ChannelState? { views.last }

    private mutating func step() throws {
        let user = pick(Self.users)
        switch Int.random(in: 0..<12, using: &random) {
        case 0...4:
            sent += 1
            try call(
                "POST",
                Self.path + "/message",
                #"{"message":{"id":"m\#(sent)","text":"\#(pick(["hello", "<b>", ""]))","user_id":"\#(user)"}}"#
            )
        case 5: try change("PUT", #"{"set":{"text":"\#(pick(["edited", "again"]))"},"user":{"id":"\#(user)"}}"#)
        case 6: try change("DELETE", query: isHealable || Bool.random(using: &random) ? [:] : ["hard": "true"])
        case 7: if !isHealable { try change("POST", #"{"undeleted_by":"ada"}"#, suffix: "/undelete") }
        case 8:
            let isJoining = isHealable || Bool.random(using: &random)
            try call("POST", Self.path, #"{"\#(isJoining ? "add" : "remove")_members":["\#(user)"]}"#)
        case 9: try call("PATCH", Self.path, #"{"set":{"name":"\#(pick(["Lamp", "Bowl"]))"},"user_id":"ada"}"#)
        case 10:
            let name = pick(["A", "B"])
            try call("POST", "/users", #"{"users":{"\#(user)":{"id":"\#(user)","name":"\#(name)"}}}"#)
        default: try look()
        }
    }

    /// Does something to a message that was sent, if the provider lets it.
    private mutating func change(
        _ method: String,
        _ body: String = "{}",
        query: [String: String] = [:],
        suffix: String = ""
    ) throws {
        guard sent > 0 else { return }
        let path = "/messages/m\(Int.random(in: 1...sent, using: &random))\(suffix)"
        do { try call(method, path, body, query: query) } catch is Refusal {}
    }

    private mutating func look() throws {
        let body = #"{"data":{"created_by_id":"ada"},"state":true,"messages":{"limit":300},"members":{"limit":100}}"#
        let answer = try call("POST", Self.path + "/query", body)
        let state = StreamProvider().channelState(try JSONParser().parse(Value.object(answer.body).json))
        guard let state else { throw TestFailure("the channel cannot be read") }
        views.append(state)
    }

    @discardableResult
    private mutating func call(
        _ method: String,
        _ path: String,
        _ body: String,
        query: [String: String] = [:]
    ) throws -> Answer {
        time.nanoseconds += 1_000_000
        guard let route = Route(method: method, path: path) else { throw TestFailure("no route \(method) \(path)") }
        let call = APICall(route: route, query: query, body: try Value(parsing: body).object ?? [:], actor: .server)
        let (answer, events) = try provider.apply(call, at: time)
        for event in events { self.events.append(try received(Value.object(event.body).json)) }
        return answer
    }

    private func received(_ body: [UInt8]) throws -> ReceivedEvent {
        let id = EventID(bytes: SHA256.digest(body))
        let event = try StreamProvider().decode(body, id: id, receivedAt: time, parser: JSONParser())
        return ReceivedEvent(event: event, body: body, signature: [])
    }

    private mutating func pick(_ values: [String]) -> String {
        values[Int.random(in: 0..<values.count, using: &random)]
    }
}
