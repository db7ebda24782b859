import Chat
import Crypto
import JSON

@testable import History

/// Events as deliveries bring them: a body, its digest and its signature, decoded as the worker does.
struct SignedEvents {
    static let apiKey = "key"
    static let secret = "a secret of tests"

    private let provider = StreamProvider()
    private let parser = JSONParser()
    private(set) var count: Int64 = 0

    /// - Parameter fields: of a JSON object, beside the type and the time of the event.
    mutating func event(_ type: String, at second: Int, _ fields: String) throws -> ReceivedEvent {
        let body = Array("{\"type\":\"\(type)\",\"created_at\":\"\(Self.time(second))\",\(fields)}".utf8)
        count += 1
        let event = try provider.decode(
            body,
            id: EventID(bytes: SHA256.digest(body)),
            receivedAt: Timestamp(milliseconds: 1_700_000_000_000 + count),
            parser: parser
        )
        let signature = HMACSHA256(key: Self.secret).sign(body)
        return ReceivedEvent(event: event, body: body, signature: signature, apiKey: Self.apiKey)
    }

    mutating func message(
        _ type: String,
        _ id: String,
        by user: String,
        in cid: String,
        at second: Int,
        text: String,
        _ more: String = ""
    ) throws -> ReceivedEvent {
        try event(
            type,
            at: second,
            """
            "cid":"\(cid)","message":{"id":"\(id)","cid":"\(cid)","text":"\(text)","user":{"id":"\(user)",\
            "name":"Name of \(user)"},"created_at":"\(Self.time(100))","updated_at":"\(Self.time(second))"\(more)}
            """
        )
    }

    static func time(_ second: Int) -> String {
        let (minutes, seconds) = second.quotientAndRemainder(dividingBy: 60)
        return "2026-01-05T10:\(minutes < 10 ? "0" : "")\(minutes):\(seconds < 10 ? "0" : "")\(seconds).123456Z"
    }
}
