import Chat
import History
import Limits
import MongoDB
import Rules
import TestSupport
import Testing

/// `fact.user.blocked_here`: a message of somebody whom a member of the channel has blocked.
struct BlockedHereTests {
    private static let rules = """
        rules:
          - { id: blocked, when: { fact.user.blocked_here: { at_least: 1 } }, then: [{ label: unwanted }] }
        """

    private static func member(_ user: String, in cid: String, leaves: Bool = false, at time: Timestamp) -> String {
        """
        {"type":"member.\(leaves ? "removed" : "added")","created_at":"\(time.rfc3339)","cid":"\(cid)",\
        "user":{"id":"\(user)"},"member":{"user_id":"\(user)","created_at":"\(time.rfc3339)",\
        "updated_at":"\(time.rfc3339)"}}
        """
    }

    @Test func countsMembersWhoBlockTheSender() async throws {
        let engine = try DecisionRules.engine(Self.rules)
        let database = freshDatabaseName()
        try await blocking {
            let start = DecisionConvergenceTests.start
            var limits = Limits.Rules()
            limits.blockMembers = 3
            let node = try StoredDecisions(sharedMongoPool(), database, engine, at: start, limits: limits)
            let queries = HistoryQueries(node.store, limits: Limits.Query())
            for blocked in ["u1", "u2"] {
                let block = UserBlock(blocker: "ada", blocked: blocked, at: start)
                let outcome = try queries.block(block, Limits.Standing(), at: start)
                #expect(outcome == .blocked)
            }
            var members = ["here": ["ada", "u1"], "elsewhere": ["bob", "u1"], "crowd": ["ada", "u1", "c", "d"]]
            members["left"] = ["ada", "u1"]
            for (channel, users) in members {
                try node.commit(users.map { Self.member($0, in: "messaging:\(channel)", at: start) })
            }
            let later = start.after(seconds: 1)
            try node.commit([Self.member("ada", in: "messaging:left", leaves: true, at: later)])
            for channel in members.keys.sorted() {
                let time = start.after(seconds: 2)
                let own = #","blocked_here":9"#
                try node.commit([
                    Body.message("\(channel)-1", by: "u1", in: "messaging:\(channel)", "Hi", at: time),
                    Body.message("\(channel)-2", by: "ada", in: "messaging:\(channel)", "Hi", at: time, user: own),
                ])
            }
            #expect(try node.standing.keys.sorted() == ["message.new/here-1/0"])
            // A block that comes later changes no decision, and one taken back none either.
            _ = try queries.unblock(UserBlock(blocker: "ada", blocked: "u1", at: start))
            let last = start.after(seconds: 3)
            try node.commit([Body.message("here-3", by: "u1", in: "messaging:here", "Hi again", at: last)])
            #expect(try node.standing.keys.sorted() == ["message.new/here-1/0"])
            try dropDatabase(database, in: sharedMongoPool())
        }
    }
}
