import Chat
import Randomness
import Testing

@testable import WebhookIngest

/// Random work on a queue beside the simplest thing that could be one.
struct QueueModelTests {
    /// A queue as a list, with every rule spelt out.
    private struct Model {
        struct Row {
            let sequence: Int64
            var delivery: Delivery
            var isTaken = false
        }
        var rows: [Row] = []
        var parked: [ParkedDelivery] = []
        var waits: [String: Duration] = [:]
        var last: Int64 = 0
        var time = Duration.zero

        mutating func append(_ deliveries: [Delivery]) -> [Int64] {
            deliveries.map { delivery in
                last += 1
                rows.append(Row(sequence: last, delivery: delivery))
                return last
            }
        }

        mutating func take(events: Int, bytes: Int) -> [TakenDelivery] {
            var result: [TakenDelivery] = []
            var size = 0
            for index in rows.indices where !rows[index].isTaken && result.count < events {
                guard waits[rows[index].delivery.lane, default: .zero] <= time else { continue }
                size += rows[index].delivery.body.count
                if size > bytes, !result.isEmpty { break }
                rows[index].isTaken = true
                result.append(TakenDelivery(sequence: rows[index].sequence, delivery: rows[index].delivery))
            }
            return result
        }

        mutating func acknowledge(_ sequences: [Int64]) {
            rows.removeAll { $0.isTaken && sequences.contains($0.sequence) }
        }

        mutating func putBack(_ sequences: [Int64], for delay: Duration, countFailure: Bool) {
            for index in rows.indices where rows[index].isTaken && sequences.contains(rows[index].sequence) {
                rows[index].isTaken = false
                if countFailure { rows[index].delivery.failures += 1 }
                let lane = rows[index].delivery.lane
                waits[lane] = max(waits[lane, default: .zero], time + delay)
            }
        }

        mutating func park(_ sequence: Int64, reason: String, at now: Timestamp) {
            guard let index = rows.firstIndex(where: { $0.sequence == sequence }) else { return }
            parked.append(
                ParkedDelivery(sequence: sequence, delivery: rows[index].delivery, reason: reason, parkedAt: now)
            )
            parked.sort { $0.sequence < $1.sequence }
            rows.remove(at: index)
        }

        mutating func remove(where matches: (Delivery) -> Bool) -> Int {
            let before = rows.count + parked.count
            rows.removeAll { matches($0.delivery) }
            parked.removeAll { matches($0.delivery) }
            return before - rows.count - parked.count
        }

        mutating func restart() {
            waits = [:]
            for index in rows.indices {
                rows[index].isTaken = false
                rows[index].delivery.failures = 0
            }
        }

        var taken: [Int64] { rows.filter(\.isTaken).map(\.sequence) }

        var status: QueueStatus {
            QueueStatus(
                rows: rows.count,
                bytes: rows.reduce(0) { $0 + Int64($1.delivery.body.count) },
                oldest: rows.first?.delivery.receivedAt,
                parked: parked.count,
                taken: taken.count
            )
        }
    }

    @Test(arguments: QueueKind.allCases, 0..<6)
    func behavesAsTheModel(_ kind: QueueKind, _ round: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        let folder = try TemporaryFolder()
        let clock = ManualClock()
        var test = try QueueUnderTest(kind, folder: folder, clock: clock)
        var model = Model()
        for step in 0..<400 {
            let context = Comment(rawValue: "\(kind), seed \(seed), step \(step)")
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<30:
                let deliveries = (0..<Int.random(in: 1...8, using: &random)).map { offset in
                    Delivery.sample(
                        step * 10 + offset,
                        lane: "lane \(Int.random(in: 0..<4, using: &random))",
                        bytes: Int.random(in: 40...5_000, using: &random)
                    )
                }
                #expect(try test.queue.append(deliveries) == model.append(deliveries), context)
            case 30..<55:
                let (events, bytes) = (
                    Int.random(in: 1...12, using: &random), Int.random(in: 1...30_000, using: &random)
                )
                #expect(
                    try test.queue.take(events: events, bytes: bytes) == model.take(events: events, bytes: bytes),
                    context
                )
            case 55..<70:
                let some = model.taken.filter { _ in Bool.random(using: &random) }.shuffled(using: &random)
                try test.queue.acknowledge(some)
                model.acknowledge(some)
            case 70..<80:
                let some = model.taken.filter { _ in Bool.random(using: &random) }.shuffled(using: &random)
                let (delay, counts) = (
                    Duration.seconds(Int.random(in: 0...3, using: &random)), Bool.random(using: &random)
                )
                try test.queue.putBack(some, for: delay, countFailure: counts)
                model.putBack(some, for: delay, countFailure: counts)
            case 80..<86:
                clock.advance(by: .seconds(1))
                model.time += .seconds(1)
            case 86..<91:
                guard let sequence = model.taken.randomElement(using: &random) else { continue }
                try test.queue.park(sequence, reason: "step \(step)")
                model.park(sequence, reason: "step \(step)", at: clock.now)
            case 91..<94:
                let some = model.parked.map(\.sequence).filter { _ in Bool.random(using: &random) }
                try test.queue.unpark(some)
                model.parked.removeAll { some.contains($0.sequence) }
            case 94..<96:
                let lane = "lane \(Int.random(in: 0..<4, using: &random))"
                let matches = { (delivery: Delivery) in delivery.lane == lane && delivery.body.count % 3 == 0 }
                #expect(try test.queue.remove(where: matches) == model.remove(where: matches), context)
            default:
                guard let queue = test.queue as? SQLiteEventQueue else { continue }
                queue.close()
                test = try QueueUnderTest(kind, folder: folder, clock: clock)
                model.restart()
            }
            #expect(test.queue.status == model.status, context)
            #expect(try test.queue.parked(limit: .max) == model.parked, context)
        }
    }
}
