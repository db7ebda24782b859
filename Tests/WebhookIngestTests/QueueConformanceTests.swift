import Chat
import Limits
import Telemetry
import Testing

@testable import WebhookIngest

/// The contract of ``EventQueue``, held against every implementation.
struct QueueConformanceTests {
    @Test(arguments: QueueKind.allCases)
    func givesBackWhatWasAppended(_ kind: QueueKind) throws {
        let test = try QueueUnderTest(kind)
        let deliveries = [
            Delivery.sample(0), .sample(30, lane: "née 🎻"), .sample(7, bytes: 100_000),
            Delivery(
                id: EventID(bytes: []),
                type: "",
                lane: "",
                receivedAt: Timestamp(nanoseconds: .min),
                body: [],
                signature: []
            ),
        ]
        let sequences = try test.queue.append(deliveries)
        #expect(sequences == [1, 2, 3, 4])
        let taken = try test.queue.takeAll()
        #expect(taken.map(\.sequence) == sequences)
        #expect(taken.map(\.delivery) == deliveries)
        #expect(try test.queue.append([]) == [])
    }

    @Test(arguments: QueueKind.allCases)
    func takesInOrderOnceAndWithinItsBounds(_ kind: QueueKind) throws {
        let queue = try QueueUnderTest(kind).queue
        _ = try queue.append((1...10).map { .sample($0, lane: "lane \($0 % 3)", bytes: 100) })
        #expect(try queue.take(events: 0, bytes: 1_000).isEmpty)
        #expect(try queue.take(events: 3, bytes: 1_000).map(\.sequence) == [1, 2, 3])
        #expect(try queue.take(events: 10, bytes: 250).map(\.sequence) == [4, 5])
        #expect(try queue.take(events: 10, bytes: 1).map(\.sequence) == [6], "one, however large")
        #expect(try queue.takeAllSequences() == [7, 8, 9, 10])
        #expect(try queue.takeAll().isEmpty)
        #expect(queue.status.taken == 10)
    }

    @Test(arguments: QueueKind.allCases)
    func acknowledgingForgets(_ kind: QueueKind) throws {
        let queue = try QueueUnderTest(kind).queue
        _ = try queue.append(1...5)
        #expect(queue.status == QueueStatus(rows: 5, bytes: 200, oldest: Delivery.sample(1).receivedAt))
        _ = try queue.take(events: 4, bytes: .max)
        // What is not taken, unknown, or named twice does not count.
        try queue.acknowledge([3, 1, 1, 5, 99])
        #expect(queue.status.rows == 3)
        #expect(queue.status.bytes == 120)
        #expect(queue.status.taken == 2)
        #expect(queue.status.oldest == Delivery.sample(2).receivedAt)
        try queue.acknowledge([1, 2, 4])
        #expect(queue.status == QueueStatus(rows: 1, bytes: 40, oldest: Delivery.sample(5).receivedAt))
        #expect(try queue.takeAllSequences() == [5])
        try queue.acknowledge([5])
        #expect(queue.status == QueueStatus())
        #expect(try queue.append(6...6) == [6], "numbers are never reused")
    }

    @Test(arguments: QueueKind.allCases)
    func aLaneThatWasPutBackWaitsAlone(_ kind: QueueKind) throws {
        let test = try QueueUnderTest(kind)
        let queue = test.queue
        _ = try queue.append([.sample(1, lane: "a"), .sample(2, lane: "b"), .sample(3, lane: "a")])
        #expect(try queue.take(events: 2, bytes: .max).map(\.sequence) == [1, 2])
        try queue.putBack([1], for: .seconds(10), countFailure: true)
        _ = try queue.append([.sample(4, lane: "a"), .sample(5, lane: "c")])

        #expect(try queue.takeAllSequences() == [5], "3 and 4 wait behind 1")
        test.clock.advance(by: .seconds(9))
        #expect(try queue.takeAll().isEmpty)
        test.clock.advance(by: .seconds(1))
        let again = try queue.takeAll()
        #expect(again.map(\.sequence) == [1, 3, 4])
        #expect(again.map(\.delivery.failures) == [1, 0, 0])
        #expect(queue.status.rows == 5)
    }

    @Test(arguments: QueueKind.allCases)
    func severalLanesArePutBackTogether(_ kind: QueueKind) throws {
        let test = try QueueUnderTest(kind)
        let queue = test.queue
        _ = try queue.append((1...6).map { .sample($0, lane: "lane \($0 % 2)") })
        let taken = try queue.takeAllSequences()
        try queue.putBack(taken.reversed() + [42], for: .seconds(1), countFailure: false)
        #expect(queue.status.taken == 0)
        #expect(try queue.takeAll().isEmpty)
        // A longer wait of the same lane holds, a shorter one does not cut it short.
        test.clock.advance(by: .seconds(1))
        #expect(try queue.take(events: 1, bytes: .max).map(\.sequence) == [1])
        try queue.putBack([1], for: .seconds(5), countFailure: true)
        #expect(try queue.takeAllSequences() == [2, 4, 6])
        test.clock.advance(by: .seconds(5))
        #expect(try queue.takeAllSequences() == [1, 3, 5])
    }

