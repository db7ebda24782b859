import Blocking
import Crypto
import Foundation
import Limits
package import Telemetry

/// The ids of the MongoDB sessions in whose transactions a node writes, in a file, one in hex a line.
///
/// After a crash they are ended first: a transaction left open would lock its documents for about a minute.
package final class SessionLedger: Sendable {
    private struct State {
        /// Of the process before this one, until they are ended.
        var left: [[UInt8]]
        /// Of this process, in the order of their first use.
        var own: [[UInt8]] = []
    }

    private let url: URL
    private let log: Log
    private let state: Locked<State>

    /// Reads what the process before left; nothing where there is no file, as after a clean first start.
    ///
    /// For who holds the folder: two processes must not share it.
    package init(folder: String, log: Log) {
        url = URL(filePath: folder).appending(path: "mongo-sessions")
        let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n").suffix(Limits.Worker.sessionsNoted)
        state = Locked(State(left: lines.compactMap { Hex.decode(String($0)) }))
        self.log = log
    }

    /// To be ended before the first transaction of this process waits for one of theirs.
    var left: [[UInt8]] { state.withLock { $0.left } }

    /// They are ended.
    func forgetLeft() {
        state.withLock { state in
            state.left = []
            write(state)
        }
    }

    /// A transaction is about to begin in this session.
    ///
    /// Blocks for a small file where the session is a new one: the driver has as many as there are transactions at once,
    /// and uses them again.
    package func note(_ id: [UInt8]) {
        state.withLock { state in
            guard !state.own.contains(id) else { return }
            // The driver gives up sessions that rest for half an hour: the oldest are not in use.
            state.own = state.own.suffix(Limits.Worker.sessionsNoted / 2 - 1) + [id]
            write(state)
        }
    }

    private func write(_ state: State) {
        do {
            let lines = (state.left.suffix(Limits.Worker.sessionsNoted / 2) + state.own).map { Hex.encode($0) + "\n" }
            try lines.joined().write(to: url, atomically: true, encoding: .utf8)
        } catch {
            log.warning(
                "noting the MongoDB session failed; after a crash storing may wait a minute",
                ["file": .init(url.path)]
            )
        }
    }
}
