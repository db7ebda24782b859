import Crypto
import Foundation
package import HTTPClient
import JSON
import Synchronization

/// The local provider on a port of its own; it can be killed and started again.
///
/// The test target has to depend on `local-provider`, so that it is built.
package final class LocalProviderProcess: Sendable {
    package static let apiKey = "test-key"
    package static let secret = "test-secret-that-is-long-enough-for-HS256"

    package let port: Int
    private let arguments: [String]
    private let process = Mutex<ChildProcess?>(nil)
    private let client = HTTPClient()

    /// - Parameters:
    ///   - folder: where it keeps its state (`--data`); in memory without.
    ///   - options: of the command line, such as `--no-limits`.
    package init(folder: String? = nil, options: [String] = ["--no-limits"]) throws {
        port = try freePort()
        let data = folder.map { ["--data", $0] } ?? []
        arguments =
            ["--port", "\(port)", "--api-key", Self.apiKey, "--api-secret", Self.secret] + data + options
    }

    /// Starts it and waits until it answers.
    package func start() async throws {
        let child = try await ChildProcess(Self.executable, arguments)
        process.withLock { $0 = child }
        try await child.line(containing: url)
    }

    /// As a power cut would end it.
    package func kill() async { await end(SIGKILL) }

    /// - Returns: its exit code.
    @discardableResult
    package func stop() async -> Int32 { await end(SIGTERM) }

    @discardableResult
    private func end(_ signal: Int32) async -> Int32 {
        guard let child = process.withLock({ $0 }) else { return 0 }
        child.send(signal)
        return await child.wait()
    }

    package var errorOutput: String { process.withLock { $0?.errorOutput ?? "" } }
    package var url: String { "http://127.0.0.1:\(port)" }

    // MARK: The provider's API

    /// Calls it as the app's server.
    ///
    /// - Parameter path: with its query, if any.
    package func call(_ method: String, _ path: String, _ body: String = "") async throws -> HTTPClientResponse {
        let separator = path.contains("?") ? "&" : "?"
        return try await client.send(
            HTTPClientRequest(
                method: method,
                url: "\(url)\(path)\(separator)api_key=\(Self.apiKey)",
                headers: [
                    ("Authorization", Self.serverToken), ("stream-auth-type", "jwt"),
                    ("Content-Type", "application/json"),
                ],
                body: Array(body.utf8)
            )
        )
    }

    /// A server's token: RFC 7519, HS256, `{"server":true}`.
    package static let serverToken: String = {
        let parts = [#"{"alg":"HS256","typ":"JWT"}"#, #"{"server":true}"#].map { base64URL(Array($0.utf8)) }
        let signed = parts.joined(separator: ".")
        return "\(signed).\(base64URL(HMACSHA256(key: secret).sign(Array(signed.utf8))))"
    }()

    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    // MARK: Its control API

    /// - Parameter path: behind `/_local`.
    @discardableResult
    package func control(_ method: String, _ path: String, _ body: String = "") async throws -> HTTPClientResponse {
        let request = HTTPClientRequest(method: method, url: "\(url)/_local\(path)", body: Array(body.utf8))
        let response = try await client.send(request)
        guard 200...299 ~= response.status else {
            throw TestFailure(
                "\(method) /_local\(path): \(response.status) \(String(decoding: response.body, as: UTF8.self))"
            )
        }
        return response
    }

    /// How often one operation on one entity was carried out.
    package struct Applied: Sendable, Equatable {
        package let entity: String
        package let operation: String
        /// How often it was accepted.
        package let calls: Int
        /// How often it made a difference.
        package let changes: Int

        package init(_ entity: String, _ operation: String, calls: Int = 1, changes: Int = 1) {
            (self.entity, self.operation, self.calls, self.changes) = (entity, operation, calls, changes)
        }
    }

    /// Every operation on the entities whose name begins with `prefix`, such as `message:m1`, `user:` or `ban:*/`.
    package func applied(_ prefix: String = "") async throws -> [Applied] {
        let answer = try await control("GET", "/applied?limit=0&entity=\(prefix)")
        guard let counts = try JSONParser().parse(answer.body)["counts"] else { throw TestFailure("no counts") }
        return counts.array.map { count in
            Applied(
                count["entity"]?.string ?? "",
                count["operation"]?.string ?? "",
                calls: Int(count["calls"]?.int64 ?? 0),
                changes: Int(count["changes"]?.int64 ?? 0)
            )
        }
    }

    /// Returns once no webhook waits or is under way.
    package func webhooksSettled(within limit: Duration = .seconds(30)) async throws {
        try await eventually(within: limit, "webhooks still wait") {
            try JSONParser().parse(try await control("GET", "/webhooks").body)["waiting"]?.int64 == 0
        }
    }

    /// Built beside the tests.
    package static let executable = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "local-provider").path
}
