import Chat
import Dispatch
import Foundation
import Gzip
import Limits
import Randomness
import Telemetry
import Testing

@testable import WebhookIngest

/// The receiver behind a real server: statuses, headers, counters.
struct WebhookReceiverTests {
    private static let text = #"{"type":"message.new","cid":"messaging:1"}"#
    private static let body = Array(text.utf8)

    // MARK: Accepted

    @Test func keepsThenAnswers() throws {
        let test = try ReceiverUnderTest()
        let answer = try test.deliver(Self.text)
        #expect(answer.status == 200)
        #expect(answer.text == #"{"success":true}"#)
        #expect(answer.headers["content-type"] == "application/json")
        #expect(try test.queue.takeAll().map(\.delivery.lane) == ["messaging:1"])
        let rendered = test.metrics.rendered()
        for line in [
            "backchannel_webhook_received_total 1", "backchannel_webhook_received_bytes_total \(Self.body.count)",
            "backchannel_webhook_accepted_total 1", "backchannel_webhook_seconds_count 1",
            "backchannel_queue_events 1.0", "backchannel_queue_appended_total 1",
        ] {
            #expect(rendered.contains(line), "\(line)\n\(rendered)")
        }
    }

    @Test func gzipIsKnownByItsMagicAlone() throws {
        let test = try ReceiverUnderTest()
        let signed = ReceiverUnderTest.headers(for: Self.body)
        let zipped = try Gzip.deflate(Self.body)
        let labelled = signed.merging(["Content-Encoding": "gzip"]) { $1 }
        #expect(try test.send(headers: signed, body: zipped).status == 200)
        #expect(try test.send(headers: labelled, body: zipped).status == 200)
        #expect(try test.send(headers: labelled, body: Self.body).status == 200, "a proxy inflated it")
        #expect(try test.queue.takeAll().allSatisfy { $0.delivery.body == Self.body })
    }

    @Test func chunkedBodiesAreTaken() throws {
        let test = try ReceiverUnderTest()
        let headers = ReceiverUnderTest.headers(for: Self.body).merging(["Transfer-Encoding": "chunked"]) { $1 }
        let answer = try test.send(headers: headers, body: HTTPSender.chunked(Self.body), addsLength: false)
        #expect(answer.status == 200)
    }

    @Test func signaturesMayBeInUpperCase() throws {
        let test = try ReceiverUnderTest()
        var headers = ReceiverUnderTest.headers(for: Self.body)
        headers["X-Signature"] = headers["X-Signature"]?.uppercased()
        #expect(try test.send(headers: headers, body: Self.body).status == 200)
    }

