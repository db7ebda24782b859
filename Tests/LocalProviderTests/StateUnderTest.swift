import Chat
import JSON
import TestSupport

@testable import local_provider

/// A provider's state driven directly, a millisecond from call to call.
struct StateUnderTest {
    var state = ProviderState()
    private(set) var events: [ProviderEvent] = []
    private(set) var time = Timestamp(milliseconds: 1_800_000_000_000)

    /// Hears of every event unless told otherwise.
    init(hooks: Bool = true) throws {
        guard hooks else { return }
        try call("PATCH", "/app", #"{"event_hooks":[{"hook_type":"webhook","webhook_url":"http://127.0.0.1:9"}]}"#)
    }

    @discardableResult
    mutating func call(
        _ method: String,
        _ path: String,
        _ body: String = "{}",
        query: [String: String] = [:],
        as user: String? = nil
    ) throws -> Answer {
        time.nanoseconds += 1_000_000
        guard let route = Route(method: method, path: path) else { throw TestFailure("no route \(method) \(path)") }
        let call = APICall(
            route: route,
            query: query,
            body: try Value(parsing: body).object ?? [:],
            actor: user.map(APICall.Actor.user) ?? .server
        )
        let (answer, events) = try state.apply(call, at: time)
        self.events += events
        return answer
    }

    mutating func advance(by duration: Duration) { time.nanoseconds += Int64(duration / .nanoseconds(1)) }

    /// Users and one channel with both of them.
    mutating func setUp() throws {
        try call("POST", "/users", #"{"users":{"ada":{"id":"ada","name":"Ada"},"bob":{"id":"bob","name":"Bob"}}}"#)
        let data = #"{"data":{"created_by_id":"ada","members":["ada","bob"],"listing_id":"L1","team":"blue"}}"#
        try call("POST", "/channels/messaging/room/query", data)
    }

    mutating func send(_ id: String, _ text: String = "hello", by user: String = "ada") throws {
        let body = #"{"message":{"id":"\#(id)","text":"\#(text)","user_id":"\#(user)","offer":{"amount":5}}}"#
        try call("POST", "/channels/messaging/room/message", body)
    }

    mutating func takeEvents() -> [ProviderEvent] {
        defer { events = [] }
        return events
    }
}
