import Chat
import Crypto
import History
import Limits
import MongoDB
import TestSupport
import Testing
import WebhookIngest

struct DeadLetterTests {
    private static let path = "/api/v1/dead-letters"

    @Test func areListedLatestFirst() async throws {
        try await withService { service in
            // Some at the same instant, so that only the id tells them apart.
            let letters = try (0..<7).map { try Self.letter("body \($0)", at: "2026-05-08T10:00:0\($0 / 3)Z") }
            try await service.keep(letters)
            var found: [String] = []
            var cursor = ""
            repeat {
                let page = try await service.get("\(Self.path)?limit=2\(cursor)")
                #expect(page["total"] == 7)
                found += (page["data"]?.array ?? []).compactMap { $0["_id"]?.string }
                cursor = page["next"]?.string.map { "&cursor=\($0)" } ?? ""
            } while !cursor.isEmpty
            let expected = letters.sorted {
                ($1.at, $1.id.description) < ($0.at, $0.id.description)
            }
            #expect(found == expected.map(\.id.description))

            let first = try await service.get("\(Self.path)?limit=1")["data"]?[0]
            let row: JSON = [
                "_id": .string(found[0]), "type": "message.new", "reason": "not JSON",
                "at": "2026-05-08T10:00:02.000Z", "received": "2026-05-08T09:00:00.000Z", "api_key": "fixture-key",
                "webhook_id": "w-1", "attempt": 2, "bytes": 6,
            ]
            #expect(first == row)
        }
    }

    @Test func areShownWithTheirBody() async throws {
        try await withService { service in
            let letter = try Self.letter("{\"é\n", at: "2026-05-08T10:00:00Z")
            let binary = try Self.letter([0xff, 0x00], at: "2026-05-08T10:00:00Z")
            try await service.keep([letter, binary])
            let shown = try await service.get("\(Self.path)/\(letter.id)")
            #expect(shown["raw_base64"] == "eyLDqQo=" && shown["text"] == "{\"é\n" && shown["bytes"] == 5)
            #expect(shown["signature"] == "0102" && shown["reason"] == "not JSON")
            let other = try await service.get("\(Self.path)/\(binary.id)")
            #expect(other["raw_base64"] == "/wA=" && other["text"] == .null)
            let unknown = String(repeating: "0", count: 64)
            #expect(try await service.send("GET", "\(Self.path)/\(unknown)").status == 404)
        }
    }

    @Test func areRetriedOnce() async throws {
        try await withService { service in
            let body = Story.message("m1")
            let letter = try Self.letter(body, at: "2026-05-08T10:00:00Z")
            try await service.keep([letter])
            let path = "\(Self.path)/\(letter.id)/retry"
            let answer = try await service.send("POST", path)
            #expect(answer.status == 202)
            #expect(try answer.decode(JSON.self) == ["_id": .string("\(letter.id)"), "state": "queued"])
            let taken = try service.queue.take(events: 10, bytes: 1_000_000)
            let expected = Delivery(
                id: letter.id,
                type: "message.new",
                lane: "messaging:listing_7_ada_bob",
                receivedAt: letter.receivedAt,
                body: Array(body.utf8),
                signature: [1, 2],
                apiKey: "fixture-key",
                webhookID: "w-1",
                attempt: 2
            )
            #expect(taken.map(\.delivery) == [expected])
            #expect(try await service.get(Self.path)["total"] == 0)

            #expect(try await service.send("POST", path).status == 404)
            try await service.store([body])
            let stored = try await service.send("POST", path)
            #expect(stored.status == 200)
            #expect(try stored.decode(JSON.self)["state"] == "stored")
            #expect(service.queue.status.rows == 1)
        }
    }

    /// What fails again before its retry has been noted must not be removed with the old letter.
    @Test func whatFailsAgainStays() async throws {
        try await withService { service in
            let letter = try Self.letter("{", at: "2026-05-08T10:00:00Z")
            var again = letter
            again.at = try timestamp("2026-05-08T10:00:01Z")
            try await service.keep([letter])
            try await service.keep([again])
            let history = service.history
            try await blocking {
                try HistoryQueries(try history.opened(), limits: .init()).remove(letter)
            }
            #expect(try await service.get(Self.path)["data"]?[0]?["at"] == "2026-05-08T10:00:01.000Z")
        }
    }

    @Test func aFullQueueKeepsTheLetter() async throws {
        var setup = TestService.Setup()
        setup.limits.queue.rows = 0
        try await withService(setup) { service in
            let letter = try Self.letter("{", at: "2026-05-08T10:00:00Z")
            try await service.keep([letter])
            let answer = try await service.send("POST", "\(Self.path)/\(letter.id)/retry")
            #expect(answer.status == 503)
            #expect(answer.headers["retry-after"] == "2")
            #expect(try await service.get(Self.path)["total"] == 1)
        }
    }

    private static func letter(_ body: String, at: String) throws -> DeadLetter {
        try letter(Array(body.utf8), at: at)
    }

    private static func letter(_ body: [UInt8], at: String) throws -> DeadLetter {
        DeadLetter(
            id: EventID(bytes: SHA256.digest(body)),
            type: "message.new",
            reason: "not JSON",
            at: try timestamp(at),
            receivedAt: try timestamp("2026-05-08T09:00:00Z"),
            body: body,
            signature: [1, 2],
            apiKey: "fixture-key",
            webhookID: "w-1",
            attempt: 2
        )
    }
}

extension TestService {
    fileprivate func keep(_ letters: [DeadLetter]) async throws {
        let history = history
        try await blocking { try HistoryWriter(try history.opened()).keepDeadLetters(letters) }
    }
}
