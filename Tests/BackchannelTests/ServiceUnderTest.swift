import Crypto
import Foundation
import HTTPClient
import MongoDB
import Synchronization
import TestSupport
import Testing

/// The executable itself, serving on a port and in a folder of its own; it can be killed and started again.
final class ServiceUnderTest: Sendable {
    static let apiKey = "test-key"
    static let secret = "test-secret"
    static let adminKey = "test-admin-key-for-one-test"

    let folder: TemporaryFolder
    let port: Int
    let database: String
    private let mongoURI: String
    private let settings: [String: String]
    private let process = Mutex<ChildProcess?>(nil)
    private let client = HTTPClient()

    /// - Parameter database: another's, to be a second node; else one of its own.
    init(mongoURI: String, database: String? = nil, settings: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        port = try freePort()
        self.database = database ?? freshDatabaseName()
        self.mongoURI = mongoURI
        self.settings = settings
    }

    /// Starts it and waits until it accepts.
    func start() async throws {
        let child = try await ChildProcess(Self.executable, ["serve"], environment: environment)
        process.withLock { $0 = child }
        _ = try await child.line(containing: "accepts events")
    }

    /// As a power cut would end it.
    func kill() async { await end(SIGKILL) }

    /// - Returns: its exit code.
    @discardableResult
    func stop() async -> Int32 { await end(SIGTERM) }

    @discardableResult
    private func end(_ signal: Int32) async -> Int32 {
        guard let child = process.withLock({ $0 }) else { return 0 }
        child.send(signal)
        return await child.wait()
    }

    /// Runs `body` while it runs, stops it whatever happens, and drops its database.
    func whileRunning(_ body: () async throws -> Void) async throws {
        try await start()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        await stop()
        try await dropDatabase()
        try result.get()
    }

    var errorOutput: String { process.withLock { $0?.errorOutput ?? "" } }
    var isRunning: Bool { process.withLock { $0?.isRunning ?? false } }

    // MARK: Talking to it

    var url: String { "http://127.0.0.1:\(port)" }
    var webhookURL: String { "\(url)/api/v1/webhooks/getstream" }

    /// Runs another command of the executable with the same configuration.
    func command(_ arguments: String...) async throws -> ChildProcess { try await command(arguments) }

    func command(_ arguments: [String]) async throws -> ChildProcess {
        try await ChildProcess(Self.executable, arguments, environment: environment)
    }

    /// Sends generated events as the provider does, resending what is not acknowledged.
    func replay(_ arguments: [String], acknowledged file: String? = nil) async throws -> ChildProcess {
        let options = ["--url", webhookURL] + (file.map { ["--acknowledged", $0] } ?? [])
        return try await ChildProcess(Self.executable, ["replay"] + arguments + options, environment: environment)
    }

    func get(_ path: String, key: String? = adminKey) async throws -> HTTPClientResponse {
        let headers = key.map { [(name: "Authorization", value: "Bearer \($0)")] } ?? []
        return try await client.send(HTTPClientRequest(method: "GET", url: url + path, headers: headers))
    }

    func post(_ path: String, _ body: String, key: String = adminKey) async throws -> HTTPClientResponse {
        try await send("POST", path, body, key: key)
    }

    func send(
        _ method: String,
        _ path: String,
        _ body: String = "",
        key: String = adminKey
    ) async throws -> HTTPClientResponse {
        let headers = [
            (name: "Authorization", value: "Bearer \(key)"), (name: "Content-Type", value: "application/json"),
        ]
        return try await client.send(
            HTTPClientRequest(method: method, url: url + path, headers: headers, body: Array(body.utf8))
        )
    }

    /// Hands over one event, signed.
    func deliver(event body: String) async throws {
        let bytes = Array(body.utf8)
        let signature = Hex.encode(HMACSHA256(key: Self.secret).sign(bytes))
        #expect(try await deliver(bytes, headers: ["X-Signature": signature]).status == 200)
    }

    /// Hands over one delivery as it is.
    func deliver(_ body: [UInt8], headers: [String: String]) async throws -> HTTPClientResponse {
        let headers = headers.map { (name: $0.key, value: $0.value) }
        return try await client.send(HTTPClientRequest(method: "POST", url: webhookURL, headers: headers, body: body))
    }

    /// A number of `/metrics`.
    func metric(_ name: String) async throws -> Double? {
        let text = String(decoding: try await get("/metrics").body, as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.flatMap { Double($0.dropFirst(name.count + 1)) }
    }

    /// Returns when the queue is empty: everything accepted is stored.
    ///
    /// However long it takes, it has to get on. Each look is an answer of the service.
    func drained() async throws {
        var least = Double.infinity
        while least > 0 {
            let start = least
            try await eventually(within: .seconds(120), "\(start) events wait, and become no fewer") {
                least = try await waiting()
                return least < start || least == 0
            }
        }
    }

    /// The same in a given time.
    func drained(within limit: Duration) async throws {
        try await eventually(within: limit) { try await waiting() == 0 }
    }

    /// Events in the queue, parked ones included.
    private func waiting() async throws -> Double {
        guard let queued = try await metric("backchannel_queue_events"),
            let parked = try await metric("backchannel_queue_parked")
        else { throw TestFailure("/metrics does not tell how many events wait") }
        return queued + parked
    }

    /// Returns when `/readyz` gives this state of MongoDB: `up`, `down` or `refused`.
    func reports(mongoDB state: String, within limit: Duration = .seconds(60)) async throws {
        try await eventually(within: limit) {
            String(decoding: try await get("/readyz").body, as: UTF8.self).contains("\"state\":\"\(state)\"")
        }
    }

    /// Returns when something that the service answers is so; else says what it has told of itself.
    func eventually(
        within limit: Duration = .seconds(60),
        _ otherwise: @autoclosure () -> String = "it never was so",
        _ isSo: () async throws -> Bool
    ) async throws {
        try await TestSupport.eventually(within: limit, "\(otherwise()): \(errorOutput.suffix(2_000))", isSo)
    }

    // MARK: What it stored

    /// Ids of the stored events, in hex.
    func storedEvents() async throws -> [String] {
        try await blocking { [mongoURI, database] in try EventLog.ids(uri: mongoURI, database: database) }
    }

    /// Ids of the dead letters, in hex.
    func deadLetters() async throws -> [String] {
        try await blocking { [mongoURI, database] in
            try EventLog.ids(uri: mongoURI, database: database, in: "dead_letters")
        }
    }

    func dropUserIndexes() async throws {
        try await blocking { [mongoURI, database] in try EventLog.dropUserIndexes(uri: mongoURI, database: database) }
    }

    func dropDatabase() async throws {
        try await blocking { [mongoURI, database] in try EventLog.drop(uri: mongoURI, database: database) }
    }

    // MARK: Its surroundings

    var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GETSTREAM_") }
        environment["PORT"] = "\(port)"
        environment["DATA_DIR"] = folder.path("data")
        environment["MONGODB_URI"] = mongoURI
        environment["MONGODB_DATABASE"] = database
        environment["GETSTREAM_API_KEY"] = Self.apiKey
        environment["GETSTREAM_API_SECRET"] = Self.secret
        environment["ADMIN_API_KEY"] = Self.adminKey
        return environment.merging(settings) { _, set in set }
    }

    /// Built beside the tests.
    static let executable = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "backchannel").path
}
