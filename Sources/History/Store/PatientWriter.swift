import Glibc
import Limits
import MongoDB

/// A writer for work beside the stream of events: what fails for a while is tried again.
///
/// For one thread, which it blocks, also while it waits.
final class PatientWriter {
    private let store: HistoryStore
    private let limits = Limits.Worker()
    private var writer: HistoryWriter?

    init(_ store: HistoryStore) { self.store = store }

    func run<R>(_ body: (HistoryWriter) throws(MongoError) -> R) throws(MongoError) -> R {
        var attempt = 0
        while true {
            do throws(MongoError) {
                return try body(try open())
            } catch  where error.isTransient && attempt < limits.upkeepRetries {
                // A connection that failed once is not to be trusted with a transaction again.
                if error.kind != .transientTransaction, error.kind != .writeConflict { writer = nil }
                let longest = min(limits.retryCeilingMilliseconds, limits.retryFloorMilliseconds << min(attempt, 16))
                usleep(UInt32(Int.random(in: longest / 2...longest) * 1_000))
                attempt += 1
            }
        }
    }

    private func open() throws(MongoError) -> HistoryWriter {
        if let writer { return writer }
        let opened = try HistoryWriter(store)
        writer = opened
        return opened
    }
}
