import Limits
import Synchronization
import Testing

@testable import WebhookIngest

struct StoredWaiterTests {
    private final class Answers: Sendable {
        private let answers = Mutex<[Int64: [Bool]]>([:])
        func note(_ sequence: Int64) -> StoredWaiter.Completion {
            { isStored in self.answers.withLock { $0[sequence, default: []].append(isStored) } }
        }
        subscript(sequence: Int64) -> [Bool]? { answers.withLock { $0[sequence] } }
    }

    private static func limits(seconds: Int = 60, early: Int = 100) -> Limits.Ingest {
        var limits = Limits.Ingest()
        limits.storedAckSeconds = seconds
        limits.storedEarly = early
        return limits
    }

    @Test func answersWhenStored() {
        let waiter = StoredWaiter(limits: Self.limits())
        let answers = Answers()
        for sequence in 1...3 as ClosedRange<Int64> {
            waiter.register(sequence, completion: answers.note(sequence))
        }
        waiter.stored([2, 3, 99])
        waiter.stored([2])
        #expect(answers[1] == nil)
        #expect(answers[2] == [true])
        #expect(answers[3] == [true])
    }

    @Test func storedBeforeRegisteredIsRemembered() {
        let waiter = StoredWaiter(limits: Self.limits(early: 4))
        let answers = Answers()
        waiter.stored([1, 2, 3, 4])
        waiter.register(1, completion: answers.note(1))
        #expect(answers[1] == [true])
        // The oldest are forgotten when there are too many.
        waiter.stored([5])
        waiter.register(2, completion: answers.note(2))
        waiter.register(5, completion: answers.note(5))
        #expect(answers[2] == nil)
        #expect(answers[5] == [true])
    }

    @Test func losesPatience() async {
        let waiter = StoredWaiter(limits: Self.limits(seconds: 0))
        let isStored = await withCheckedContinuation { continuation in
            waiter.register(1) { continuation.resume(returning: $0) }
        }
        #expect(!isStored)
        // And goes on to the next.
        let next = await withCheckedContinuation { continuation in
            waiter.register(2) { continuation.resume(returning: $0) }
        }
        #expect(!next)
    }
}