    @Test(arguments: QueueKind.allCases)
    func failuresAddUpAndLeaveWithTheirEvent(_ kind: QueueKind) throws {
        let queue = try QueueUnderTest(kind).queue
        _ = try queue.append(1...1)
        for failures in 0..<3 {
            let taken = try queue.takeAll()
            #expect(taken.map(\.delivery.failures) == [failures])
            try queue.putBack([1], for: .zero, countFailure: true)
        }
        _ = try queue.takeAll()
        try queue.park(1, reason: "tried often enough")
        #expect(try queue.parked(limit: 10).map(\.delivery.failures) == [3])
    }

    @Test(arguments: QueueKind.allCases)
    func parkingTakesOneOutOfItsLane(_ kind: QueueKind) throws {
        let test = try QueueUnderTest(kind)
        let queue = test.queue
        _ = try queue.append(1...4)
        _ = try queue.takeAll()
        test.clock.advance(by: .seconds(3))
        try queue.park(2, reason: "unreadable: no JSON")
        try queue.park(4, reason: "other")
        try queue.park(4, reason: "parked already")
        try queue.park(99, reason: "unknown")

        #expect(
            queue.status
                == QueueStatus(rows: 2, bytes: 80, oldest: Delivery.sample(1).receivedAt, parked: 2, taken: 2)
        )
        let parked = try queue.parked(limit: 10)
        #expect(parked.map(\.sequence) == [2, 4])
        #expect(parked.map(\.reason) == ["unreadable: no JSON", "other"])
        #expect(parked.map(\.delivery) == [.sample(2), .sample(4)])
        #expect(parked.map(\.parkedAt) == [test.clock.now, test.clock.now])
        #expect(try queue.parked(limit: 1).map(\.sequence) == [2])

        try queue.unpark([2, 3, 99])
        #expect(try queue.parked(limit: 10).map(\.sequence) == [4])
        #expect(queue.status.parked == 1)
        #expect(queue.status.rows == 2)
    }

    @Test(arguments: QueueKind.allCases)
    func removingErasesEverywhere(_ kind: QueueKind) throws {
        let queue = try QueueUnderTest(kind).queue
        _ = try queue.append(1...6)
        _ = try queue.take(events: 4, bytes: .max)
        try queue.park(2, reason: "test")
        try queue.park(3, reason: "test")
        // 1 is taken, 2 parked, 5 waiting.
        let ids = [1, 2, 5].map { Delivery.sample($0).id }
        #expect(try queue.remove { ids.contains($0.id) } == 3)
        #expect(try queue.remove { ids.contains($0.id) } == 0)
        #expect(try queue.parked(limit: 10).map(\.sequence) == [3])
        #expect(queue.status.rows == 2)
        #expect(queue.status.bytes == 80)
        try queue.acknowledge([1, 4])
        #expect(queue.status.rows == 1)
        #expect(try queue.takeAllSequences() == [6])
    }

    @Test(arguments: QueueKind.allCases)
    func refusesWhatDoesNotFitAsAWhole(_ kind: QueueKind) throws {
        var limits = Limits.Queue.forTests
        limits.rows = 3
        limits.bytes = 200
        limits.parkedRows = 1
        let queue = try QueueUnderTest(kind, limits: limits).queue
        _ = try queue.append(1...2)
        let status = queue.status
        #expect(throws: QueueError.full(status)) { try queue.append(3...4) }
        #expect(throws: QueueError.full(status)) { try queue.append([.sample(3, bytes: 121)]) }
        #expect(queue.status == status)
        #expect(try queue.append([.sample(3, bytes: 120)]) == [3])

        _ = try queue.takeAll()
        try queue.park(1, reason: "test")
        #expect(throws: QueueError.full(queue.status)) { try queue.park(2, reason: "test") }
        try queue.acknowledge([2])
        #expect(try queue.append(4...5) == [4, 5])
    }

    @Test(arguments: QueueKind.allCases)
    func waitsUntilThereMayBeWork(_ kind: QueueKind) async throws {
        let folder = try TemporaryFolder()
        let queue: any EventQueue =
            switch kind {
            case .memory: MemoryEventQueue()
            case .sqlite: try SQLiteEventQueue(folder: folder.path, limits: .forTests, log: .none)
            }
        let waiting = Task { await queue.waitForWork() }
        _ = try queue.append(1...1)
        await waiting.value
        #expect(try queue.takeAllSequences() == [1])

        // With nothing but a lane that waits, the end of its wait is what wakes.
        try queue.putBack([1], for: .milliseconds(20), countFailure: false)
        #expect(try queue.takeAll().isEmpty)
        await queue.waitForWork()
        #expect(try queue.takeAllSequences() == [1])

        let cancelled = Task { await queue.waitForWork() }
        cancelled.cancel()
        await cancelled.value
    }
}
