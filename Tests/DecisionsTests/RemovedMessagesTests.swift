import Chat
import Rules
import TestSupport
import Testing

/// `user.removed_messages`: what others than the user and the rules themselves have removed of a user's messages.
struct RemovedMessagesTests {
    @Test(arguments: [("mod", true), ("u1", false), ("backchannel", false)])
    func countsWhatOthersRemoved(_ remover: String, _ isCounted: Bool) async throws {
        let rules = """
            rules:
              - { id: again, when: { user.removed_messages: { at_least: 2 } }, then: [{ label: watched }] }
            """
        let engine = try DecisionRules.engine(rules)
        let database = freshDatabaseName()
        try await blocking {
            let start = DecisionConvergenceTests.start
            let node = try StoredDecisions(sharedMongoPool(), database, engine, at: start)
            for number in 1...2 {
                try node.commit([Body.message("m\(number)", "Hello", at: start.after(seconds: Int64(number)))])
                let removal = start.after(seconds: 10 + Int64(number))
                try node.commit([Body.deletion("m\(number)", isHard: false, by: remover, at: removal)])
            }
            try node.commit([Body.message("m3", "Hello again", at: start.after(seconds: 20))])
            try node.commit([Body.message("m4", by: "u2", "Hello from another", at: start.after(seconds: 21))])
            let fired = try node.standing.keys.sorted()
            #expect(fired == (isCounted ? ["message.new/m3/0"] : []), "\(remover)")
            try dropDatabase(database, in: sharedMongoPool())
        }
    }
}
