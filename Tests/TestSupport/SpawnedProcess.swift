import Foundation
import Synchronization

/// A process just started, and the ends of its standard output and error that are to be read.
///
/// Foundation's `Process` leaves its descriptors open to whatever else is started meanwhile: then the end of a process, or
/// of its output, is seen only when that other one ends as well. Here every descriptor is closed by exec(3).
struct SpawnedProcess: Sendable {
    let pid: Int32
    let output: Int32
    let error: Int32

    /// - Parameter command: a path and its arguments.
    /// - Throws: ``TestFailure`` with the call that failed.
    static func start(_ command: [String], environment: [String: String]) async throws -> SpawnedProcess {
        try await withCheckedThrowingContinuation { continuation in
            Spawner.run {
                continuation.resume(
                    with: Result { try spawn(command, environment.map { "\($0.key)=\($0.value)" }) }
                )
            }
        }
    }

    /// Blocks until the process has ended, and leaves it to be reaped.
    ///
    /// - Returns: its exit code, or the signal that ended it as a negative number.
    func waitForEnd() -> Int32 {
        var ended = siginfo_t()
        while waitid(P_PID, id_t(pid), &ended, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        let status = ended._sifields._sigchld.si_status
        return ended.si_code == CLD_EXITED ? status : -status
    }

    /// Its id may be another's afterwards.
    func reap() {
        while waitpid(pid, nil, 0) < 0, errno == EINTR {}
    }

    private static func spawn(_ command: [String], _ environment: [String]) throws -> SpawnedProcess {
        let output = try pipe()
        let error = try pipe()
        defer {
            close(output.write)
            close(error.write)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.write, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, error.write, STDERR_FILENO)

        // A test's process may block or ignore signals; what it starts begins without.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var pid: pid_t = 0
        let failure = withCStrings(command) { arguments in
            withCStrings(environment) { posix_spawn(&pid, command[0], &actions, &attributes, arguments, $0) }
        }
        guard failure == 0 else {
            close(output.read)
            close(error.read)
            throw TestFailure("cannot start \(command): \(String(cString: strerror(failure)))")
        }
        return SpawnedProcess(pid: pid, output: output.read, error: error.read)
    }

    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw TestFailure("pipe: \(String(cString: strerror(errno)))") }
        // In time: everything is started by this thread.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func withCStrings<R>(
        _ strings: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> R
    ) -> R {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}

/// Starts processes from one thread that never ends.
///
/// Linux sends a child its parent-death signal when the *thread* that made it ends: children started from a passing
/// thread would be killed with it. Source: prctl(2), `PR_SET_PDEATHSIG`.
private enum Spawner {
    private static let jobs = Mutex<[@Sendable () -> Void]>([])
    private static let waiting = DispatchSemaphore(value: 0)

    private static let started: Void = {
        let thread = Thread {
            while true {
                waiting.wait()
                jobs.withLock { $0.removeFirst() }()
            }
        }
        thread.name = "test.spawner"
        thread.start()
    }()

    static func run(_ job: @escaping @Sendable () -> Void) {
        started
        jobs.withLock { $0.append(job) }
        waiting.signal()
    }
}
