import TestSupport
import Testing

@testable import Outbox

struct LaneSchedulerTests {
    private struct Row: LaneOrdered, Equatable {
        var key: Int
        var lane: String
        var action = "a"
        var order: Int64 { Int64(key) }
    }

    private static func scheduler(_ rows: [Row]) -> LaneScheduler<Row> {
        var scheduler = LaneScheduler<Row>()
        for row in rows { scheduler.add(row) }
        return scheduler
    }

    private func keys(_ groups: [[Row]]) -> [[Int]] { groups.map { $0.map(\.key) } }

    @Test func aLaneGivesOneAtATimeInOrder() {
        let rows = [Row(key: 2, lane: "x"), Row(key: 1, lane: "x"), Row(key: 3, lane: "y")]
        var scheduler = Self.scheduler(rows)
        #expect(keys(scheduler.take(calls: 9, at: .zero) { _ in 1 }) == [[1], [3]])
        #expect(scheduler.take(calls: 9, at: .zero) { _ in 1 }.isEmpty)
        scheduler.remove(rows[1])
        #expect(keys(scheduler.take(calls: 9, at: .zero) { _ in 1 }) == [[2]])
        #expect(scheduler.count == 2)
    }

    @Test func whatIsPutOffHoldsItsLaneAlone() {
        let rows = [Row(key: 1, lane: "x"), Row(key: 2, lane: "x"), Row(key: 3, lane: "y")]
        var scheduler = Self.scheduler(rows)
        _ = scheduler.take(calls: 1, at: .zero) { _ in 1 }
        scheduler.putOff(rows[0], until: .seconds(5))
        #expect(keys(scheduler.take(calls: 9, at: .seconds(1)) { _ in 1 }) == [[3]])
        #expect(scheduler.nextDue == .seconds(5))
        #expect(keys(scheduler.take(calls: 9, at: .seconds(5)) { _ in 1 }) == [[1]])
    }

    @Test func whatComesLateInOrderDoesNotOvertakeWhatIsUnderWay() {
        var scheduler = Self.scheduler([Row(key: 5, lane: "x")])
        _ = scheduler.take(calls: 1, at: .zero) { _ in 1 }
        scheduler.add(Row(key: 3, lane: "x"))
        scheduler.add(Row(key: 5, lane: "x"))
        scheduler.remove(Row(key: 5, lane: "x"))
        #expect(keys(scheduler.take(calls: 1, at: .zero) { _ in 1 }) == [[3]])
        #expect(scheduler.count == 1)
    }

    @Test func rowsOfOneActionShareACall() {
        let rows = (1...7).map { Row(key: $0, lane: "u\($0)", action: $0 == 2 ? "single" : "batch") }
        var scheduler = Self.scheduler(rows)
        let groups = scheduler.take(calls: 2, at: .zero) { $0.action == "batch" ? 4 : 1 }
        #expect(keys(groups) == [[1, 3, 4, 5], [2]])
        #expect(keys(scheduler.take(calls: 2, at: .zero) { $0.action == "batch" ? 4 : 1 }) == [[6, 7]])
    }

    @Test func whatBelongsToOthersIsForgottenButForWhatIsUnderWay() {
        let rows = [Row(key: 1, lane: "x"), Row(key: 2, lane: "x"), Row(key: 3, lane: "y")]
        var scheduler = Self.scheduler(rows)
        _ = scheduler.take(calls: 1, at: .zero) { _ in 1 }
        scheduler.forget { $0.lane == "x" }
        #expect(scheduler.contains(1) && !scheduler.contains(2) && scheduler.contains(3))
        scheduler.remove(rows[0])
        #expect(keys(scheduler.take(calls: 9, at: .zero) { _ in 1 }) == [[3]])
    }

    /// Whatever happens in whatever order, every row is given exactly once to be removed, and each lane in order.
    @Test(arguments: 0..<50)
    func everyRowHasItsTurn(_ round: UInt64) {
        var random = SeededRandom(seed: round)
        let rows = (0..<200).map { Row(key: $0, lane: "l\(Int.random(in: 0..<20, using: &random))") }
        var scheduler = LaneScheduler<Row>()
        var (incoming, underWay, gone) = (rows, [Row](), [Row]())
        var now = Duration.zero
        while gone.count < rows.count {
            now += .milliseconds(Int.random(in: 0...5, using: &random))
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                for _ in 0..<min(10, incoming.count) { scheduler.add(incoming.removeFirst()) }
            case 1:
                let size = Int.random(in: 1...3, using: &random)
                let taken = scheduler.take(calls: 4, at: now) { _ in size }.flatMap(\.self)
                for row in taken { #expect(!underWay.contains { $0.lane == row.lane }, "seed \(round)") }
                underWay += taken
            default:
                guard !underWay.isEmpty else { continue }
                let row = underWay.remove(at: Int.random(in: 0..<underWay.count, using: &random))
                if Bool.random(using: &random) {
                    scheduler.putOff(row, until: now + .milliseconds(3))
                } else {
                    scheduler.remove(row)
                    gone.append(row)
                }
            }
        }
        #expect(Set(gone.map(\.key)).count == rows.count, "seed \(round)")
        for lane in Set(rows.map(\.lane)) {
            let order = gone.filter { $0.lane == lane }.map(\.key)
            #expect(order == order.sorted(), "seed \(round)")
        }
    }
}
