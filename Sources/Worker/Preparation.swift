import Blocking
import History
import Limits
import MongoDB

/// Folds batches before their transactions, on a thread of its own: the one that comes next while MongoDB writes the one before.
actor Preparation {
    private let executor = ThreadExecutor(label: "worker.prepare", urgency: .steppingBack(Limits.Worker.niceness))
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let history: HistoryHandle
    private let fence: Fence
    private let judge: (any BatchJudge)?
    private let limits: Limits.Worker
    private var preparer: BatchPreparer?
    /// Batches that are left to their transaction, after one that was prepared in vain.
    private var pause = 0

    init(history: HistoryHandle, fence: Fence, judge: (any BatchJudge)?, limits: Limits.Worker) {
        (self.history, self.fence, self.judge, self.limits) = (history, fence, judge, limits)
    }

    /// - Parameter previous: what is being stored meanwhile; `nil` where nothing is.
    /// - Returns: `nil` where there is nothing to prepare, or MongoDB cannot be asked: storing will find out.
    func prepare(_ events: [DeliverySource.Item], after previous: PreparedBatch?) -> PreparedBatch? {
        guard pause == 0 else {
            pause -= 1
            return nil
        }
        guard !events.isEmpty, history.isReachable, let store = history.store else { return nil }
        let preparer = preparer ?? BatchPreparer(store, fence: fence, judge: judge)
        self.preparer = preparer
        return try? preparer.prepare(events.map(\.received), after: previous)
    }

    /// Others write to the same history: preparing for nothing would only cost MongoDB.
    func noteVain() { pause = limits.vainPause }
}
