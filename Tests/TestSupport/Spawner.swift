import Foundation
import Synchronization

/// Starts processes from one thread that never ends.
///
/// Linux sends a child its parent-death signal when the *thread* that made it ends: children started from a passing
/// thread would be killed with it. Source: prctl(2), `PR_SET_PDEATHSIG`.
enum Spawner {
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
