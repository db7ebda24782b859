import Chat
import Dispatch
import Limits
import Synchronization
import Telemetry
import Testing

@testable import WebhookIngest

struct GroupCommitTests {
    /// A queue whose appends wait until they are let through, and which says how large they were.
    private final class Gate: EventQueue {
        let inner: MemoryEventQueue
        let sizes = Mutex<[Int]>([])
        let entered = DispatchSemaphore(value: 0)
        let open = DispatchSemaphore(value: 0)

        init(limits: Limits.Queue = .forTests) { inner = MemoryEventQueue(limits: limits) }

        func append(_ deliveries: [Delivery]) throws(QueueError) -> [Int64] {
            sizes.withLock { $0.append(deliveries.count) }
            entered.signal()
            open.wait()
            return try inner.append(deliveries)
        }

        func take(events: Int, bytes: Int) throws(QueueError) -> [TakenDelivery] {
            try inner.take(events: events, bytes: bytes)
        }
        func acknowledge(_ sequences: [Int64]) throws(QueueError) { try inner.acknowledge(sequences) }
        func putBack(_ sequences: [Int64], for delay: Duration, countFailure: Bool) throws(QueueError) {
            try inner.putBack(sequences, for: delay, countFailure: countFailure)
        }
        func park(_ sequence: Int64, reason: String) throws(QueueError) { try inner.park(sequence, reason: reason) }
        func parked(limit: Int) throws(QueueError) -> [ParkedDelivery] { try inner.parked(limit: limit) }
        func unpark(_ sequences: [Int64]) throws(QueueError) { try inner.unpark(sequences) }
        func remove(where matches: (Delivery) -> Bool) throws(QueueError) -> Int { try inner.remove(where: matches) }
        var status: QueueStatus { inner.status }
        func waitForWork() async { await inner.waitForWork() }
    }

    private final class Results: Sendable {
        private let results = Mutex<[Int: Result<Int64, QueueError>]>([:])
        func note(_ number: Int) -> GroupCommit.Completion {
            { result in self.results.withLock { $0[number] = result } }
        }
        var all: [Int: Result<Int64, QueueError>] { results.withLock { $0 } }
    }

    @Test func whatWaitsTogetherIsCommittedTogether() throws {
        let gate = Gate()
        var limits = Limits.Queue.forTests
        limits.appendBatch = 4
        let commit = GroupCommit(queue: gate, limits: limits, metrics: Metrics())
        let results = Results()
        commit.append(.sample(0), completion: results.note(0))
        gate.entered.wait()
        // Six more come while the first is being committed: four of them, then two.
        for number in 1...6 { commit.append(.sample(number), completion: results.note(number)) }
        for _ in 0..<3 { gate.open.signal() }
        commit.stop()
        #expect(gate.sizes.withLock { $0 } == [1, 4, 2])
        #expect(results.all.count == 7)
        for number in 0...6 { #expect(results.all[number] == .success(Int64(number + 1))) }
    }

    @Test func aBatchIsBoundedInBytes() throws {
        let gate = Gate()
        var limits = Limits.Queue.forTests
        limits.appendBytes = 1_000
        let commit = GroupCommit(queue: gate, limits: limits, metrics: Metrics())
        let results = Results()
        commit.append(.sample(0), completion: results.note(0))
        gate.entered.wait()
        for (number, bytes) in [400, 600, 5_000, 100].enumerated() {
            commit.append(.sample(number + 1, bytes: bytes), completion: results.note(number + 1))
        }
        for _ in 0..<4 { gate.open.signal() }
        commit.stop()
        #expect(gate.sizes.withLock { $0 } == [1, 2, 1, 1])
    }

    @Test func fewWaitForCompanyAndEnoughDoNot() throws {
        let gate = Gate()
        var limits = Limits.Queue.forTests
        limits.appendPace = 3_600_000_000
        limits.appendCompany = 3
        let commit = GroupCommit(queue: gate, limits: limits, metrics: Metrics())
        let results = Results()
        for _ in 0..<3 { gate.open.signal() }
        // The first is alone, and nothing was committed before it; three are company; the last waits until the stop.
        commit.append(.sample(0), completion: results.note(0))
        gate.entered.wait()
        for number in 1...3 { commit.append(.sample(number), completion: results.note(number)) }
        gate.entered.wait()
        commit.append(.sample(4), completion: results.note(4))
        commit.stop()
        #expect(gate.sizes.withLock { $0 } == [1, 3, 1])
        #expect(results.all.count == 5)
    }

    @Test func theBacklogIsBounded() throws {
        let gate = Gate()
        var limits = Limits.Queue.forTests
        limits.appendBacklog = 2
        let commit = GroupCommit(queue: gate, limits: limits, metrics: Metrics())
        let results = Results()
        commit.append(.sample(0), completion: results.note(0))
        gate.entered.wait()
        for number in 1...3 { commit.append(.sample(number), completion: results.note(number)) }
        #expect(results.all[3] == .failure(.full(gate.status)))
        for _ in 0..<2 { gate.open.signal() }
        commit.stop()
        #expect(results.all[2] == .success(3))
    }

    @Test func asManyAsFitAreAccepted() throws {
        var limits = Limits.Queue.forTests
        limits.rows = 5
        let queue = MemoryEventQueue(limits: limits)
        let commit = GroupCommit(queue: queue, limits: limits, metrics: Metrics())
        let results = Results()
        for number in 0..<20 { commit.append(.sample(number), completion: results.note(number)) }
        commit.stop()
        #expect(results.all.count == 20)
        #expect(results.all.values.count { (try? $0.get()) != nil } == 5)
        #expect(queue.status.rows == 5)
    }

    @Test func stoppingDrainsAndThenRefuses() throws {
        let queue = MemoryEventQueue()
        let commit = GroupCommit(queue: queue, limits: .forTests, metrics: Metrics())
        let results = Results()
        for number in 0..<500 { commit.append(.sample(number), completion: results.note(number)) }
        commit.stop()
        #expect(queue.status.rows == 500)
        #expect(results.all.count == 500)
        commit.append(.sample(500), completion: results.note(500))
        #expect(results.all[500] == .failure(.closed))
        commit.stop()
    }

    /// Appends from four threads beside a taker, over SQLite: for the thread sanitizer as well.
    @Test func threadsAppendWhileOthersTake() async throws {
        let folder = try TemporaryFolder()
        var limits = Limits.Queue.forTests
        limits.checkpointBytes = 100_000
        let queue = try SQLiteEventQueue(folder: folder.path, limits: limits, log: .none)
        let commit = GroupCommit(queue: queue, limits: limits, metrics: Metrics())
        let results = Results()
        let total = 2_000
        async let taken = Task {
            var taken: [TakenDelivery] = []
            while taken.count < total {
                await queue.waitForWork()
                let batch = try queue.take(events: 100, bytes: .max)
                if Bool.random(), let first = batch.first {
                    try queue.putBack([first.sequence], for: .zero, countFailure: false)
                    try queue.acknowledge(batch.dropFirst().map(\.sequence))
                    taken += batch.dropFirst()
                } else {
                    try queue.acknowledge(batch.map(\.sequence))
                    taken += batch
                }
            }
            return taken
        }.value
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            for number in stride(from: thread, to: total, by: 4) {
                commit.append(.sample(number, lane: "lane \(number % 9)"), completion: results.note(number))
            }
        }
        commit.stop()
        let sequences = try await taken.map(\.sequence)
        #expect(sequences.sorted() == (1...Int64(total)).map { $0 })
        #expect(results.all.count == total)
        #expect(queue.status == QueueStatus())
    }
}
