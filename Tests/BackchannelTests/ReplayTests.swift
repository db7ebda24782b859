import Crypto
import Foundation
import Gzip
import HTTPServer
import JSON
import Synchronization
import TestSupport
import Testing

@testable import backchannel

/// The `replay` and `sign` commands against a real server.
struct ReplayTests {
    private static let secret = "replay-secret"
    private static let signer = HMACSHA256(key: secret)

    private static let runner = CommandRunner(environment: [
        "GETSTREAM_API_KEY": "replay-key", "GETSTREAM_API_SECRET": secret,
    ])

    /// Accepts what is signed, as the service does.
    private static func verify(_ request: TestServer.Received) -> HTTPResponse {
        let body = (try? Gzip.inflate(request.body, cap: 1 << 24)) ?? request.body
        let isSigned = request.head[header: "X-Signature"] == Hex.encode(signer.sign(body))
        return HTTPResponse(status: isSigned ? 200 : 401, body: Array("{}".utf8))
    }

    private func summary(_ result: CommandRunner.Result) throws -> JSONValue {
        try JSONParser().parse(Array(result.output.utf8))
    }

    private func count(_ value: JSONValue, _ name: String) -> Int { value[name]?.int64.map { Int($0) } ?? -1 }

    @Test func everythingSentIsAcknowledged() async throws {
        try await withTestServer(Self.verify) { server in
            let result = await Self.runner.run(
                "replay",
                "--generate",
                "500",
                "--mix",
                "--url",
                server.url,
                "--connections",
                "7",
                "--json"
            )
            #expect(result.exitCode == .ok)
            let summary = try summary(result)
            #expect(count(summary, "acknowledged") == 500)
            #expect(count(summary, "unacknowledged") == 0)
            #expect(summary["status"]?["200"]?.int64 == 500)
            #expect(server.received.count == 500)
            let request = try #require(server.received.first)
            #expect(request.head.method == "POST")
            #expect(request.head.path == "/api/v1/webhooks/getstream")
            #expect(request.head[header: "X-Api-Key"] == "replay-key")
            #expect(request.head[header: "X-Webhook-Attempt"] == "1")
            #expect(request.head[header: "X-Webhook-Id"]?.count == 36)
            #expect(request.head[header: "Content-Type"] == "application/json")
            let generator = EventGenerator(count: 500, isMixed: true)
            #expect(Set(server.received.map(\.body)) == Set((0..<500).map { generator.event(at: $0).body }))
        }
    }

    @Test func copiesAndForgeriesComeOnTop() async throws {
        try await withTestServer(Self.verify) { server in
            let result = await Self.runner.run(
                "replay",
                "--generate",
                "400",
                "--url",
                server.url,
                "--duplicate",
                "20",
                "--bad",
                "10",
                "--json",
                "--shuffle",
                "9"
            )
            #expect(result.exitCode == .ok)
            let summary = try summary(result)
            let copies = count(summary, "copies")
            let forged = count(summary, "forged")
            #expect((50...110).contains(copies - forged))
            #expect((15...70).contains(forged))
            #expect(count(summary, "acknowledged") == 400 + copies - forged)
            #expect(count(summary, "forged_refused") == forged)
            #expect(summary["status"]?["401"]?.int64 == Int64(forged))
            #expect(Set(server.received.map(\.body)).count == 400)
            let calls = Dictionary(grouping: server.received) { $0.head[header: "X-Webhook-Id"] }
            #expect(calls.count == 400, "a copy has the id of the call that it repeats")
        }
    }

    @Test func acceptedForgeriesFail() async throws {
        try await withTestServer({ _ in HTTPResponse(status: 200) }) { server in
            let result = await Self.runner.run(
                "replay",
                "--generate",
                "20",
                "--url",
                server.url,
                "--bad",
                "100",
                "--json"
            )
            #expect(result.exitCode == .failed)
            let summary = try summary(result)
            #expect(count(summary, "forged_accepted") == 20)
        }
    }

