import Foundation
import Testing

@testable import Blocking

struct ThreadExecutorTests {
    private actor Resident {
        nonisolated let executor = ThreadExecutor(label: "resident")
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        func thread() -> UInt { here() }
    }

    @Test func aTaskThatPrefersItStaysOnItsThread() async {
        let resident = Resident()
        let threads = await Task(executorPreference: resident.executor) {
            let before = here()
            let inside = await resident.thread()
            return [before, inside, here()]
        }.value
        #expect(Set(threads).count == 1)
        #expect(threads[0] != here())
    }

    @Test func callsOfOneActorKeepTheirOrder() async {
        let resident = Resident()
        let order = Locked<[Int]>([])
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask(executorPreference: resident.executor) { order.withLock { $0.append(number) } }
            }
        }
        #expect(order.withLock { $0 } == Array(0..<100))
    }

    /// How a thread stands with the kernel is its own; asking for short turns changes nothing else.
    @Test func aThreadStepsBackByItself() async {
        let own = niceness()
        #expect(await standing(of: .steppingBack(own + 5)) == own + 5)
        #expect(await standing(of: .awaited) == own)
        #expect(await standing(of: .usual) == own)
        #expect(niceness() == own)
    }

    private func standing(of urgency: ThreadUrgency) async -> Int32 {
        await withCheckedContinuation { continuation in
            Thread.start(label: "urgency", urgency: urgency) { continuation.resume(returning: niceness()) }
        }
    }
}

/// The calling thread.
private func here() -> UInt { UInt(pthread_self()) }

private func niceness() -> Int32 { getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) }
