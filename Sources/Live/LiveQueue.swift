import Foundation
import History

/// Between the thread that follows the log and the one that tells the readers: bounded, both wait.
///
/// `@unchecked Sendable`: everything is touched with the condition's lock held.
final class LiveQueue: @unchecked Sendable {
    typealias Item = (moment: LogMoment, entry: LogEntry)

    private let condition = NSCondition()
    private let most: Int
    private var items: [Item] = []
    private var isWanted = false
    private var isStopped = false

    init(most: Int) { self.most = most }

    func stop() { change { isStopped = true } }
    func want() { change { isWanted = true } }
    func unwant() { change { isWanted = false } }

    var hasStopped: Bool { condition.withLock { isStopped } }

    /// Waits until somebody reads; `false` at the end.
    func waitUntilWanted() -> Bool {
        condition.withLock {
            while !isWanted, !isStopped { condition.wait() }
            return !isStopped
        }
    }

    /// Waits while there is no room; `false` at the end.
    func put(_ item: Item) -> Bool {
        condition.withLock {
            while items.count >= most, !isStopped { condition.wait() }
            items.append(item)
            condition.broadcast()
            return !isStopped
        }
    }

    /// Waits for what is there, at most `count`; `nil` at the end.
    func take(_ count: Int) -> [Item]? {
        condition.withLock {
            while items.isEmpty, !isStopped { condition.wait() }
            guard !isStopped else { return nil }
            defer {
                items.removeFirst(min(count, items.count))
                condition.broadcast()
            }
            return Array(items.prefix(count))
        }
    }

    /// Waits for a time; `false` at the end.
    func pause(milliseconds: Int) -> Bool {
        condition.withLock {
            let end = Date() + Double(milliseconds) / 1_000
            while !isStopped, condition.wait(until: end) {}
            return !isStopped
        }
    }

    private func change(_ body: () -> Void) {
        condition.withLock {
            body()
            condition.broadcast()
        }
    }
}
