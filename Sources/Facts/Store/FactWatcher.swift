import Blocking
import Limits
import MongoDB

/// What became of watching a collection.
package enum FactWatchReport: Sendable, Equatable {
    /// From now on changes are noticed.
    case watching(String)
    /// This many changes were noticed.
    case changed(String, Int)
    /// The connection broke; it is tried again, and meanwhile the time limit alone holds.
    case interrupted(String, reason: String)
    /// It cannot be watched, for want of rights or of a replica set: the time limit alone holds.
    case refused(String, reason: String)
}

/// Follows the changes of one collection on a thread of its own, for as long as somebody wants to know.
actor FactWatcher {
    private let watch: FactWatch
    private let limits: Limits.Facts
    private let report: @Sendable (FactWatchReport) -> Void
    private let isWanted: @Sendable () -> Bool
    private let forget: @Sendable ([FactWatch.Touched]) -> Void
    private let executor = ThreadExecutor(label: "facts.watch")
    /// Where to go on; `nil` where changes may have been missed.
    private var position: BSONDocument?
    /// What was reported last, so that each state is reported once.
    private var isAnnounced = false
    private var isInterrupted = false
    private var isRefused = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(
        _ watch: FactWatch,
        limits: Limits.Facts,
        report: @escaping @Sendable (FactWatchReport) -> Void,
        isWanted: @escaping @Sendable () -> Bool,
        forget: @escaping @Sendable ([FactWatch.Touched]) -> Void
    ) {
        (self.watch, self.limits, self.report) = (watch, limits, report)
        (self.isWanted, self.forget) = (isWanted, forget)
    }

    /// Returns when the task is cancelled.
    func run() async {
        var attempt = 0
        while !Task.isCancelled {
            guard isWanted() else {
                // Changes from here on are missed: whoever asks next has everything forgotten first.
                position = nil
                try? await Task.sleep(for: .milliseconds(limits.watchMilliseconds))
                continue
            }
            do throws(MongoError) {
                try follow { attempt = 0 }
            } catch {
                let delay = wait(after: error, attempt: attempt)
                attempt += 1
                try? await Task.sleep(for: delay)
            }
        }
    }

    private func follow(opened: () -> Void) throws(MongoError) {
        let (pool, database) = try watch.open()
        let options = MongoWatchOptions(
            resumeAfter: position,
            looksUpDocuments: watch.looksUpDocuments,
            waitMilliseconds: limits.watchMilliseconds
        )
        try pool.withConnection { connection throws(MongoError) in
            try connection.watch(watch.collection, watch.pipeline, in: database, options: options) {
                stream throws(MongoError) in
                // Without a position, changes before this moment were missed.
                if position == nil { forget([.everything]) }
                opened()
                (isInterrupted, isRefused) = (false, false)
                if !isAnnounced { report(.watching(watch.name)) }
                isAnnounced = true
                while !Task.isCancelled, isWanted() {
                    let change = try stream.next()
                    if let change { note(change) }
                    position = stream.resumeToken
                    // Dropped or renamed: the stream has ended, and another begins anew.
                    if change?.string("operationType") == "invalidate" {
                        isAnnounced = false
                        break
                    }
                }
                if !Task.isCancelled { position = nil }
            }
        }
    }

    private func note(_ change: BSONDocument) {
        let touched = watch.touched(change)
        guard !touched.isEmpty else { return }
        forget(touched)
        report(.changed(watch.name, touched.count))
    }

    private func wait(after error: MongoError, attempt: Int) -> Duration {
        isAnnounced = false
        if error.lostPosition { position = nil }
        guard error.isTransient || error.lostPosition else {
            position = nil
            if !isRefused { report(.refused(watch.name, reason: error.description)) }
            isRefused = true
            return .seconds(limits.watchRefusedSeconds)
        }
        if !isInterrupted { report(.interrupted(watch.name, reason: error.description)) }
        isInterrupted = true
        let floor = limits.watchRetryFloorMilliseconds
        return .milliseconds(min(floor << min(attempt, 16), limits.watchRetryCeilingMilliseconds))
    }
}
