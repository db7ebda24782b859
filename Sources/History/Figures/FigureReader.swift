import Blocking
import Foundation
import Limits
import MongoDB

/// Reads what would take longer than anybody waits, so that it is remembered when they ask again: one thing at a time.
final class FigureReader: Sendable {
    private let reading = Locked<Reading?>(nil)

    /// What is read.
    enum Reading: Equatable, Sendable {
        case latencies(LatencyKind)
        case writers
    }

    func isReading(_ what: Reading) -> Bool { reading.withLock { $0 == what } }

    /// Begins, unless something is being read already: whoever asks again comes back to it.
    ///
    /// - Parameter work: what it read before it fails is remembered, too.
    func read(_ what: Reading, _ work: @escaping @Sendable () throws(MongoError) -> Void) {
        let mayBegin = reading.withLock { reading in
            guard reading == nil else { return false }
            reading = what
            return true
        }
        guard mayBegin else { return }
        Thread.start(label: "figures", urgency: .steppingBack(Limits.Worker.niceness)) { [reading] in
            try? work()
            reading.withLock { $0 = nil }
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

    var isPatient: Bool { limits.latencyRowsAtOnce == limits.latencyRowsMost }
}
