import Foundation

/// A thread of an actor's own, so that a call that blocks holds up that actor alone.
package final class ThreadExecutor: SerialExecutor {
    private let loop = Loop()

    /// - Parameter niceness: above 0 the kernel lets other threads go first while all cores are busy (`nice(1)`).
    package init(label: String, niceness: Int32 = 0) {
        Thread.start(label: label) { [loop] in
            // On Linux a thread has a niceness of its own, and 0 names the calling one.
            if niceness > 0 { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness) }
            loop.run()
        }
    }

    deinit { loop.stop() }

    package func enqueue(_ job: consuming ExecutorJob) { loop.add(UnownedJob(job), asUnownedSerialExecutor()) }

    /// What the thread and its executor share, so that the thread does not keep the executor alive.
    ///
    /// `@unchecked Sendable`: everything is touched with the condition's lock held.
    private final class Loop: @unchecked Sendable {
        private let condition = NSCondition()
        private var jobs: [(job: UnownedJob, executor: UnownedSerialExecutor)] = []
        private var isStopped = false

        func add(_ job: UnownedJob, _ executor: UnownedSerialExecutor) {
            condition.withLock {
                jobs.append((job, executor))
                condition.signal()
            }
        }

        func stop() {
            condition.withLock {
                isStopped = true
                condition.signal()
            }
        }

        func run() {
            while let batch = next() {
                for (job, executor) in batch { job.runSynchronously(on: executor) }
            }
        }

        private func next() -> [(job: UnownedJob, executor: UnownedSerialExecutor)]? {
            condition.withLock {
                while jobs.isEmpty, !isStopped { condition.wait() }
                guard !jobs.isEmpty else { return nil }
                defer { jobs.removeAll(keepingCapacity: true) }
                return jobs
            }
        }
    }
}
