import Analytics
import TestSupport
import Testing

/// What is taken in batch by batch is what going through all messages gives.
struct ConversationRecordTests {
    /// What is kept of one channel, as batches and the keeper leave it.
    private struct Kept {
        var record = ConversationRecord(cid: "messaging:room")
        var answers: [Turn] = []
        var messages: [SpokenMessage] = []

        /// - Returns: whether it had to be gone through again.
        mutating func add(_ batch: [SpokenMessage]) -> Bool {
            messages += batch
            var change = SpokenChange()
            change.added = batch
            answers += record.take(change)
            guard let due = record.due else { return false }
            #expect(batch.contains { $0.at == due })
            walkAgain()
            return true
        }

        mutating func change(_ index: Int, by: String) {
            messages[index].by = by
            var change = SpokenChange()
            change.changedSince = messages[index].at
            #expect(record.take(change) == [])
            #expect(record.due == messages[index].at)
            walkAgain()
        }

        private mutating func walkAgain() {
            let walk = Self.walk(messages)
            (record.conversation, record.due, answers) = (walk.conversation, nil, walk.answers)
        }

        static func walk(_ messages: [SpokenMessage]) -> ConversationWalk {
            var walk = ConversationWalk(after: nil)
            for message in messages.sorted(by: { $0.place < $1.place }) { walk.add(message) }
            return walk
        }
    }

    @Test(arguments: [true, false]) func equalsOneWalk(isInOrder: Bool) throws {
        var random = SeededRandom()
        for _ in 0..<300 {
            var messages = (0..<Int.random(in: 1...40, using: &random)).map { index in
                SpokenMessage(
                    id: "m\(index)",
                    at: Int64.random(in: 0..<30, using: &random),
                    by: ["ada", "ben", "sam"].randomElement(using: &random) ?? "",
                    seller: Bool.random(using: &random) ? "sam" : nil
                )
            }
            if isInOrder { messages.sort { $0.place < $1.place } }
            var (kept, walked) = (Kept(), 0)
            while !messages.isEmpty {
                let count = min(messages.count, Int.random(in: 1...6, using: &random))
                if kept.add(messages.prefix(count).shuffled(using: &random)) { walked += 1 }
                messages.removeFirst(count)
                guard !isInOrder, Int.random(in: 0..<5, using: &random) == 0 else { continue }
                kept.change(Int.random(in: 0..<kept.messages.count, using: &random), by: "eve")
            }
            let walk = Kept.walk(kept.messages)
            try #require(kept.record.conversation == walk.conversation, "TEST_SEED=\(random.seed)")
            try #require(kept.answers == walk.answers, "TEST_SEED=\(random.seed)")
            try #require(!isInOrder || walked == 0, "TEST_SEED=\(random.seed)")
        }
    }

    @Test func whatIsDueTakesNothingIn() {
        let first = SpokenMessage(id: "m1", at: 10, by: "ada")
        var record = ConversationRecord(cid: "messaging:room", due: 5)
        var change = SpokenChange()
        change.added = [first]
        #expect(record.take(change) == [])
        #expect(record == ConversationRecord(cid: "messaging:room", due: 5))
        change.changedSince = 3
        #expect(record.take(change) == [])
        #expect(record.due == 3)
    }
}
