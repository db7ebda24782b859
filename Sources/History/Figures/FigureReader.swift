import Blocking
import Foundation
import Limits
import MongoDB

/// Reads what would take longer than anybody waits, so that it is remembered when they ask again: one thing at a time.
final class FigureReader: Sendable {
    private let isReading = Locked(false)

    /// Begins, unless something is being read already: whoever asks again comes back to it.
    ///
    /// - Parameter work: what it read before it fails is remembered, too.
    func read(_ work: @escaping @Sendable () throws(MongoError) -> Void) {
        let mayBegin = isReading.withLock { isReading in
            defer { isReading = true }
            return !isReading
        }
        guard mayBegin else { return }
        Thread.start(label: "figures", urgency: .steppingBack(Limits.Worker.niceness)) { [isReading] in
            try? work()
            isReading.withLock { $0 = false }
        }
    }
}

extension HistoryQueries {
    /// The same, with the time that what is read for later may take.
    var patient: HistoryQueries {
        var limits = limits
        limits.milliseconds = limits.readAheadMilliseconds
        (limits.latencyRowsAtOnce, limits.writerMessagesAtOnce) = (limits.latencyRowsMost, limits.writerMessagesMost)
        return HistoryQueries(store, limits: limits)
    }
}
