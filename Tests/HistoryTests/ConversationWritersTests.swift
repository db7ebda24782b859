import Analytics
import TestSupport
import Testing

/// What is kept of who wrote in a conversation, beside its messages.
struct ConversationWritersTests {
    private static let people = (0..<14).map { "u\($0)" }

    private static func writers(_ messages: some Sequence<SpokenMessage>) -> ConversationWriters {
        var writers = ConversationWriters()
        for message in messages { writers.note(message) }
        return writers
    }

    private static func messages(_ random: inout SeededRandom) -> [SpokenMessage] {
        let people = people.prefix(Int.random(in: 1...14, using: &random))
        let made = (0..<Int.random(in: 1...60, using: &random)).map { index in
            SpokenMessage(
                id: "m\(index)",
                at: Int64.random(in: 0..<40, using: &random),
                by: people.randomElement(using: &random) ?? ""
            )
        }
        return made.sorted { $0.place < $1.place }
    }

    /// As if what came later had never been.
    @Test func standAsTheyStood() throws {
        var random = SeededRandom()
        for _ in 0..<300 {
            let messages = Self.messages(&random)
            let time = Int64.random(in: -1...41, using: &random)
            let before = messages.filter { $0.at <= time }
            let found = Self.writers(messages).until(time) { id in before.last { $0.by == id }?.at }
            try #require(found == Self.writers(before), "TEST_SEED=\(random.seed)")
        }
    }

    @Test func tellWhoWroteWhereTheyKnow() throws {
        var (random, unknown, known) = (SeededRandom(), 0, 0)
        for _ in 0..<300 {
            let messages = Self.messages(&random)
            let start = Int64.random(in: 0..<40, using: &random)
            let range = start..<Int64.random(in: start...41, using: &random)
            switch Self.writers(messages).participants(in: range) {
            case .unknown: unknown += 1
            case .known(let users):
                known += 1
                try #require(
                    users == Set(messages.filter { range.contains($0.at) }.map(\.by)),
                    "TEST_SEED=\(random.seed)"
                )
            }
        }
        #expect(unknown > 0 && known > 0)
        // Up to now nothing is unknown but a crowd.
        let pair = Self.writers((0..<9).map { SpokenMessage(id: "m\($0)", at: $0, by: Self.people[Int($0 % 2)]) })
        #expect(pair.participants(in: 3..<9) == .known(["u0", "u1"]))
        #expect(pair.participants(in: 3..<5) == .unknown)
    }

    /// Everyone with everyone, each once, since the later of the two wrote; a crowd's first alone.
    @Test func areConnected() {
        let crowd = Self.writers(Self.people.enumerated().map { SpokenMessage(id: "m", at: Int64($0), by: $1) })
        #expect(crowd.known.map(\.id) == Array(Self.people.prefix(ConversationWriters.most)))
        #expect(crowd.othersSince == Int64(ConversationWriters.most))
        let all = crowd.connections()
        #expect(all.count == ConversationWriters.most * (ConversationWriters.most - 1) / 2)
        #expect(Set(all.map { [$0.one, $0.other] }).count == all.count)
        #expect(all.allSatisfy { $0.one < $0.other })
        #expect(crowd.connections(beyond: 9) == all.filter { $0.at >= 9 })
        #expect(Connection("b", "a", at: 1) == Connection("a", "b", at: 1))
    }
}
