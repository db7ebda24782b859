import Blocking
import History
import MongoDB
import Telemetry

/// Opens the history as soon as MongoDB answers, and notes whether it still does, also while no events come.
struct MongoWatch: Sendable {
    private static let interval = Duration.seconds(2)

    let history: HistoryHandle
    let log: Log
    private let thread = BlockingPool(label: "mongo.watch", threads: 1)

    init(history: HistoryHandle, log: Log) { (self.history, self.log) = (history, log) }

    /// Returns when the task is cancelled, or why the database is not to be used if that shows at the first answer.
    func run() async -> HistoryError? {
        var isFirst = true
        while !Task.isCancelled {
            let fault = await look()
            if let fault, !fault.isTransient, isFirst { return fault }
            if let fault, !fault.isTransient {
                log.error("the database is not to be used; events stay queued", ["reason": .init(fault.description)])
            }
            if let fault, isFirst, fault.isTransient {
                log.warning("MongoDB is not there yet; events are queued", ["reason": .init(fault.description)])
            }
            isFirst = false
            try? await Task.sleep(for: Self.interval)
        }
        return nil
    }

    private func look() async -> HistoryError? {
        await thread.run { [history] in
            do throws(HistoryError) {
                try history.opened().ping()
                history.note(isReachable: true)
                return nil
            } catch {
                history.note(isReachable: false)
                return error
            }
        }
    }
}
