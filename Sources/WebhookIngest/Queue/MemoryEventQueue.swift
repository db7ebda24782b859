import Blocking
import Chat
package import Limits

/// An ``EventQueue`` for tests and for trying things out.
///
/// Forgets everything on exit.
package final class MemoryEventQueue: EventQueue {
    private struct Contents {
        var state = QueueState(ledger: Ledger(last: 0))
        var waiting: [Int64: Delivery] = [:]
        var parked: [Int64: ParkedDelivery] = [:]

        mutating func recount() {
            state.rows = waiting.count
            state.bytes = waiting.values.reduce(0) { $0 + Int64($1.body.count) }
            state.oldest = waiting.min { $0.key < $1.key }?.value.receivedAt
            state.parked = parked.count
        }
    }

    private let limits: Limits.Queue
    private let clock: QueueClock
    private let contents = Locked(Contents())
    private let signal = WorkSignal()

    package init(limits: Limits.Queue = Limits.Queue(), clock: QueueClock = .system) {
        self.limits = limits
        self.clock = clock
    }

    package var status: QueueStatus { contents.withLock { $0.state.status } }

    package func append(_ deliveries: [Delivery]) throws(QueueError) -> [Int64] {
        let limits = limits
        let sequences = try contents.withLock { contents throws(QueueError) in
            let bytes = deliveries.reduce(Int64(0)) { $0 + Int64($1.body.count) }
            guard contents.state.rows + deliveries.count <= limits.rows, contents.state.bytes + bytes <= limits.bytes
            else { throw .full(contents.state.status) }
            let first = contents.state.ledger.last + 1
            let sequences = Array(first..<first + Int64(deliveries.count))
            for (sequence, delivery) in zip(sequences, deliveries) { contents.waiting[sequence] = delivery }
            contents.state.ledger.appended(upTo: sequences.last ?? 0)
            contents.recount()
            return sequences
        }
        signal.notify()
        return sequences
    }

    package func take(events: Int, bytes: Int) throws(QueueError) -> [TakenDelivery] {
        let time = clock.uptime()
        return contents.withLock { contents in
            var result: [TakenDelivery] = []
            var size = 0
            var sequence = contents.state.ledger.beginLook(at: time)
            while sequence <= contents.state.ledger.last, result.count < events {
                if var delivery = contents.waiting[sequence],
                    contents.state.ledger.admits(sequence, lane: delivery.lane)
                {
                    size += delivery.body.count
                    if size > bytes, !result.isEmpty { break }
                    contents.state.ledger.take(sequence, lane: delivery.lane, bytes: delivery.body.count)
                    delivery.failures = contents.state.ledger.failures(of: sequence)
                    result.append(TakenDelivery(sequence: sequence, delivery: delivery))
                }
                sequence += 1
            }
            contents.state.ledger.endLook(at: sequence)
            return result
        }
    }

    package func acknowledge(_ sequences: [Int64]) throws(QueueError) {
        contents.withLock { contents in
            for sequence in sequences where contents.state.ledger.taken(sequence) != nil {
                contents.waiting[sequence] = nil
                contents.state.ledger.removed(sequence)
            }
            contents.recount()
        }
    }

    package func putBack(_ sequences: [Int64], for delay: Duration, countFailure: Bool) throws(QueueError) {
        let until = clock.uptime() + delay
        contents.withLock { $0.state.ledger.putBack(sequences, until: until, countFailure: countFailure) }
        signal.notify()
    }

    package func park(_ sequence: Int64, reason: String) throws(QueueError) {
        let (now, limits) = (clock.now(), limits)
        try contents.withLock { contents throws(QueueError) in
            guard contents.parked.count < limits.parkedRows else { throw .full(contents.state.status) }
            guard var delivery = contents.waiting.removeValue(forKey: sequence) else { return }
            delivery.failures = contents.state.ledger.failures(of: sequence)
            contents.parked[sequence] = ParkedDelivery(
                sequence: sequence,
                delivery: delivery,
                reason: reason,
                parkedAt: now
            )
            contents.state.ledger.removed(sequence)
            contents.recount()
        }
    }

    package func parked(limit: Int) throws(QueueError) -> [ParkedDelivery] {
        contents.withLock { contents in
            Array(contents.parked.values.sorted { $0.sequence < $1.sequence }.prefix(limit))
        }
    }

    package func unpark(_ sequences: [Int64]) throws(QueueError) {
        contents.withLock { contents in
            for sequence in sequences { contents.parked[sequence] = nil }
            contents.recount()
        }
    }

    package func remove(where matches: (Delivery) -> Bool) throws(QueueError) -> Int {
        contents.withLock { contents in
            let waiting = contents.waiting.filter { matches($0.value) }.keys
            let parked = contents.parked.filter { matches($0.value.delivery) }.keys
            for sequence in waiting {
                contents.waiting[sequence] = nil
                contents.state.ledger.removed(sequence)
            }
            for sequence in parked { contents.parked[sequence] = nil }
            contents.recount()
            return waiting.count + parked.count
        }
    }

    package func waitForWork() async {
        await signal.wait { contents.withLock { $0.state.look(at: clock.uptime()) } }
    }
}