    @Test(arguments: ["fixture-key", "old-key", "key-of-nobody", nil])
    func everySecretIsTriedWhateverTheKeySays(_ apiKey: String?) throws {
        let test = try ReceiverUnderTest()
        #expect(test.receiver.secretUses.map(\.lastUsed) == [nil, nil])
        let headers = ReceiverUnderTest.headers(for: Self.body, secret: "old-secret", apiKey: apiKey)
        #expect(try test.send(headers: headers, body: Self.body).status == 200)
        #expect(try test.queue.takeAll().map(\.delivery.apiKey) == ["old-key"])
        #expect(
            test.receiver.secretUses == [
                SecretUse(apiKey: "old-key", lastUsed: ManualClock.epoch),
                SecretUse(apiKey: "fixture-key", lastUsed: nil),
            ]
        )
    }

    // MARK: Refused by the head

    @Test(arguments: ["GET", "HEAD", "PUT", "DELETE"])
    func otherMethodsAre405(_ method: String) throws {
        let answer = try ReceiverUnderTest().send(method)
        #expect(answer.status == 405)
        #expect(answer.headers["allow"] == "POST, OPTIONS")
    }

    @Test func optionsSayWhatIsAllowed() throws {
        let answer = try ReceiverUnderTest().send("OPTIONS")
        #expect(answer.status == 204)
        #expect(answer.headers["allow"] == "POST, OPTIONS")
        #expect(answer.body.isEmpty)
    }

    @Test func withoutALengthIs411() throws {
        let answer = try ReceiverUnderTest().send(addsLength: false)
        #expect(answer.status == 411)
        try expectProblem(answer, status: 411)
    }

    @Test(arguments: ["Content-Length", "chunked", "inflated"])
    func tooLargeIs413(_ how: String) throws {
        var limits = Limits.Ingest.forTests
        limits.bodyBytes = 2_000
        limits.inflatedBytes = 5_000
        let test = try ReceiverUnderTest(limits: limits)
        let body = [UInt8](repeating: UInt8(ascii: " "), count: 5_001)
        var headers = ReceiverUnderTest.headers(for: body)
        let answer: HTTPSender.Answer
        switch how {
        case "chunked":
            headers["Transfer-Encoding"] = "chunked"
            answer = try test.send(headers: headers, body: HTTPSender.chunked(body), addsLength: false)
        case "inflated": answer = try test.send(headers: headers, body: try Gzip.deflate(body))
        default: answer = try test.send(headers: headers, body: body)
        }
        try expectProblem(answer, status: 413, cause: "too-large")
        #expect(test.receiver.rejections.recent.map(\.cause) == [.tooLarge])
        #expect(test.queue.status.rows == 0)
    }

    // MARK: Rejected

    @Test func aWrongSignatureIs401WithItsCause() throws {
        let test = try ReceiverUnderTest()
        let headers = ReceiverUnderTest.headers(for: Self.body, secret: "wrong", apiKey: "fixture-key")
        try expectProblem(
            try test.send(headers: headers, body: Self.body),
            status: 401,
            cause: "mismatch"
        )
        let rejection = try #require(test.receiver.rejections.recent.first)
        #expect(rejection.remoteAddress == "127.0.0.1")
        #expect(rejection.apiKey == "fixture-key")
        #expect(rejection.contentLength == Self.body.count)
        #expect(rejection.time == ManualClock.epoch)
        #expect(test.metrics.rendered().contains(#"backchannel_webhook_rejected_total{cause="mismatch"} 1"#))
        let line = try #require(test.logLines.all.first)
        #expect(line.contains("GETSTREAM_API_SECRET") && !line.contains("messaging:1"), "\(line)")
    }

    @Test func gzipThatCannotBeInflatedIs401() throws {
        let test = try ReceiverUnderTest()
        let zipped = try Gzip.deflate(Self.body)
        let headers = ReceiverUnderTest.headers(for: Self.body)
        try expectProblem(
            try test.send(headers: headers, body: Array(zipped.dropLast(4))),
            status: 401,
            cause: "truncated"
        )
        try expectProblem(
            try test.send(headers: headers, body: [0x1f, 0x8b] + Self.body),
            status: 401,
            cause: "malformed-gzip"
        )
    }

    @Test func examinationsAreRationed() throws {
        var limits = Limits.Ingest()
        limits.examinationsPerSecond = 2
        limits.rejectionsKept = 3
        let clock = ManualClock()
        let test = try ReceiverUnderTest(limits: limits, clock: clock)
        for number in 0..<5 {
            let headers = ["X-Api-Key": "key \u{1}\(number)" + String(repeating: "x", count: 200)]
            #expect(try test.send(headers: headers, body: Self.body).status == 401)
        }
        let rejections = test.receiver.rejections
        #expect(rejections.recent.map(\.cause) == [.unexamined, .unexamined, .unexamined])
        #expect(rejections.recent.map { $0.apiKey?.prefix(4) } == ["key4", "key3", "key2"])
        #expect(rejections.recent.allSatisfy { $0.apiKey?.count == 62 })
        #expect(rejections.count(of: .missingSignature) == 2)
        #expect(rejections.count(of: .unexamined) == 3)
        #expect(rejections.total == 5)
        #expect(test.logLines.all.count == 2)
        clock.advance(by: .seconds(1))
        _ = try test.send(body: Self.body)
        #expect(rejections.count(of: .missingSignature) == 3)
    }

    // MARK: Not now

    @Test func aFullQueueIs503WithRetryAfter() throws {
        var limits = Limits.Queue.forTests
        limits.rows = 1
        let test = try ReceiverUnderTest(queue: MemoryEventQueue(limits: limits))
        #expect(try test.deliver(Self.text).status == 200)
        let answer = try test.deliver(Self.text)
        try expectProblem(answer, status: 503)
        #expect(answer.headers["retry-after"] == "2")
        #expect(test.queue.status.rows == 1)
        #expect(test.metrics.rendered().contains("backchannel_webhook_refused_total 1"))
        #expect(test.logLines.all.contains { $0.contains("QUEUE_ROWS") })
    }

    @Test func withAckStoredTheAnswerWaits() async throws {
        var limits = Limits.Ingest.forTests
        limits.storedAckSeconds = 600  // far beyond what a busy machine may need
        let waiter = StoredWaiter(limits: limits)
        let test = try ReceiverUnderTest(storedWaiter: waiter)
        // On a thread of its own: blocked here, it could keep the pool from running what it waits for.
        async let status = withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try test.deliver(Self.text).status })
            }
        }
        await test.queue.waitForWork()
        waiter.stored(try test.queue.takeAllSequences())
        #expect(try await status == 200)
    }

    @Test func withAckStoredPatienceEnds() throws {
        var limits = Limits.Ingest.forTests
        limits.storedAckSeconds = 0
        let test = try ReceiverUnderTest(limits: limits, storedWaiter: StoredWaiter(limits: limits))
        try expectProblem(try test.deliver(Self.text), status: 503)
        #expect(test.queue.status.rows == 1, "it stays queued")
    }

    // MARK: Anything at all

    @Test func mutatedDeliveriesGetNo5xx() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        let test = try ReceiverUnderTest()
        let zipped = try Gzip.deflate(Self.body)
        for round in 0..<500 {
            var body = Bool.random(using: &random) ? Self.body : zipped
            var headers = ReceiverUnderTest.headers(for: Self.body)
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                body[Int.random(in: 0..<body.count, using: &random)] = UInt8.random(in: 0 ... .max, using: &random)
            }
            if round % 7 == 0 { headers["X-Signature"]?.removeFirst() }
            if round % 11 == 0 { body.removeLast(Int.random(in: 0..<body.count, using: &random)) }
            let answer = try test.send(headers: headers, body: body)
            #expect([200, 401].contains(answer.status), "seed \(seed), round \(round)")
        }
        #expect(try test.queue.takeAll().allSatisfy { $0.delivery.body == Self.body }, "seed \(seed)")
    }

    // MARK: Parts

    private func expectProblem(_ answer: HTTPSender.Answer, status: Int, cause: String? = nil) throws {
        struct Problem: Decodable {
            let type: String
            let title: String
            let status: Int
            let detail: String
            let cause: String?
        }
        #expect(answer.status == status)
        #expect(answer.headers["content-type"] == "application/problem+json")
        let problem = try JSONDecoder().decode(Problem.self, from: Data(answer.body))
        #expect(problem.type == "about:blank")
        #expect(problem.status == status)
        #expect(!problem.title.isEmpty && !problem.detail.isEmpty)
        #expect(problem.cause == cause)
    }
}
