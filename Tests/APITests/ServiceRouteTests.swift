import Chat
import Limits
import TestSupport
import Testing
import WebhookIngest

struct ServiceRouteTests {
    @Test func theIndexLinksOnlyWhatIsThere() async throws {
        try await withService { service in
            let index = try await service.get("/", key: nil)
            #expect(index["name"] == "backchannel" && index["version"] == "1.2.3")
            guard case .object(let links)? = index["links"] else { throw TestFailure("no links") }
            for (name, path) in links {
                let answer = try await service.send("GET", try #require(path.string))
                #expect(answer.status == 200, "\(name)")
            }
        }
    }

    @Test func metricsCountRequestsByRoute() async throws {
        try await withService { service in
            _ = try await service.get("\(TestService.messagesPath)/user/secret-name")
            _ = try await service.send("GET", "\(TestService.messagesPath)/user/secret-name?limit=0")
            let metrics = try await service.send("GET", "/metrics", key: nil)
            let series =
                #"backchannel_api_requests_total{method="GET",path="\#(TestService.messagesPath)/user/{userId}""#
            #expect(metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(metrics.text.contains(#"\#(series),status="200"} 1"#))
            #expect(metrics.text.contains(#"\#(series),status="400"} 1"#))
            #expect(!metrics.text.contains("secret-name"))
        }
    }

    @Test func readinessTellsOfTheQueue() async throws {
        var setup = TestService.Setup()
        setup.limits.queue.rows = 2
        try await withService(setup) { service in
            _ = try await service.get(TestService.messagesPath)
            let expected: JSON = [
                "accepting": true,
                "queue": ["rows": 0, "bytes": 0, "oldest_seconds": nil, "parked": 0], "mongodb": ["state": "up"],
            ]
            #expect(try await service.get("/readyz", key: nil) == expected)

            _ = try service.queue.append([try Self.delivery("a"), try Self.delivery("b")])
            let full = try await service.send("GET", "/readyz", key: nil)
            let answer: JSON = try full.decode()
            #expect(full.status == 503)
            #expect(answer["accepting"] == false && answer["queue"]?["rows"] == 2)
            #expect(answer["queue"]?["oldest_seconds"] == 60 && answer["mongodb"]?["state"] == "up")
            #expect(answer["detail"]?.string?.contains("QUEUE_ROWS") == true)
            #expect(try await service.send("GET", "/healthz", key: nil).status == 200)
        }
    }

    @Test func readinessTellsOfTheDisk() async throws {
        let folder = try TemporaryFolder()
        var setup = TestService.Setup()
        setup.dataFolder = folder.path
        setup.limits.queue.freeDiskBytes = .max
        try await withService(setup) { service in
            let answer = try await service.send("GET", "/readyz", key: nil)
            #expect(answer.status == 503)
            #expect(try answer.decode(JSON.self)["detail"]?.string?.contains("DATA_DIR") == true)
        }
    }

    @Test func rejectionsAreListedWithoutBodies() async throws {
        try await withService { service in
            let path = "/api/v1/webhooks/getstream"
            _ = try await service.send("POST", path, key: nil, body: "secret text")
            _ = try await service.send(
                "POST",
                path,
                key: nil,
                body: "secret text",
                headers: ["X-Signature": String(repeating: "0", count: 64), "X-Api-Key": "other"]
            )
            let answer = try await service.send("GET", "/api/v1/rejections")
            let list: JSON = try answer.decode()
            #expect(list["total"] == 2)
            #expect(list["by_cause"]?["missing-signature"] == 1 && list["by_cause"]?["unknown-key"] == 1)
            #expect(list["data"]?[0]?["cause"] == "unknown-key" && list["data"]?[0]?["api_key"] == "other")
            #expect(list["data"]?[1]?["cause"] == "missing-signature" && list["data"]?[1]?["content_length"] == 11)
            #expect(list["data"]?[0]?["time"] == "2026-05-20T12:00:00.000Z")
            #expect(list["secrets"] == [["api_key": "fixture-key", "last_used": nil]])
            #expect(!answer.text.contains("secret text"))
        }
    }

    private static func delivery(_ body: String) throws -> Delivery {
        Delivery(
            id: EventID(bytes: Array(body.utf8)),
            type: "message.new",
            lane: "a",
            receivedAt: try timestamp("2026-05-20T11:59:00Z"),
            body: Array(body.utf8),
            signature: []
        )
    }
}
