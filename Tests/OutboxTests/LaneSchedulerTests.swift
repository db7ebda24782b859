import Limits
import TestSupport
import Testing

@testable import Outbox

struct LaneSchedulerTests {
    private struct Row: LaneOrdered, Equatable {
        var key: Int
        var lane: String
        var action = "a"
        var bytes = 1
        var order: Int64 { Int64(key) }
    }

    private typealias Scheduler = LaneScheduler<Row>

    private static func limits(rowsPerAction: Int = 1_000, rowsPerLane: Int = 1_000, gaps: Int = 1_000) -> Limits.Outbox
    {
        var limits = Limits.Outbox()
        (limits.rowsPerAction, limits.rowsPerLane, limits.gapsKnown) = (rowsPerAction, rowsPerLane, gaps)
        return limits
    }

    /// One that has read these rows and knows that there are no more.
    private static func scheduler(_ rows: [Row], _ limits: Limits.Outbox = limits()) -> Scheduler {
        var scheduler = Scheduler(limits)
        scheduler.beginSweep(from: .min)
        for row in rows { scheduler.add(row, isSwept: true) }
        scheduler.endSweep()
        return scheduler
    }

    private func take(_ scheduler: inout Scheduler, _ calls: Int, at uptime: Duration = .zero) -> [Int] {
        scheduler.wake(at: uptime)
        var keys: [Int] = []
        while keys.count < calls, let action = scheduler.nextAction(except: []) {
            keys += scheduler.take(1, of: action).map(\.key)
        }
        return keys
    }

    @Test func aLaneGivesOneAtATimeInOrder() {
        let rows = [Row(key: 2, lane: "x"), Row(key: 1, lane: "x"), Row(key: 3, lane: "y")]
        var scheduler = Self.scheduler(rows)
        #expect(take(&scheduler, 9).sorted() == [1, 3])
        #expect(take(&scheduler, 9).isEmpty)
        scheduler.remove(rows[1])
        #expect(take(&scheduler, 9) == [2])
        #expect(scheduler.count == 2)
    }

    @Test func whatTurnsUpLateComesFirst() {
        var scheduler = Self.scheduler([Row(key: 5, lane: "x"), Row(key: 6, lane: "x")], Self.limits(rowsPerAction: 2))
        #expect(take(&scheduler, 9) == [5])
        scheduler.putBack([Row(key: 5, lane: "x")])
        for _ in 0..<2 { for key in [4, 3] { scheduler.addEarlier(Row(key: key, lane: "x")) } }
        #expect(scheduler.count == 4)
        for key in 3...6 {
            #expect(take(&scheduler, 9) == [key])
            scheduler.remove(Row(key: key, lane: "x"))
        }
        #expect(scheduler.count == 0)
    }

    @Test func whatIsPutOffHoldsItsLaneAlone() {
        let rows = [Row(key: 1, lane: "x"), Row(key: 2, lane: "x"), Row(key: 3, lane: "y")]
        var scheduler = Self.scheduler(rows)
        #expect(take(&scheduler, 1) == [1])
        scheduler.putOff(rows[0], until: .seconds(5))
        #expect(take(&scheduler, 9, at: .seconds(1)) == [3])
        #expect(scheduler.nextDue == .seconds(5))
        #expect(take(&scheduler, 9, at: .seconds(5)) == [1])
    }

    @Test func whatComesLateInOrderDoesNotOvertakeWhatIsUnderWay() {
        var scheduler = Self.scheduler([Row(key: 5, lane: "x")])
        _ = take(&scheduler, 1)
        scheduler.add(Row(key: 3, lane: "x"))
        scheduler.add(Row(key: 5, lane: "x"))
        scheduler.remove(Row(key: 5, lane: "x"))
        #expect(take(&scheduler, 1) == [3])
        #expect(scheduler.count == 1)
    }

