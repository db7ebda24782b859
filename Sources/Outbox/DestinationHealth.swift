import Blocking
package import Chat

/// Which destinations this node leaves alone for now, and why: what its dispatcher tells whoever asks.
package final class DestinationHealth: Sendable {
    package struct Stop: Sendable, Equatable {
        package let reason: String
        /// When it was first left alone.
        package let since: Timestamp
    }

    private let stops = Locked<[Effect.Destination: Stop]>([:])

    package init() {}

    /// Those that are left alone.
    package var stopped: [Effect.Destination: Stop] { stops.withLock { $0 } }

    func note(_ destination: Effect.Destination, stopped reason: String?, at now: Timestamp) {
        stops.withLock { stops in
            stops[destination] = reason.map { Stop(reason: $0, since: stops[destination]?.since ?? now) }
        }
    }
}
