package import Foundation
import Synchronization

/// A process of a test's own, killed when its last owner goes or the test process ends, however that happens.
package final class ChildProcess: Sendable {
    /// Its standard output, line by line, for one reader.
    package let lines: AsyncStream<String>
    package let pid: Int32

    private let exit: Exit
    private let errorLines: ErrorLines
    private let errorEnd: AsyncStream<Never>

    /// - Parameter environment: the test's own unless given, in either case without `BACKCHANNEL_…`.
    package init(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String]? = nil,
        directory: URL? = nil
    ) async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/setpriv")
        process.arguments = ["--pdeathsig", "KILL", executable] + arguments
        process.environment = (environment ?? ProcessInfo.processInfo.environment)
            .filter { !$0.key.hasPrefix("BACKCHANNEL_") }
        if let directory { process.currentDirectoryURL = directory }
        process.standardInput = FileHandle.nullDevice

        let exit = Exit()
        let errorLines = ErrorLines()
        let (lines, output) = AsyncStream.makeStream(of: String.self)
        let outputPipe = Pipe()
        let errorPipe = Pipe()
        process.standardOutput = outputPipe
        process.standardError = errorPipe
        outputPipe.deliverLines({ output.yield($0) }, end: { output.finish() })
        let (errorEnd, errorEnded) = AsyncStream.makeStream(of: Never.self)
        errorPipe.deliverLines({ errorLines.append($0) }, end: { errorEnded.finish() })
        process.terminationHandler = { exit.record($0) }

        let started = SpawnedProcess(process)
        pid = try await started.run()
        self.lines = lines
        self.exit = exit
        self.errorLines = errorLines
        self.errorEnd = errorEnd
    }

    deinit { if exit.status == nil { send(SIGKILL) } }

    /// What it wrote to standard error so far.
    package var errorOutput: String { errorLines.text }

    /// All that it wrote to standard error, once it has ended: its last line may arrive after its exit code.
    package func wholeErrorOutput() async -> String {
        for await _ in errorEnd {}
        return errorOutput
    }

    package var isRunning: Bool { exit.status == nil }

    /// Does nothing once the process has ended.
    package func send(_ signal: Int32) {
        if exit.status == nil { kill(pid, signal) }
    }

    /// Waits until it has ended: its exit code, or the signal that ended it as a negative number.
    @discardableResult
    package func wait() async -> Int32 { await exit.wait() }

    /// Waits for the first line that holds `text`, or throws if the output ends without.
    @discardableResult
    package func line(containing text: String) async throws -> String {
        for await line in lines where line.contains(text) { return line }
        throw TestFailure("the process ended without printing \"\(text)\"; it said: \(errorOutput)")
    }

    /// Reads what a script of cases prints, `ok NAME` for each of them, until it has ended.
    ///
    /// - Parameter count: as many as it has: one that ends early must not pass.
    /// - Throws: ``TestFailure`` with what did not go well.
    package func passes(_ count: Int) async throws {
        var results: [String] = []
        for await line in lines { results.append(line) }
        let (exitCode, complaints) = (await wait(), await wholeErrorOutput())
        let failures = results.filter { !$0.hasPrefix("ok ") }
        guard failures.isEmpty, exitCode == 0, results.count == count else {
            let outcome = "\(results.count) of \(count) cases ran, and it ended with \(exitCode)"
            throw TestFailure("\(outcome):\n\(failures.joined(separator: "\n"))\n\(complaints.suffix(4_000))")
        }
    }
}

/// `@unchecked Sendable`: handed to the spawner's thread once and not touched by anyone else afterwards.
private final class SpawnedProcess: @unchecked Sendable {
    private let process: Process

    init(_ process: Process) { self.process = process }

    func run() async throws -> Int32 {
        try await withCheckedThrowingContinuation { continuation in
            Spawner.run {
                continuation.resume(
                    with: Result {
                        try self.process.run()
                        return self.process.processIdentifier
                    }
                )
            }
        }
    }
}

/// How a process ended, and who waits for it.
private final class Exit: Sendable {
    private struct State {
        var status: Int32?
        var waiters: [CheckedContinuation<Int32, Never>] = []
    }
    private let state = Mutex(State())

    var status: Int32? { state.withLock { $0.status } }

    func record(_ process: Process) {
        let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            state.status = status
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: status) }
    }

    func wait() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status = state.withLock { state in
                if state.status == nil { state.waiters.append(continuation) }
                return state.status
            }
            if let status { continuation.resume(returning: status) }
        }
    }
}

private final class ErrorLines: Sendable {
    private let lines = Mutex<[String]>([])
    var text: String { lines.withLock { $0.joined(separator: "\n") } }
    func append(_ line: String) { lines.withLock { $0.append(line) } }
}

extension Pipe {
    /// Hands over each line as it is complete, and what is left at the end.
    ///
    /// On a thread of its own: a `readabilityHandler` can meet its closed descriptor in libdispatch's epoll loop, which
    /// then crashes (Swift 6.3 on Linux).
    fileprivate func deliverLines(
        _ deliver: @escaping @Sendable (String) -> Void,
        end: @escaping @Sendable () -> Void
    ) {
        let reader = fileHandleForReading
        let thread = Thread {
            var pending = Data()
            while case let data = reader.availableData, !data.isEmpty {
                pending.append(data)
                var parts = pending.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                pending = Data(parts.removeLast())
                for part in parts { deliver(String(decoding: part, as: UTF8.self)) }
            }
            if !pending.isEmpty { deliver(String(decoding: pending, as: UTF8.self)) }
            end()
        }
        thread.name = "test.lines"
        thread.start()
    }
}