    @Test func rowsOfOneActionAreTakenTogetherTheLongestReadyFirst() {
        var scheduler = Self.scheduler((1...7).map { Row(key: $0, lane: "u\($0)", action: $0 == 2 ? "b" : "a") })
        #expect(scheduler.nextAction(except: []) == "a")
        #expect(scheduler.take(4, of: "a").map(\.key) == [1, 3, 4, 5])
        #expect(scheduler.nextAction(except: []) == "b")
        #expect(scheduler.nextAction(except: ["b"]) == "a")
        #expect(scheduler.hasReady(except: ["b"]) && scheduler.hasReady("b"))
    }

    @Test func whatWasTakenInVainIsFirstAgain() {
        var scheduler = Self.scheduler((1...4).map { Row(key: $0, lane: "u\($0)") })
        let rows = scheduler.take(2, of: "a")
        scheduler.putBack(rows)
        #expect(take(&scheduler, 9) == [1, 2, 3, 4])
    }

    @Test func whatBelongsToOthersIsForgottenButForWhatIsUnderWay() {
        let rows = [Row(key: 1, lane: "x"), Row(key: 2, lane: "x"), Row(key: 3, lane: "y")]
        var scheduler = Self.scheduler(rows)
        #expect(take(&scheduler, 1) == [1])
        scheduler.forget { $0.lane == "x" }
        #expect(scheduler.contains(1) && !scheduler.contains(2) && scheduler.contains(3))
        scheduler.remove(rows[0])
        #expect(take(&scheduler, 9) == [3])
        #expect(scheduler.isHungry)
    }

    /// A write that failed is repeated: the row is removed, read once more and removed again.
    @Test func aLaneThatIsListedTwiceGivesItsRowOnce() {
        let first = Row(key: 1, lane: "x")
        var scheduler = Self.scheduler([Row(key: 0, lane: "w"), first])
        scheduler.remove(first)
        scheduler.add(first)
        scheduler.remove(first)
        scheduler.add(Row(key: 2, lane: "x"))
        #expect(take(&scheduler, 9) == [0, 2])
    }

    // MARK: Gaps

    @Test func whatWaitsForOneActionDoesNotHideAnother() {
        var rows = (0..<50).map { Row(key: $0, lane: "c\($0)", action: "sendMessage") }
        rows.append(Row(key: 50, lane: "ada", action: "ban"))
        var scheduler = Self.scheduler(rows, Self.limits(rowsPerAction: 10))
        #expect(scheduler.count == 11 && scheduler.contains(50))
        #expect(scheduler.nextAction(except: ["sendMessage"]) == "ban")
        // What is new in a lane of which something is unread does not overtake it.
        scheduler.add(Row(key: 60, lane: "c30", action: "ban"))
        #expect(!scheduler.contains(60))
        #expect(!scheduler.isHungry && scheduler.hungryFrom == nil)
        for row in rows.prefix(5) { scheduler.remove(row) }
        #expect(scheduler.isHungry && scheduler.hungryFrom == 10)
    }

    @Test func aBusyLaneDoesNotHideOthers() {
        let rows = (0..<50).map { Row(key: $0, lane: $0 < 49 ? "busy" : "calm") }
        var scheduler = Self.scheduler(rows, Self.limits(rowsPerLane: 3))
        #expect(scheduler.count == 4)
        for row in rows.prefix(2) { scheduler.remove(row) }
        #expect(!scheduler.isStarving)
        scheduler.remove(rows[2])
        #expect(scheduler.isStarving && scheduler.hungryFrom == 3)
    }

