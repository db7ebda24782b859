import CThreads
import Glibc

/// How a thread stands against others while all cores are busy.
package enum ThreadUrgency: Sendable {
    case usual
    /// Others go first: so much is added to its niceness (`nice(1)`).
    case steppingBack(Int32)
    /// Somebody waits for each of its short turns: it is let in soon after it wakes, and out again as soon.
    ///
    /// Takes nothing from others and needs no right. Source: Linux 6.12, `sched_attr::sched_runtime` of ordinary threads.
    case awaited

    /// The turns that an awaited thread asks for, in nanoseconds: the least there are.
    private static let slice: UInt64 = 100_000

    /// Of the calling thread.
    package func apply() {
        switch self {
        case .usual: return
        case .steppingBack(let niceness):
            // On Linux a thread has a niceness of its own, and 0 names the calling one.
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
        case .awaited:
            // A kernel that refuses has told all there is to do about it.
            _ = thread_set_slice(Self.slice)
        }
    }
}
