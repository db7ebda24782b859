import Foundation
import Limits
package import MongoDB
import Synchronization

/// A mongod of a test's own, on its own port and data: it can be killed, frozen and restarted.
///
/// Call ``stop()`` at the end; if a test fails to, the process and its data go with the last owner.
package final class MongoServer: Sendable {
    package enum Kind: Sendable { case replicaSet, standalone }

    package let port: Int
    private let kind: Kind
    private let arguments: [String]
    private let folder: TemporaryFolder
    private let direct: MongoPool
    private let process = Mutex<ChildProcess?>(nil)

    package var uri: String {
        kind == .replicaSet ? "mongodb://127.0.0.1:\(port)/?replicaSet=rs0" : "mongodb://127.0.0.1:\(port)/"
    }

    /// Starts one and waits until it takes writes.
    ///
    /// It runs with test commands on, such as `configureFailPoint`.
    package init(_ kind: Kind = .replicaSet, arguments: [String] = []) async throws {
        self.kind = kind
        self.arguments = arguments
        port = try freePort()
        folder = try TemporaryFolder()
        direct = try MongoPool(
            uri: "mongodb://127.0.0.1:\(port)/?directConnection=true",
            appName: "test-server",
            limits: Limits.Mongo()
        )
        try await start()
    }

    /// Starts it again on the same port and data, and waits until it takes writes.
    package func start() async throws {
        guard let mongod = ProcessInfo.processInfo.environment["BACKCHANNEL_MONGOD"] else {
            throw TestFailure("BACKCHANNEL_MONGOD is not set: run the tests through make test")
        }
        let started = try await ChildProcess(
            mongod,
            [
                "--quiet", "--bind_ip", "127.0.0.1", "--port", "\(port)", "--dbpath", folder.path,
                "--logpath", folder.path("mongod.log"), "--logappend", "--nounixsocket",
                "--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256",
                "--setParameter", "diagnosticDataCollectionEnabled=false", "--setParameter", "enableTestCommands=1",
            ] + (kind == .replicaSet ? ["--replSet", "rs0"] : []) + arguments
        )
        process.withLock { $0 = started }
        try await waitUntilListening(started)
        if kind == .replicaSet { try await becomePrimary() }
    }

    /// As a power cut would end it.
    package func kill() async { await end(SIGKILL) }

    /// Stops answering, without closing a connection; on return it has stopped.
    package func freeze() async throws {
        guard let frozen = process.withLock({ $0 }) else { return }
        frozen.send(SIGSTOP)
        try await blocking {
            var status = siginfo_t()
            waitid(P_PID, id_t(frozen.pid), &status, WSTOPPED | WNOWAIT)
        }
    }
    package func thaw() { send(SIGCONT) }

    package func restart() async throws {
        await end(SIGTERM)
        try await start()
    }

    /// Ends it; its data go with the last owner.
    package func stop() async { await end(SIGTERM) }

    /// Runs a command on this very server, whatever its state in the replica set.
    @discardableResult
    package func command(_ command: BSONDocument, on database: String = "admin") async throws -> BSONDocument {
        try await blocking { [direct] in
            try direct.withConnection { connection throws(MongoError) in
                try connection.command(command, on: database)
            }
        }
    }

    private func send(_ signal: Int32) { process.withLock { $0 }?.send(signal) }

    private func end(_ signal: Int32) async {
        guard let running = process.withLock({ $0 }) else { return }
        running.send(SIGCONT)
        running.send(signal)
        await running.wait()
        process.withLock { $0 = nil }
    }

    private func waitUntilListening(_ mongod: ChildProcess) async throws {
        try await eventually {
            guard mongod.isRunning else { throw TestFailure("mongod did not start: \(lastLogLine)") }
            return isListening(on: port)
        }
    }

    private func becomePrimary() async throws {
        do {
            try await command(replicaSetConfiguration)
        } catch let error as MongoError where error.code == Self.alreadyInitialized {
            // A restart: the data know their replica set.
        }
        var hello = BSONDocument()
        hello.append("hello", Int32(1))
        try await eventually { try await command(hello).bool("isWritablePrimary") == true }
    }

    private var replicaSetConfiguration: BSONDocument {
        var command = BSONDocument()
        command.append("replSetInitiate") {
            $0.append("_id", "rs0")
            $0.append("members") { (members: inout BSONArray) in
                members.append {
                    $0.append("_id", Int32(0))
                    $0.append("host", "127.0.0.1:\(port)")
                }
            }
        }
        return command
    }

    private var lastLogLine: String {
        let log = try? String(contentsOfFile: folder.path("mongod.log"), encoding: .utf8)
        return log?.split(separator: "\n").last.map(String.init) ?? "it left no log"
    }

    private static let alreadyInitialized = 23
}
