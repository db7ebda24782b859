import Foundation

/// A thread of an actor's own, so that a call that blocks holds up that actor alone.
///
/// Tasks that prefer it begin on that thread, and go on there after they have called the actor.
package final class ThreadExecutor: SerialExecutor, TaskExecutor {
    private let loop = Loop()

    package init(label: String, urgency: ThreadUrgency = .usual) {
        Thread.start(label: label, urgency: urgency) { [loop] in loop.run() }
    }

    deinit { loop.stop() }

    package func enqueue(_ job: consuming ExecutorJob) { loop.add(UnownedJob(job), self) }

    /// What the thread and its executor share, so that the thread does not keep the executor alive.
    ///
    /// `@unchecked Sendable`: everything is touched with the condition's lock held.
    private final class Loop: @unchecked Sendable {
        private struct Job {
            let job: UnownedJob
            /// Kept alive until the job has run.
            let executor: ThreadExecutor
        }

        private let condition = NSCondition()
        private var jobs: [Job] = []
        private var isStopped = false

        func add(_ job: UnownedJob, _ executor: ThreadExecutor) {
            condition.withLock {
                jobs.append(Job(job: job, executor: executor))
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
                for job in batch {
                    job.job.runSynchronously(
                        isolatedTo: job.executor.asUnownedSerialExecutor(),
                        taskExecutor: job.executor.asUnownedTaskExecutor()
                    )
                }
            }
        }

        private func next() -> [Job]? {
            condition.withLock {
                while jobs.isEmpty, !isStopped { condition.wait() }
                guard !jobs.isEmpty else { return nil }
                defer { jobs.removeAll(keepingCapacity: true) }
                return jobs
            }
        }
    }
}
