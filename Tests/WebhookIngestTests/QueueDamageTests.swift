import Chat
import Foundation
import Limits
import SQLite
import Synchronization
import Telemetry
import Testing

@testable import WebhookIngest

/// Files that are damaged, or not ours.
struct QueueDamageTests {
    private let folder: TemporaryFolder
    private let lines = Lines()
    init() throws { folder = try TemporaryFolder() }

    final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var log: Log { Log(level: .error) { line in self.lines.withLock { $0.append(line) } } }
        var text: String { lines.withLock { $0.joined(separator: "\n") } }
    }

    private func open() throws -> SQLiteEventQueue {
        try SQLiteEventQueue(folder: folder.path, limits: .forTests, log: lines.log)
    }

    /// 200 events on some 30 pages, in the file itself, two of them parked.
    private func fill() throws {
        let queue = try open()
        _ = try queue.append((1...200).map { .sample($0, lane: "lane \($0 % 7)", bytes: 2_000) })
        try queue.park(100, reason: "test")
        try queue.park(101, reason: "test")
        queue.close()
    }

    private func overwrite(at offset: UInt64, _ bytes: Data) throws {
        let file = try FileHandle(forUpdating: folder.queueFile)
        try file.seek(toOffset: offset)
        try file.write(contentsOf: bytes)
        try file.close()
    }

    private func expectSetAside() throws {
        #expect(try folder.names().contains { $0.hasPrefix("queue.sqlite.damaged-") })
        #expect(lines.text.contains("damaged"))
        #expect(lines.text.contains(folder.queueFile.path))
    }

    @Test(arguments: [3, 8, 15])
    func whatIsReadableOfADamagedFileIsKept(_ page: UInt64) throws {
        try fill()
        try overwrite(at: page * 16_384, Data(repeating: 0xa5, count: 16_384))
        let queue = try open()
        try expectSetAside()

        let kept = try queue.take(events: .max, bytes: .max)
        #expect(queue.status.rows == kept.count)
        // A page of rows is lost at most, and nothing is made up.
        #expect(kept.count >= 198 - 10)
        for row in kept {
            let number = Int(row.sequence)
            #expect(row.delivery == .sample(number, lane: "lane \(number % 7)", bytes: 2_000))
        }
        #expect(kept.map(\.sequence) == kept.map(\.sequence).sorted())
        #expect(try queue.append([.sample(201)]) == [201])
        #expect(try queue.parked(limit: 10).allSatisfy { [100, 101].contains($0.sequence) })
    }

    @Test func theDamagedFileIsNotChanged() throws {
        try fill()
        try overwrite(at: 8 * 16_384, Data(repeating: 0xa5, count: 16_384))
        let damaged = try Data(contentsOf: folder.queueFile)
        _ = try open()
        let name = try #require(try folder.names().first { $0.contains("damaged") && !$0.hasSuffix("-shm") })
        #expect(try Data(contentsOf: URL(filePath: folder.path + "/" + name)) == damaged)
    }

    @Test func aChangedBodyIsNoticed() throws {
        try fill()
        var content = try Data(contentsOf: folder.queueFile)
        let place = try #require(content.range(of: Data(#"{"number":20,"#.utf8)))
        content[place.lowerBound + 11] = UInt8(ascii: "9")
        try content.write(to: folder.queueFile)
        let queue = try open()
        try expectSetAside()
        #expect(
            try queue.take(events: .max, bytes: .max).map(\.sequence)
                == (1...200).filter { ![20, 100, 101].contains($0) }
        )
        #expect(lines.text.contains(#""altered":1"#))
    }

    @Test func aFileThatIsNoDatabaseIsSetAside() throws {
        try fill()
        try overwrite(at: 0, Data(repeating: 0, count: 1_000))
        let queue = try open()
        try expectSetAside()
        #expect(queue.status == QueueStatus())
        #expect(try queue.append(1...1) == [1])
    }

    @Test func aFileThatWasCutOffIsSetAside() throws {
        try fill()
        let file = try FileHandle(forUpdating: folder.queueFile)
        try file.truncate(atOffset: 10 * 16_384)
        try file.close()
        let queue = try open()
        try expectSetAside()
        #expect(try queue.append([.sample(1_000)]).first ?? 0 > 0)
    }

    @Test func damageMetAtUseIsRepairedAtUse() throws {
        try fill()
        let queue = try open()
        let taken = try queue.take(events: 3, bytes: .max)
        // Behind the back of the open queue, in the part it has not read yet.
        try overwrite(at: 15 * 16_384, Data(repeating: 0xa5, count: 16_384))
        var rest: [TakenDelivery] = []
        while true {
            let more = try queue.take(events: 50, bytes: .max)
            if more.isEmpty { break }
            rest += more
        }
        try expectSetAside()
        #expect(rest.count >= 198 - 3 - 10)
        #expect(Set(rest.map(\.sequence)).count == rest.count)
        try queue.acknowledge((taken + rest).map(\.sequence))
        #expect(queue.status.rows == 0)
        #expect(queue.status.bytes == 0)
        #expect(try queue.append([.sample(201)]) == [201])
    }

    @Test func anInterruptedReplacementIsCompleted() throws {
        try fill()
        // The damaged file had its new name, the salvaged one not yet, when the machine stopped.
        try FileManager.default.moveItem(atPath: folder.queueFile.path, toPath: folder.queueFile.path + ".salvage")
        try Data(repeating: 1, count: 100).write(to: URL(filePath: folder.queueFile.path + "-wal"))
        let queue = try open()
        #expect(queue.status.rows == 198)
        #expect(try folder.names().contains { $0.contains("damaged") && $0.hasSuffix("-wal") })
    }

    @Test func aForeignFileIsLeftAlone() throws {
        func make() throws {
            try SQLiteConnection(path: folder.queueFile.path).execute("CREATE TABLE theirs (a)")
        }
        try make()
        let before = try Data(contentsOf: folder.queueFile)
        let error = try #require(throws: QueueError.self) { try open() }
        #expect(error.description.contains("another program"), "\(error)")
        #expect(try Data(contentsOf: folder.queueFile) == before)
    }

    @Test func aNewerFileIsRefused() throws {
        try fill()
        func age() throws {
            try SQLiteConnection(path: folder.queueFile.path).execute("PRAGMA user_version = 99")
        }
        try age()
        let error = try #require(throws: QueueError.self) { try open() }
        #expect(error.description.contains("newer"), "\(error)")
    }
}
