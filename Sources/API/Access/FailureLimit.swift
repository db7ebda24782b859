import Blocking
import Chat
import Limits

/// Counts wrong keys by address, so that nobody tries them by the thousand.
final class FailureLimit: Sendable {
    private struct Failures {
        var minute: Int64
        var count: Int
    }

    private let limits: Limits.Dashboard
    private let failures = Locked<[String: Failures]>([:])

    init(_ limits: Limits.Dashboard) { self.limits = limits }

    /// - Throws: ``Problem`` of status 429 for an address that has failed too often in this minute.
    func check(_ address: String, at now: Timestamp) throws(Problem) {
        let minute = now.milliseconds / 60_000
        let count = failures.withLock { $0[address].map { $0.minute == minute ? $0.count : 0 } ?? 0 }
        guard count >= limits.failuresPerMinute else { return }
        let seconds = 60 - now.milliseconds / 1_000 % 60
        throw Problem(
            429,
            "Too many wrong keys came from this address; come again in \(seconds) seconds.",
            headers: ["Retry-After": "\(seconds)"]
        )
    }

    func note(_ address: String, at now: Timestamp) {
        let minute = now.milliseconds / 60_000
        failures.withLock { failures in
            // Those of minutes gone by first; a flood of addresses costs what is known of them, and no memory.
            if failures.count >= limits.addresses { failures = failures.filter { $0.value.minute == minute } }
            if failures.count >= limits.addresses { failures.removeAll(keepingCapacity: true) }
            let count = failures[address].map { $0.minute == minute ? $0.count : 0 } ?? 0
            failures[address] = Failures(minute: minute, count: count + 1)
        }
    }
}
