package import Foundation
import Synchronization

/// A process of a test's own, killed when its last owner goes or the test process ends, however that happens.
package final class ChildProcess: Sendable {
    /// Its standard output, line by line, for one reader.
    package let lines: AsyncStream<String>
    package var pid: Int32 { exit.pid }

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
        let place = directory.map { ["/usr/bin/env", "--chdir", $0.path(percentEncoded: false)] } ?? []
        let command = ["/usr/bin/setpriv", "--pdeathsig", "KILL"] + place + [executable] + arguments
        let environment = (environment ?? ProcessInfo.processInfo.environment)
            .filter { !$0.key.hasPrefix("BACKCHANNEL_") }
        let spawned = try await SpawnedProcess.start(command, environment: environment)

        let exit = Exit(pid: spawned.pid)
        let errorLines = ErrorLines()
        let (lines, output) = AsyncStream.makeStream(of: String.self)
        let (errorEnd, errorEnded) = AsyncStream.makeStream(of: Never.self)
        deliverLines(of: spawned.output, to: { output.yield($0) }, end: { output.finish() })
        deliverLines(of: spawned.error, to: { errorLines.append($0) }, end: { errorEnded.finish() })
        onThread("test.exit") {
            exit.record(spawned.waitForEnd())
            spawned.reap()
        }
        self.lines = lines
        self.exit = exit
        self.errorLines = errorLines
        self.errorEnd = errorEnd
    }

    deinit { send(SIGKILL) }

    /// What it wrote to standard error so far.
    package var errorOutput: String { errorLines.text }

    /// All that it wrote to standard error, once it has ended: its last line may arrive after its exit code.
    package func wholeErrorOutput() async -> String {
        for await _ in errorEnd {}
        return errorOutput
    }

    package var isRunning: Bool { exit.status == nil }

    /// Does nothing once the process has ended.
    package func send(_ signal: Int32) { exit.send(signal) }

    /// Waits until it has ended: its exit code, or the signal that ended it as a negative number.
    @discardableResult
    package func wait() async -> Int32 { await exit.wait() }

    /// Waits for the first line that holds `text`, or throws if the output ends without.
    @discardableResult
    package func line(containing text: String) async throws -> String {
        for await line in lines where line.contains(text) { return line }
        throw TestFailure("the process ended without printing \"\(text)\"; it said: \(errorOutput)")
    }
}

/// How a process ended, and who waits for it.
private final class Exit: Sendable {
    private struct State {
        var status: Int32?
        var waiters: [CheckedContinuation<Int32, Never>] = []
    }
    private let state = Mutex(State())
    let pid: Int32

    init(pid: Int32) { self.pid = pid }

    var status: Int32? { state.withLock { $0.status } }

    /// Before it is reaped: its id is its own as long as there is no status.
    func record(_ status: Int32) {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            state.status = status
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: status) }
    }

    func send(_ signal: Int32) {
        state.withLock { if $0.status == nil { kill(pid, signal) } }
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

/// Hands over each line as it is complete, and what is left at the end; then closes `descriptor`.
private func deliverLines(
    of descriptor: Int32,
    to deliver: @escaping @Sendable (String) -> Void,
    end: @escaping @Sendable () -> Void
) {
    onThread("test.lines") {
        let reader = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
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
}

/// What blocks for as long as a process lives has a thread of its own.
private func onThread(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.name = name
    thread.start()
}
