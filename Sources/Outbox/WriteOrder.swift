package import Chat
import Synchronization

/// Numbers for effects as they are written: nanoseconds of the day they were written on, never the same twice on one node.
package final class WriteOrder: Sendable {
    private let last = Atomic<Int64>(0)

    package init() {}

    package func next(at now: Timestamp) -> Int64 {
        while true {
            let before = last.load(ordering: .relaxed)
            let value = max(before + 1, now.nanoseconds)
            if last.compareExchange(expected: before, desired: value, ordering: .relaxed).exchanged { return value }
        }
    }
}
