import Dispatch

/// Runs blocking work on a thread of its own, so that tests do not stall each other on Swift's few.
///
/// It stays part of the test's task: what fails in it is told of by the test's name.
package func blocking<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await withTaskExecutorPreference(ThreadsApart.shared) { try body() }
}

/// The same for what also waits without blocking.
package func blocking<R: Sendable>(_ body: @Sendable () async throws -> R) async throws -> R {
    try await withTaskExecutorPreference(ThreadsApart.shared) { try await body() }
}

/// Each job on a thread of its own.
private final class ThreadsApart: TaskExecutor {
    static let shared = ThreadsApart()

    func enqueue(_ job: consuming ExecutorJob) {
        let (job, executor) = (UnownedJob(job), asUnownedTaskExecutor())
        DispatchQueue(label: "test.blocking").async { job.runSynchronously(on: executor) }
    }
}
