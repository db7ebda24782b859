import Dispatch
import SQLite
import Synchronization
import Telemetry

/// Copies the write-ahead log into the file on a thread of its own, each time the log has grown by some size.
final class Checkpointer: Sendable {
    /// What may remain to be copied while appends wait: a few milliseconds' work.
    private static let pauseBytes: Int64 = 1_048_576
    /// A full disk makes every attempt fail: this often is it said, in seconds.
    private static let warningSeconds = 10

    private let file: QueueFile
    private let threshold: Int64
    private let log: Log
    private let wake = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let isPending = Atomic(false)
    private let isStopping = Atomic(false)
    private let isCutting = Atomic(false)

    /// - Parameter threshold: size of the log at which to begin, in bytes.
    init(_ file: QueueFile, threshold: Int64, log: Log) {
        self.file = file
        self.threshold = threshold
        self.log = log
        DispatchQueue(label: "queue.checkpoint").async { [self] in run() }
    }

    /// To be called after each commit; costs next to nothing while the log is small.
    func noticeCommit() {
        guard file.logBytes >= threshold, !isPending.exchange(true, ordering: .acquiring) else { return }
        wake.signal()
    }

    /// To be called when the disk is full: gives back the room of the log once its content is in the file.
    func makeRoom() {
        isCutting.store(true, ordering: .relaxed)
        guard !isPending.exchange(true, ordering: .acquiring) else { return }
        wake.signal()
    }

    /// Returns when the thread has ended.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        wake.signal()
        ended.wait()
    }

    private func run() {
        var lastWarning: Duration?
        while true {
            wake.wait()
            if isStopping.load(ordering: .acquiring) { break }
            do {
                let isCutting = isCutting.exchange(false, ordering: .relaxed)
                try file.checkpoint(pausingBelow: Self.pauseBytes, cutting: isCutting)
            } catch {
                // Nothing is lost by it: the log is part of the queue, and the next commit asks again.
                let now = QueueClock.system.uptime()
                if lastWarning.map({ now - $0 > .seconds(Self.warningSeconds) }) ?? true {
                    lastWarning = now
                    log.warning("queue: checkpoint failed", ["error": .string(error.description)])
                }
            }
            isPending.store(false, ordering: .releasing)
        }
        ended.signal()
    }
}
