import Blocking
package import Chat
import Telemetry

/// A delivery that was rejected: what an operator needs to find its sender, never its body.
package struct Rejection: Sendable, Equatable {
    package let time: Timestamp
    package let cause: RejectionCause
    package let status: Int
    package let remoteAddress: String
    /// `X-Api-Key`, shortened, with only what can be printed.
    package let apiKey: String?
    /// The body as sent, in bytes.
    package let contentLength: Int
}

/// The last rejected deliveries, and the number of all by cause.
package final class RejectionLog: Sendable {
    private struct Ring {
        var entries: [Rejection] = []
        /// Where the next one goes once the ring is full.
        var next = 0
    }

    private let capacity: Int
    private let ring = Locked(Ring())
    private let counters: [RejectionCause: Metrics.Counter]

    init(capacity: Int, metrics: Metrics) {
        self.capacity = capacity
        let pairs = RejectionCause.allCases.map { cause in
            (
                cause,
                metrics.counter(
                    "backchannel_webhook_rejected_total",
                    help: "Deliveries refused for good, by cause.",
                    labels: ["cause": cause.rawValue]
                )
            )
        }
        counters = Dictionary(uniqueKeysWithValues: pairs)
    }

    /// The last ones, newest first.
    package var recent: [Rejection] {
        ring.withLock { Array(($0.entries[$0.next...] + $0.entries[..<$0.next]).reversed()) }
    }

    /// All since the start.
    package func count(of cause: RejectionCause) -> Int64 { counters[cause]?.value ?? 0 }

    /// All since the start, whatever the cause.
    package var total: Int64 { counters.values.reduce(0) { $0 + $1.value } }

    func record(_ rejection: Rejection) {
        counters[rejection.cause]?.add()
        guard capacity > 0 else { return }
        ring.withLock { ring in
            guard ring.entries.count == capacity else { return ring.entries.append(rejection) }
            ring.entries[ring.next] = rejection
            ring.next = (ring.next + 1) % capacity
        }
    }
}
