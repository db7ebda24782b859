import HTTPClient
import HTTPServer
import Limits
import TestSupport
import Testing

struct HTTPClientTests {
    @Test func sendsMethodHeadersAndBody() async throws {
        let echo: @Sendable (TestServer.Received) -> HTTPResponse = { request in
            HTTPResponse(
                status: 418,
                headers: [("X-Method", request.head.method), ("X-Two", "  b  ")],
                body: request.body
            )
        }
        try await withTestServer(echo) { server in
            let client = HTTPClient()
            for method in ["POST", "PUT", "PATCH", "DELETE"] {
                let body = Array("\(method) \0 é".utf8)
                let request = HTTPClientRequest(
                    method: method,
                    url: "\(server.url)/a?b=c",
                    headers: [("X-One", "1"), ("X-Empty", "")],
                    body: body
                )
                let response = try await client.send(request)
                #expect(response.status == 418)
                #expect(response.header("x-method") == method)
                #expect(response.header("X-TWO") == "b")
                #expect(response.header("x-none") == nil)
                #expect(response.body == body)
            }
            let request = try #require(server.received.first)
            #expect(request.head.path == "/a")
            #expect(request.head[header: "x-one"] == "1")
            #expect(request.head[header: "x-empty"] == "")
            #expect(request.head[header: "expect"] == nil)
            let get = try await client.send(HTTPClientRequest(url: server.url))
            #expect(get.header("X-Method") == "GET" && get.body.isEmpty)
            let post = try await client.send(HTTPClientRequest(method: "POST", url: server.url))
            #expect(post.header("X-Method") == "POST" && post.body.isEmpty)
        }
    }

    @Test func connectionsAreKept() async throws {
        try await withTestServer({ _ in HTTPResponse(status: 200) }) { server in
            let client = HTTPClient()
            for _ in 0..<5 { _ = try await client.send(HTTPClientRequest(url: server.url)) }
            #expect(server.openConnections == 1)
        }
    }

    @Test func manyAtOnceAllGetTheirOwnAnswer() async throws {
        var limits = Limits.Client()
        limits.concurrent = 3
        let client = HTTPClient(limits: limits)
        try await withTestServer({ HTTPResponse(status: 200, body: $0.body) }) { server in
            let url = server.url
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        let body = Array("\(number)".utf8)
                        return try await client.send(HTTPClientRequest(method: "POST", url: url, body: body)).body
                            == body
                    }
                }
                for try await isOwn in group { #expect(isOwn) }
            }
            #expect(server.received.count == 40)
            #expect(server.openConnections <= 3)
        }
    }

    @Test func redirectsAreFollowedOnlyWhenAsked() async throws {
        let answer: @Sendable (TestServer.Received) -> HTTPResponse = { request in
            request.head.path == "/end"
                ? HTTPResponse(status: 200) : HTTPResponse(status: 302, headers: [("Location", "/end")])
        }
        try await withTestServer(answer) { server in
            var request = HTTPClientRequest(url: "\(server.url)/start")
            let asked = try await HTTPClient().send(request)
            #expect(asked.status == 302)
            request.redirects = 1
            let followed = try await HTTPClient().send(request)
            #expect(followed.status == 200)
        }
    }

    @Test func answersAreBounded() async throws {
        var limits = Limits.Client()
        (limits.responseBytes, limits.headerBytes) = (100, 1_000)
        let client = HTTPClient(limits: limits)
        let answer: @Sendable (TestServer.Received) -> HTTPResponse = { request in
            request.head.path == "/headers"
                ? HTTPResponse(status: 200, headers: [("X", String(repeating: "x", count: 2_000))])
                : HTTPResponse(
                    status: 200,
                    body: [UInt8](repeating: 0, count: request.head.path == "/fits" ? 100 : 101)
                )
        }
        try await withTestServer(answer) { server in
            let fitting = try await client.send(HTTPClientRequest(url: "\(server.url)/fits"))
            #expect(fitting.body.count == 100)
            for path in ["/body", "/headers"] {
                let error = await #expect(throws: HTTPClientError.self) {
                    try await client.send(HTTPClientRequest(url: server.url + path))
                }
                #expect(error?.kind == .tooLarge)
                #expect(error?.isRetriable == false)
            }
        }
    }

    @Test func failuresAreClassifiedAndNameNoSecret() async throws {
        let gone = try TestServer { _ in HTTPResponse(status: 200) }
        let closed = gone.url
        await gone.stop()
        let cases: [(HTTPClientRequest, HTTPClientError.Kind)] = [
            (HTTPClientRequest(url: "\(closed)/hush?token=hush"), .unreachable),
            (HTTPClientRequest(url: "http://name.invalid/hush"), .unreachable),
            (HTTPClientRequest(url: "file:///etc/hush"), .invalidRequest),
            (HTTPClientRequest(url: "hush"), .unreachable),
            (HTTPClientRequest(url: "http://h/hu sh"), .invalidRequest),
            (HTTPClientRequest(method: "get", url: closed), .invalidRequest),
            (HTTPClientRequest(url: closed, headers: [("A", "hush\r\nB: c")]), .invalidRequest),
            (HTTPClientRequest(url: closed, headers: [("A b", "hush")]), .invalidRequest),
        ]
        for (request, kind) in cases {
            let error = await #expect(throws: HTTPClientError.self) { try await HTTPClient().send(request) }
            #expect(error?.kind == kind, "\(error?.description ?? "")")
            #expect(error?.description.contains("hush") == (request.url == "hush"), "\(error?.description ?? "")")
        }
    }

    /// A server that never answers: the request is only let go when the test ends.
    @Test func waitingHasAnEnd() async throws {
        let silent = try SilentServer()
        let request = HTTPClientRequest(url: silent.url, timeout: .milliseconds(50))
        let error = await #expect(throws: HTTPClientError.self) { try await HTTPClient().send(request) }
        #expect(error?.kind == .timedOut)
        #expect(error?.isRetriable == true)
    }

    @Test func cancellingEndsTheRequest() async throws {
        let silent = try SilentServer()
        let task = Task { try await HTTPClient().send(HTTPClientRequest(url: silent.url, timeout: .seconds(50))) }
        task.cancel()
        let error = await #expect(throws: HTTPClientError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
    }
}
