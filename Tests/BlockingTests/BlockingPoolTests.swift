import Blocking
import Foundation
import TestSupport
import Testing

@Suite
struct BlockingPoolTests {
    private struct Refused: Error, Equatable {}

    @Test("As many calls block at once as there are threads, and no more")
    func threads() async {
        let most = 64
        let pool = BlockingPool(label: "pool-test", threads: most)
        let meeting = Meeting(of: most)
        let counts = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<most * 3 { group.addTask { await pool.run { meeting.attend() } } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        // A call returns only once as many as there are threads have come in.
        #expect(counts.count == most * 3)
        #expect(counts.max() == most)
    }

    @Test("What a call throws reaches its caller, and the thread goes on")
    func failures() async {
        let pool = BlockingPool(label: "pool-test", threads: 1)
        await #expect(throws: Refused()) { try await pool.run { () throws(Refused) in throw Refused() } }
        #expect(await pool.run { 7 } == 7)
    }

    @Test("Its threads end with it")
    func end() async throws {
        let label = "pool-\(UInt16.random(in: 0...UInt16.max))"
        var pool: BlockingPool? = BlockingPool(label: label, threads: 4)
        await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { [pool] in await pool?.run {} } }
        }
        #expect(threads(named: label) > 0)
        pool = nil
        try await eventually { threads(named: label) == 0 }
    }

    private func threads(named label: String) -> Int {
        let folder = "/proc/self/task"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).map {
            try? String(contentsOfFile: "\(folder)/\($0)/comm", encoding: .utf8)
        }
        return names.count { $0?.hasPrefix(label) == true }
    }
}

/// Lets callers go on once so many have come; says how many were there at once.
///
/// `@unchecked Sendable`: everything is touched with the condition's lock held.
private final class Meeting: @unchecked Sendable {
    private let size: Int
    private let condition = NSCondition()
    private var present = 0
    private var most = 0
    private var isOpen = false

    init(of size: Int) { self.size = size }

    func attend() -> Int {
        condition.withLock {
            present += 1
            most = max(most, present)
            if present == size {
                isOpen = true
                condition.broadcast()
            }
            while !isOpen { condition.wait() }
            defer { present -= 1 }
            return most
        }
    }
}
