import Chat
import Crypto
import HTTPServer
import Limits
import Synchronization
import Telemetry

@testable import WebhookIngest

/// A receiver behind a real server on a free port.
final class ReceiverUnderTest: Sendable {
    let queue: any EventQueue
    let metrics = Metrics()
    let receiver: WebhookReceiver
    private let sender: HTTPSender
    private let commit: GroupCommit
    private let server: HTTPServer
    let logLines = LogLines()

    /// As in `Fixtures/README.md`, and one more.
    static let secrets = [
        SigningSecret(apiKey: "old-key", secret: "old-secret"),
        SigningSecret(apiKey: "fixture-key", secret: "fixture-secret"),
    ]

    init(
        queue: (any EventQueue)? = nil,
        limits: Limits.Ingest = .forTests,
        clock: ManualClock = ManualClock(),
        storedWaiter: StoredWaiter? = nil
    ) throws {
        self.queue = queue ?? MemoryEventQueue()
        commit = GroupCommit(queue: self.queue, limits: .forTests, metrics: metrics)
        let logLines = logLines
        receiver = WebhookReceiver(
            secrets: Self.secrets,
            queue: commit,
            provider: StreamProvider(),
            limits: limits,
            log: Log(level: .info) { logLines.append($0) },
            metrics: metrics,
            now: { clock.now },
            storedWaiter: storedWaiter
        )
        server = try HTTPServer(host: "127.0.0.1", port: 0, limits: Limits.HTTP(), handler: Handler(receiver: receiver))
        sender = HTTPSender(port: server.port)
    }

    deinit { commit.stop() }

    private struct Handler: HTTPHandler {
        let receiver: WebhookReceiver
        func admit(_ head: HTTPRequestHead) -> HTTPAdmission { receiver.admit(head) }
        func handle(_ exchange: HTTPExchange) { receiver.receive(exchange) }
        func tooLarge(_ head: HTTPRequestHead, limit: Int) -> HTTPResponse { receiver.tooLarge(head, limit: limit) }
    }

    static func headers(for body: [UInt8], secret: String = "fixture-secret", apiKey: String? = "fixture-key")
        -> [String: String]
    {
        var headers = ["X-Signature": Hex.encode(HMACSHA256(key: secret).sign(body))]
        if let apiKey { headers["X-Api-Key"] = apiKey }
        return headers
    }

    /// As ``HTTPSender``; the server lives until the answer is here.
    func send(
        _ method: String = "POST",
        headers: [String: String] = [:],
        body: [UInt8] = [],
        addsLength: Bool = true
    ) throws -> HTTPSender.Answer {
        try sender.send(method, headers: headers, body: body, addsLength: addsLength)
    }

    /// Sends a correctly signed delivery.
    func deliver(_ text: String) throws -> HTTPSender.Answer {
        let body = Array(text.utf8)
        return try send(headers: Self.headers(for: body), body: body)
    }
}

final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    func append(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

extension Limits.Ingest {
    /// Tests reject more in a second than an operator wants to look at.
    static let forTests = {
        var limits = Limits.Ingest()
        limits.examinationsPerSecond = 10_000
        return limits
    }()
}
