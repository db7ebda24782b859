import Blocking
import Chat
import Foundation
import Limits
import SQLite
import Synchronization
import Telemetry
import Testing

@testable import WebhookIngest

/// What SQLite's queue promises beyond a process.
struct QueueDurabilityTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func open(
        limits: Limits.Queue = .forTests,
        space: @escaping @Sendable (String) -> DiskSpace? = { _ in nil }
    ) throws -> SQLiteEventQueue {
        try SQLiteEventQueue(folder: folder.path, limits: limits, log: .none, clock: .system, diskSpace: space)
    }

    @Test func everythingUnacknowledgedIsGivenAgain() throws {
        let first = try open()
        _ = try first.append(1...6)
        _ = try first.takeAll()
        try first.acknowledge([1, 2, 4])
        try first.putBack([3], for: .seconds(3_600), countFailure: true)
        try first.park(5, reason: "test")
        let status = first.status
        first.close()

        let second = try open()
        #expect(second.status.rows == status.rows)
        #expect(second.status.bytes == status.bytes)
        #expect(second.status.parked == 1)
        #expect(second.status.taken == 0)
        #expect(try second.takeAllSequences() == [3, 6])
        #expect(try second.append(7...7) == [7])
    }

    @Test func numbersGoOnAfterEverythingIsGone() throws {
        let first = try open()
        _ = try first.append(1...3)
        try first.acknowledge(try first.takeAllSequences())
        first.close()
        let second = try open()
        #expect(second.status == QueueStatus())
        #expect(try second.append(4...4) == [4])
    }

    /// A child process appends from several threads, notes each acknowledged event outside SQLite, and kills itself.
    @Test(arguments: [30, 300])
    func nothingAcknowledgedIsLostToAKill(_ noted: Int) async throws {
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String, noted] in
            var limits = Limits.Queue.forTests
            limits.checkpointBytes = 200_000
            let queue = try SQLiteEventQueue(folder: path, limits: limits, log: .none)
            let commit = GroupCommit(queue: queue, limits: limits, metrics: Metrics())
            // What is written is the kernel's: it survives the process.
            let notes = Glibc.open(path + "/appended", O_WRONLY | O_CREAT | O_APPEND, 0o600)
            let gone = Glibc.open(path + "/gone", O_WRONLY | O_CREAT | O_APPEND, 0o600)
            let count = Atomic(0)
            for number in 1...100_000 {
                let delivery = Delivery.sample(number, lane: "lane \(number % 5)", bytes: 1_700)
                commit.append(delivery) { result in
                    guard case .success = result else { return }
                    _ = write(notes, delivery.id.bytes, 32)
                    if count.add(1, ordering: .relaxed).newValue == noted { kill(getpid(), SIGKILL) }
                }
                if number % 50 == 0 {
                    let taken = try queue.take(events: 10, bytes: .max).suffix(5)
                    for row in taken { _ = write(gone, row.delivery.id.bytes, 32) }
                    try queue.acknowledge(taken.map(\.sequence))
                }
            }
        }
        let acknowledged = try ids("appended")
        #expect(acknowledged.count >= noted)

        let queue = try open()
        let kept = try queue.take(events: .max, bytes: .max)
        #expect(queue.status.rows == kept.count)
        #expect(queue.status.bytes == kept.reduce(0) { $0 + Int64($1.delivery.body.count) })
        let keptIDs = Set(kept.map(\.delivery.id.bytes))
        #expect(keptIDs.count == kept.count, "nothing is kept twice")
        #expect(acknowledged.subtracting(keptIDs).isSubset(of: try ids("gone")), "nothing is lost")
        #expect(kept.map(\.sequence) == kept.map(\.sequence).sorted())
    }

    private func ids(_ name: String) throws -> Set<[UInt8]> {
        guard let data = FileManager.default.contents(atPath: folder.path + "/" + name) else { return [] }
        return Set(stride(from: 0, to: data.count, by: 32).map { [UInt8](data[$0..<min($0 + 32, data.count)]) })
    }

    @Test func aSecondProcessIsRefused() throws {
        let queue = try open()
        let error = try #require(throws: QueueError.self) { try open() }
        #expect(error == .inUse(folder.path))
        #expect(error.description.contains(folder.path))
        queue.close()
        #expect(throws: QueueError.closed) { try queue.append(1...1) }
        #expect(throws: QueueError.closed) { try queue.parked(limit: 1) }
        _ = try open()
    }

    @Test func aFolderThatIsNotThereIsASentence() {
        let error = #expect(throws: QueueError.self) {
            try SQLiteEventQueue(folder: "/no/such/folder", limits: .forTests, log: .none)
        }
        #expect(error?.description.contains("DATA_DIR") == true)
    }

    // MARK: Room

    @Test func aFullDiskLosesNothingAndPasses() throws {
        let queue = try open()
        _ = try queue.append(1...10)
        try queue.limitPages(to: 20)
        let before = queue.status
        #expect(throws: QueueError.diskFull) { try queue.append([.sample(11, bytes: 2_000_000)]) }
        #expect(queue.status == before)
        // What frees room works while there is none.
        try queue.acknowledge(Array(try queue.takeAllSequences().prefix(5)))

        try queue.limitPages(to: 1_000_000)
        #expect(try queue.append([.sample(11, bytes: 2_000_000)]) == [11])
        queue.close()
        #expect(try open().takeAllSequences() == [6, 7, 8, 9, 10, 11])
    }

    @Test func keepsSomeOfTheDiskFree() throws {
        let megabyte: Int64 = 1_000_000
        let space = Mutex(DiskSpace(free: 10 * megabyte, total: 1_000 * megabyte))
        let queue = try open(limits: .reserving(10 * megabyte)) { _ in space.withLock { $0 } }
        #expect(throws: QueueError.diskFull) { try queue.append(1...1) }
        #expect(QueueError.diskFull.isRetryable)
        space.withLock { $0 = DiskSpace(free: 11 * megabyte, total: 1_000 * megabyte) }
        #expect(try queue.append(1...1) == [1])
        // What is in the log needs as much again in the file.
        #expect(throws: QueueError.diskFull) { try queue.append([.sample(2, bytes: 600_000)]) }
        // Of a disk smaller than ten times the reserve, a tenth.
        space.withLock { $0 = DiskSpace(free: 3 * megabyte, total: 20 * megabyte) }
        #expect(try queue.append(2...2) == [2])
        space.withLock { $0 = DiskSpace(free: 2 * megabyte, total: 20 * megabyte) }
        #expect(throws: QueueError.diskFull) { try queue.append(3...3) }
    }

    @Test func theRoomOfAnEmptiedFileIsUsedEvenSo() throws {
        let queue = try open()
        for number in 0..<40 { _ = try queue.append([.sample(number, bytes: 100_000)]) }
        try queue.acknowledge(try queue.takeAllSequences())
        queue.close()
        let full = try open(limits: .reserving(1_000_000)) { _ in DiskSpace(free: 0, total: 1 << 40) }
        #expect(try full.append(1...1) == [41])
    }

    @Test func theLogIsBounded() throws {
        var limits = Limits.Queue.forTests
        limits.walBytes = 1_000_000
        limits.checkpointBytes = .max
        let queue = try open(limits: limits)
        for number in 1...100 { _ = try queue.append([.sample(number, bytes: 100_000)]) }
        let log = try FileManager.default.attributesOfItem(atPath: folder.queueFile.path + "-wal")[.size] as? Int
        #expect(try #require(log) < 1_500_000)
        #expect(try queue.takeAll().count == 100)
    }

    @Test func erasedContentIsNotLeftInTheFiles() throws {
        let queue = try open()
        let body = Array(#"{"text":"forget me, I am content"}"#.utf8)
        let delivery = Delivery(
            id: EventID(bytes: []),
            type: "message.new",
            lane: "a",
            receivedAt: ManualClock.epoch,
            body: body,
            signature: []
        )
        _ = try queue.append([.sample(1), delivery, .sample(2)])
        #expect(try queue.remove { $0.body == body } == 1)
        for name in try folder.names() {
            let content = try Data(contentsOf: URL(filePath: folder.path + "/" + name))
            #expect(content.range(of: Data("forget me".utf8)) == nil, "\(name)")
        }
    }
}

extension Limits.Queue {
    fileprivate static func reserving(_ bytes: Int64) -> Limits.Queue {
        var limits = forTests
        limits.freeDiskBytes = bytes
        return limits
    }
}

extension SQLiteEventQueue {
    /// The most pages that the file may have: beyond them SQLite answers as on a full disk.
    fileprivate func limitPages(to pages: Int) throws {
        try file.writer.withLock { writer in
            _ = try writer?.connection.integer("PRAGMA max_page_count = \(pages)")
        }
    }
}