    @Test func acknowledgedIdsAreWritten() async throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path
        let refusesOdd: @Sendable (TestServer.Received) -> HTTPResponse = { request in
            HTTPResponse(status: SHA256.digest(request.body)[0] & 1 == 0 ? 200 : 403)
        }
        try await withTestServer(refusesOdd) { server in
            let path = "\(folder)/acknowledged"
            let result = await Self.runner.run(
                "replay",
                "--generate",
                "200",
                "--url",
                server.url,
                "--acknowledged",
                path
            )
            #expect(result.exitCode == .failed, "the refused ones were never acknowledged")
            let digests = server.received.map { SHA256.digest($0.body) }.filter { $0[0] & 1 == 0 }
            let lines = try String(contentsOf: URL(filePath: path), encoding: .utf8).split(separator: "\n")
            #expect(lines.map(String.init).sorted() == digests.map(Hex.encode).sorted())
            #expect(result.output.contains("unacknowledged  \(200 - lines.count)"))
        }
    }

    @Test(arguments: [503, 429, 500])
    func triesAgainWhatTheProviderWould(_ status: Int) async throws {
        let refused = Mutex<Set<[UInt8]>>([])
        let answer: @Sendable (TestServer.Received) -> HTTPResponse = { request in
            let isFirst = refused.withLock { $0.insert(request.body).inserted }
            return isFirst ? HTTPResponse(status: status, headers: [("Retry-After", "0")]) : HTTPResponse(status: 200)
        }
        try await withTestServer(answer) { server in
            let result = await Self.runner.run(
                "replay",
                "--generate",
                "30",
                "--url",
                server.url,
                "--connections",
                "30",
                "--json"
            )
            #expect(result.exitCode == .ok)
            let summary = try summary(result)
            #expect(count(summary, "retries") == 30)
            #expect(count(summary, "acknowledged") == 30)
            let attempts = server.received.map { $0.head[header: "X-Webhook-Attempt"] }
            #expect(attempts.count { $0 == "1" } == 30 && attempts.count { $0 == "2" } == 30)
        }
    }

    @Test func triesAreBounded() async throws {
        let answer: @Sendable (TestServer.Received) -> HTTPResponse = { _ in
            HTTPResponse(status: 503, headers: [("Retry-After", "0")], body: Array("full".utf8))
        }
        try await withTestServer(answer) { server in
            let result = await Self.runner.run(
                "replay",
                "--generate",
                "5",
                "--url",
                server.url,
                "--retries",
                "2"
            )
            #expect(result.exitCode == .failed)
            #expect(server.received.count == 15)
            #expect(result.output.contains("unacknowledged  5"))
            #expect(result.output.contains("first 503       full"))
        }
    }

    @Test func refusalsAreNotTriedAgain() async throws {
        try await withTestServer({ _ in HTTPResponse(status: 401) }) { server in
            let result = await Self.runner.run("replay", "--generate", "5", "--url", server.url, "--json")
            #expect(result.exitCode == .failed)
            #expect(server.received.count == 5)
            let summary = try summary(result)
            #expect(count(summary, "unacknowledged") == 5)
        }
    }

    @Test func compressedBodiesAreSignedInflated() async throws {
        try await withTestServer(Self.verify) { server in
            let result = await Self.runner.run("replay", "--generate", "20", "--gzip", "--url", server.url)
            #expect(result.exitCode == .ok)
            for request in server.received {
                #expect(Gzip.isGzip(request.body))
                #expect(request.head[header: "Content-Encoding"] == "gzip")
            }
        }
    }

    @Test func largeBodiesArriveWhole() async throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path
        let bodies = (1...4).map { "{\"x\":\"" + String(repeating: "\($0)", count: 1_000_000) + "\"}" }
        try Data(bodies.joined(separator: "\n").utf8).write(to: URL(filePath: "\(folder)/f.jsonl"))
        try await withTestServer(Self.verify) { server in
            let result = await Self.runner.run("replay", "\(folder)/f.jsonl", "--url", server.url)
            #expect(result.exitCode == .ok)
            let arrived = Set(server.received.map { String(decoding: $0.body, as: UTF8.self) }) == Set(bodies)
            #expect(arrived)
        }
    }

    @Test func aRateSpreadsTheDeliveries() async throws {
        try await withTestServer(Self.verify) { server in
            let start = ContinuousClock.now
            let result = await Self.runner.run("replay", "--generate", "50", "--rate", "200", "--url", server.url)
            #expect(result.exitCode == .ok)
            #expect(ContinuousClock.now - start >= .milliseconds(240))
        }
    }

    /// The fixtures' own headers go along; key and signature are the configured ones.
    @Test func fixturesAreSignedAnew() async throws {
        let folder = fixturesRoot.appending(path: "webhooks").path
        let cases = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
            FileManager.default.fileExists(atPath: "\(folder)/\($0)/body.json")
        }
        try #require(!cases.isEmpty)
        try await withTestServer(Self.verify) { server in
            let result = await Self.runner.run("replay", folder, "--url", server.url)
            #expect(result.exitCode == .ok, "\(result.output) \(result.complaints)")
            #expect(server.received.count == cases.count)
            #expect(server.received.allSatisfy { $0.head[header: "X-Api-Key"] == "replay-key" })
        }
    }

    /// The service goes away in the middle and comes back: everything is acknowledged in the end.
    @Test func survivesARestart() async throws {
        let (halfway, signal) = AsyncStream.makeStream(of: Void.self)
        let seen = Mutex(0)
        let first = try TestServer { request in
            let count = seen.withLock { count in
                count += 1
                return count
            }
            if count == 100 { signal.finish() }
            return count > 100 ? HTTPResponse(status: 503) : Self.verify(request)
        }
        let url = first.url
        async let result = Self.runner.run(
            "replay",
            "--generate",
            "400",
            "--url",
            url,
            "--connections",
            "4",
            "--rate",
            "1000",
            "--retries",
            "100",
            "--json"
        )
        for await _ in halfway {}
        let port = first.port
        await first.stop()
        let second = try TestServer(port: port, Self.verify)
        let (exitCode, summary) = (await result.exitCode, try summary(await result))
        await second.stop()
        #expect(exitCode == .ok)
        #expect(count(summary, "acknowledged") == 400)
        let generator = EventGenerator(count: 400)
        #expect(second.received.count >= 300)
        #expect(
            Set((first.received + second.received).map(\.body)) == Set((0..<400).map { generator.event(at: $0).body })
        )
    }

    @Test func nobodyThereIsUnreachable() async throws {
        let server = try TestServer(Self.verify)
        let url = server.url
        await server.stop()
        let result = await Self.runner.run("replay", "--generate", "3", "--url", url)
        #expect(result.exitCode == .unreachable)
        #expect(result.complaints.contains("is the service running?"))
    }

    @Test(arguments: [
        (["replay"], "give PATH, or --generate N"),
        (["replay", "x", "--generate", "3"], "do not go together"),
        (["replay", "x", "--mix"], "needs --generate"),
        (["replay", "--generate", "3", "--prefix", "a b"], "letters, digits"),
        (["replay", "x", "--url", "https://h/"], "allowed: http://HOST"),
        (["replay", "x", "--url", "localhost:8080"], "allowed: http://HOST"),
        (["replay", "x", "--key", "other"], "give --secret"),
        (["replay", "x", "--connections", "0"], "an integer from 1 to 4096"),
    ])
    func wrongCommandLinesAreExplained(_ words: [String], _ expected: String) async {
        let result = await Self.runner.run(words)
        #expect(result.exitCode == .usage)
        #expect(result.complaints.contains(expected), "\(result.complaints)")
    }

    @Test func withoutASecretNothingIsSigned() async {
        let result = await CommandRunner().run("replay", "--generate", "1")
        #expect(result.exitCode == .configuration)
        #expect(result.complaints.contains("no secret is set"))
    }

    // MARK: sign

    /// What is printed is run by a real shell with a real curl, and accepted.
    @Test func signPrintsACurlThatWorks() async throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path
        let path = "\(folder)/it's a body.json"
        try Data("{\"type\":\"message.new\",\n \"x\": \"é\"}\n".utf8).write(to: URL(filePath: path))
        try await withTestServer(Self.verify) { server in
            let result = await Self.runner.run("sign", path, "--url", server.url)
            #expect(result.exitCode == .ok)
            let shell = try await ChildProcess("/bin/sh", ["-c", result.output + " -s"])
            let text = await shell.lines.reduce("") { $0 + $1 }
            #expect(text.contains("200"), "\(text)")
            #expect(server.received.first?.head[header: "X-Api-Key"] == "replay-key")
        }
    }

    @Test func signTakesFoldersAndOptions() async throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path
        try Data("{}".utf8).write(to: URL(filePath: "\(folder)/body.json"))
        let result = await CommandRunner(environment: ["HOST": "0.0.0.0", "PORT": "99"]).run(
            "sign",
            folder,
            "--secret",
            "s",
            "--key",
            "k"
        )
        #expect(result.output.contains("'http://127.0.0.1:99/api/v1/webhooks/getstream'"))
        #expect(result.output.contains("'X-Signature: \(Hex.encode(HMACSHA256(key: "s").sign(Array("{}".utf8))))'"))
        #expect(result.output.contains("'@\(folder)/body.json'"))
        let missing = await Self.runner.run("sign", "\(folder)/none")
        #expect(missing.exitCode == .failed)
        #expect(missing.complaints.contains("there is no such file"))
    }
}
