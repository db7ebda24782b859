import API
import Foundation
import TestSupport
import Testing
import WebhookIngest

struct RouterTests {
    @Test func methodsAndPaths() async throws {
        try await withService { service in
            let messages = TestService.messagesPath
            let table: [(method: String, path: String, status: Int, allow: String?)] = [
                ("GET", "/", 200, nil), ("HEAD", "/", 200, nil), ("GET", "/nothing", 404, nil),
                ("GET", "/healthz/", 404, nil), ("GET", "//", 404, nil), ("GET", "/api/v1/users/a/b", 404, nil),
                ("POST", "/healthz", 405, "GET, HEAD, OPTIONS"), ("OPTIONS", "/healthz", 204, "GET, HEAD, OPTIONS"),
                ("DELETE", "\(messages)/m1", 405, "GET, HEAD, OPTIONS"),
                ("GET", "\(messages)/m1/flag", 405, "PATCH, OPTIONS"),
                ("OPTIONS", "/api/v1/keys", 204, "GET, HEAD, POST, OPTIONS"),
                ("OPTIONS", "\(messages)/listing/flag", 204, "GET, HEAD, PATCH, OPTIONS"),
                ("GET", "/api/v1/webhooks/getstream", 405, "POST, OPTIONS"),
                ("PUT", "/api/chat/webhooks/stream", 405, "POST, OPTIONS"),
                ("HEAD", "/api/v1/rejections", 200, nil),
            ]
            for (method, path, status, allow) in table {
                let answer = try await service.send(method, path)
                #expect(answer.status == status, "\(method) \(path)")
                #expect(answer.headers["allow"] == allow, "\(method) \(path)")
                if method == "HEAD" || status == 204 { #expect(answer.body.isEmpty, "\(method) \(path)") }
            }
        }
    }

    @Test func everyAnswerIsGuarded() async throws {
        try await withService { service in
            for path in ["/", "/nothing", "/metrics", "/readyz", "\(TestService.messagesPath)?x=1"] {
                let answer = try await service.send("GET", path)
                #expect(answer.headers["cache-control"] == "no-store", "\(path)")
                #expect(answer.headers["x-content-type-options"] == "nosniff", "\(path)")
            }
            let answer = try await service.send("GET", "/api/v1/rejections")
            #expect(answer.headers["content-type"] == "application/json")
        }
    }

    @Test func bodiesAreBounded() async throws {
        try await withService { service in
            let path = "\(TestService.messagesPath)/m1/flag"
            let large = try await service.send("PATCH", path, body: String(repeating: " ", count: 65_537))
            #expect(large.status == 413)
            #expect(try large.problem().detail.contains("65536"))
            let fitting = try await service.send("PATCH", path, body: String(repeating: " ", count: 65_536))
            #expect(fitting.status == 400)
        }
    }

    @Test func deliveriesGoToTheReceiver() async throws {
        try await withService { service in
            let delivery = try #require(
                try fixtureCases(in: "webhooks").first { $0.name.contains("message.new") }
            )
            for path in ["/api/v1/webhooks/getstream", "/api/chat/webhooks/stream"] {
                let body = String(decoding: delivery.body, as: UTF8.self)
                let answer = try await service.send("POST", path, key: nil, body: body, headers: delivery.headers)
                #expect(answer.status == 200)
                #expect(answer.text == #"{"success":true}"#)
                let forged = try await service.send("POST", path, key: nil, body: body + " ", headers: delivery.headers)
                #expect(forged.status == 401)
            }
            #expect(service.queue.status.rows == 2)
        }
    }

    /// What the page says of a route is what the code declares, and an example follows.
    @Test func theReferenceIsUpToDate() async throws {
        try await withService { service in
            let page = try String(contentsOf: repositoryRoot.appending(path: "docs/api.md"), encoding: .utf8)
            let reference = service.router.reference
            #expect(page.contains(reference.overview), "docs/api.md should hold:\n\(reference.overview)")
            for section in reference.sections {
                #expect(page.contains(section + "\n\n```"), "docs/api.md should hold, and an example:\n\(section)")
            }
            #expect(page.components(separatedBy: "\n### ").count - 1 == reference.sections.count)
        }
    }
}