    @Test func lanesBeyondThoseKnownWait() {
        let rows = (0..<50).map { Row(key: $0, lane: "c\($0)") }
        var scheduler = Self.scheduler(rows, Self.limits(rowsPerAction: 2, gaps: 8))
        scheduler.add(Row(key: 99, lane: "new", action: "b"))
        #expect(scheduler.count == 2 && !scheduler.isHungry)
        for row in rows.prefix(2) { scheduler.remove(row) }
        #expect(scheduler.isHungry)
        scheduler.beginSweep(from: .min)
        for row in rows[2...] { scheduler.add(row, isSwept: true) }
        scheduler.endSweep()
        #expect(scheduler.contains(2) && scheduler.contains(3) && scheduler.count == 2)
    }

    /// Reads, as a dispatcher does, from a store in which rows appear, some of them late; takes, puts off and concludes:
    /// every row is performed once, no lane out of order, and never more rows are held than may be.
    @Test(arguments: 0..<150)
    func everyRowHasItsTurn(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let limits = Self.limits(
            rowsPerAction: Int.random(in: 1...12, using: &random),
            rowsPerLane: Int.random(in: 1...4, using: &random),
            gaps: Int.random(in: 1...30, using: &random)
        )
        let pageRows = Int.random(in: 2...9, using: &random)
        let rows = (0..<250).map { key in
            Row(
                key: key,
                lane: "l\(Int.random(in: 0..<25, using: &random))",
                action: ["a", "b", "c"].randomElement(using: &random) ?? "a"
            )
        }
        var scheduler = Scheduler(limits)
        var (written, stored, underWay, gone) = (0, [Row](), [Row](), [Row]())
        var newest = 0
        var hasReadAll = false
        var now = Duration.zero
        var rounds = 0
        while gone.count < rows.count {
            rounds += 1
            guard rounds < 100_000 else {
                Issue.record("seed \(seed): \(gone.count) of \(rows.count) had their turn"); return
            }
            now += .milliseconds(1)
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                let next = min(rows.count, written + Int.random(in: 0...20, using: &random))
                stored += rows[written..<next]
                written = next
            case 1 where hasReadAll:  // what is new
                for row in stored where row.key >= newest - 3 { scheduler.add(row) }
                newest = max(newest, stored.last?.key ?? 0)
            case 2:  // a page of a sweep
                if scheduler.sweep == nil {
                    let isWhole = !hasReadAll || Bool.random(using: &random)
                    guard let start = isWhole ? .min : scheduler.hungryFrom else { continue }
                    scheduler.beginSweep(from: start)
                }
                guard let sweep = scheduler.sweep else { continue }
                let page = stored.filter { $0.order >= sweep.position }.prefix(pageRows)
                for row in page { scheduler.add(row, isSwept: true) }
                newest = max(newest, page.last?.key ?? 0)
                if page.count == pageRows, let last = page.last {
                    scheduler.advanceSweep(to: last.order)
                } else {
                    scheduler.endSweep()
                    hasReadAll = hasReadAll || sweep.start == .min
                }
            case 3:
                scheduler.wake(at: now)
                guard let action = scheduler.nextAction(except: []) else { continue }
                let taken = scheduler.take(Int.random(in: 1...3, using: &random), of: action)
                if Int.random(in: 0..<5, using: &random) == 0 {
                    scheduler.putBack(taken)
                    continue
                }
                for row in taken {
                    #expect(!underWay.contains { $0.lane == row.lane }, "seed \(seed)")
                    #expect(row.key == stored.first { $0.lane == row.lane }?.key, "seed \(seed)")
                }
                underWay += taken
            default:
                guard !underWay.isEmpty else { continue }
                let row = underWay.remove(at: Int.random(in: 0..<underWay.count, using: &random))
                if Int.random(in: 0..<3, using: &random) == 0 {
                    scheduler.putOff(row, until: now + .milliseconds(3))
                } else {
                    stored.removeAll { $0.key == row.key }
                    scheduler.remove(row)
                    gone.append(row)
                }
            }
            #expect(scheduler.count <= limits.rowsPerAction * 3, "seed \(seed)")
        }
        #expect(Set(gone.map(\.key)).count == rows.count, "seed \(seed)")
    }
}
