import Chat
import Limits
import Synchronization
import TestSupport
import Testing

@testable import local_provider

struct JournalTests {
    /// An answer that rests on somebody else's change, such as that a message is gone, must not outlive it.
    @Test func whoeverSeesAChangeIsAnsweredOnceItIsSafe() async throws {
        let folder = try TemporaryFolder()
        let journal = try Journal(folder: folder.path, limits: Limits.LocalProvider()) { Issue.record($0) }
        let record = Journal.Record(
            at: Timestamp(milliseconds: 1),
            actor: .user("ada"),
            method: "DELETE",
            path: "/messages/m1",
            query: ["hard": "true"],
            body: []
        )
        for count in 1...20 {
            journal.append(record)
            await withCheckedContinuation { done in journal.settle { done.resume() } }
            #expect(try Self.paths(in: folder) == [String](repeating: "/messages/m1", count: count))
        }
        let isSettled = Mutex(false)
        await withCheckedContinuation { done in journal.clear { done.resume() } }
        journal.settle { isSettled.withLock { $0 = true } }
        #expect(isSettled.withLock { $0 }, "at once where nothing waits")
        #expect(try Self.paths(in: folder) == [])
    }

    private static func paths(in folder: TemporaryFolder) throws -> [String] {
        let journal = try Journal(folder: folder.path, limits: Limits.LocalProvider()) { Issue.record($0) }
        let paths = Mutex<[String]>([])
        try journal.replay { record in paths.withLock { $0.append(record.path) } }
        return paths.withLock { $0 }
    }
}
