import Analytics
import Chat
import Foundation
import MongoDB
import TestSupport
import Testing

@testable import History

/// After an erasure the database holds nothing of the user but a tombstone's key, whatever comes later.
struct ErasureTests {
    static let user = "u-5c1f0e"
    static let name = "Name of u-5c1f0e"
    static let texts = ["a very private text", "a corrected private text", "an answer in private"]
    static let channel = "messaging:market"
    static let now = Timestamp(milliseconds: 1_900_000_000_000)

    /// What the app told of the user.
    private static var facts: BSONDocument {
        var document = BSONDocument()
        document.append("_id", joinedID("user", user))
        document.append("kind", "user")
        document.append("fields", #"{"email":"\#(user)@example.com"}"#)
        return document
    }

    /// One that concerned the user alone, and one that was given up.
    private static var effects: [BSONDocument] {
        [("\(user)/1/x/ban", user, "done", nil), ("m9/1/x/mail", "messaging:other", "dead", #"{"to":"\#(user)"}"#)].map
        {
            let (key, lane, state, payload) = $0
            var document = BSONDocument.id(key)
            document.append("lane", lane)
            document.append("state", state)
            document.append("payload", ifPresent: payload)
            return document
        }
    }

    /// To the seller of a listing, who turned out to be the user: at first in vain.
    private static func effectToSeller(_ state: String, payload: String? = nil) -> BSONDocument {
        let answer = "user \(user) has no fact email; tell it with PUT /api/v1/facts/user/{id}, then retry"
        var document = BSONDocument.id("\(state)/1/new-offer/email seller")
        document.append("lane", "messaging:other")
        document.append("state", state)
        document.append("payload", ifPresent: payload)
        document.append("answer", state == "done" ? "250" : answer)
        document.append("timeline") { (entries: inout BSONArray) in
            entries.append {
                $0.append("what", "dead")
                $0.append("detail", answer)
            }
        }
        return document
    }

    @Test func whatWasAnsweredNamesNobody() async throws {
        try await withFreshDatabase { pool, database in
            let history = try StoredHistory.open(pool, database, weights: EngagementWeights())
            let order = #"{"kind":"new-offer","to":"seller","message":"m9"}"#
            var named = Self.effectToSeller("scheduled", payload: #"{"to":"\#(Self.user)"}"#)
            named.append("due", date: Self.now.milliseconds)
            let others = [
                "user \(Self.user)x has no fact email", "user x-\(Self.user) has no fact email", "answered 500",
            ]
            let kept = others.enumerated().map { index, answer in
                var document = BSONDocument.id("kept\(index)")
                document.append("state", "dead")
                document.append("payload", order)
                document.append("answer", answer)
                return document
            }
            let effects = [Self.effectToSeller("dead", payload: order), Self.effectToSeller("done"), named] + kept
            try history.writer.connection.insert(effects, into: Collection.outbox.rawValue, in: database)
            let report = try history.store.erase(user: Self.user, at: Self.now)
            #expect(report[.effects] == 3)
            try history.forEach(.outbox) { row in
                let id = row.string("_id") ?? ""
                guard !id.hasPrefix("kept") else { return #expect(row.string("answer") != nil) }
                #expect(row.string("answer") == nil && row.array("timeline") == nil, "\(id)")
                // What was not named in it can still be tried again.
                #expect((row.string("payload") != nil) == id.hasPrefix("dead"), "\(id)")
                guard id.hasPrefix("scheduled") else { return }
                #expect(row.string("state") == "cancelled" && row.date("due") == nil && row.date("finished") != nil)
            }
        }
    }

    /// A channel that the app asked for, with the user in it.
    private static var channelObject: BSONDocument {
        var document = BSONDocument()
        document.append("_id", "messaging:event-1")
        document.append("created_by", user)
        document.append("members", ["other", user])
        document.append("sent_members", [user])
        return document
    }

    /// A notification that waits for the user.
    private static var decision: BSONDocument {
        let seen = Decision.Input(name: "user.id", answer: .value(.text(user)))
        let subject = Decision.Subject(
            event: EventID(bytes: [1, 2, 3]),
            type: EventType(rawValue: "message.new"),
            time: now,
            messageID: "decided",
            cid: "messaging:decided",
            userID: user
        )
        let decision = Decision(
            subject: subject,
            ruleSet: "set",
            enforced: .init(),
            shadow: .init(),
            fired: [.init(id: "rule", isShadow: false, actions: ["label"], values: [seen])],
            inputs: [seen],
            actions: []
        )
        return DecisionRecord(id: subject.decisionID, decision: decision, decidedAt: now, isLate: false).document
    }

    /// The user is a moderator, too, of others' messages; and others wrote something about the user.
    private static func desk(_ id: String) -> ReviewDesk {
        let by = id == "message:m3" ? user : "mia"
        var desk = ReviewDesk()
        (desk.assignee, desk.claim) = (by, ReviewClaim(by: by, token: "t", until: now))
        desk.notes = [ReviewNote(by: by, at: now, text: id == "message:m1" ? "\(name), again" : "fine")]
        desk.decisions = [
            ReviewDecision(
                number: 1,
                action: .ban,
                by: by,
                keyID: "k",
                at: now,
                reason: id == "message:m1" ? "\(name) again" : nil
            )
        ]
        return desk
    }

    private static var notification: BSONDocument {
        var document = BSONDocument()
        document.append("_id", "messaging:x/\(user)/unread-reminder/email")
        document.append("lane", user)
        document.append("action", "notification.unread-reminder")
        document.append("state", "scheduled")
        return document
    }

    @Test func leavesATombstone() async throws {
        try await withFreshDatabase { pool, database in
            let history = try StoredHistory.open(pool, database, weights: EngagementWeights())
            var events = SignedEvents()
            try history.apply(try Self.story(&events))
            try history.writer.keepDeadLetters(Self.deadLetters(&events))
            try history.writer.connection.insert([Self.facts], into: Collection.facts.rawValue, in: database)
            try history.writer.connection.insert(Self.effects, into: Collection.outbox.rawValue, in: database)
            let objects = Collection.channelObjects.rawValue
            try history.writer.connection.insert([Self.channelObject], into: objects, in: database)
            try history.writer.connection.insert([Self.notification], into: Collection.outbox.rawValue, in: database)
            try history.writer.connection.insert([Self.decision], into: Collection.decisions.rawValue, in: database)
            let blocks = [(Self.user, "other"), ("other", Self.user)].map {
                UserBlock(blocker: $0, blocked: $1, at: Self.now)
            }
            try history.writer.connection.insert(blocks.map(\.document), into: Collection.blocks.rawValue, in: database)
            let verdict = SpamLabel(messageID: "m3", isSpam: true, by: Self.user, at: Self.now)
            let labels = Collection.spamLabels.rawValue
            _ = try history.writer.connection.update([verdict.update], in: labels, of: database)
            let entry = AuditEntry(
                "user.ban",
                of: .init("user", Self.user),
                by: .command,
                actor: Self.user,
                at: Self.now
            )
            try AuditChain().append([entry], to: history.store)
            for id in ["message:m1", "message:m3"] {
                try history.corrupt(.reviewQueue, id) { $0.append("$set", Self.desk(id).document) }
            }
            try history.sweep()
            try #require(Self.traces(in: history).count > 20)

            let report = try history.store.erase(user: Self.user, at: Self.now)
            try #require(Self.traces(in: history) == [])
            try Self.expectConsistent(history)
            for kind in ErasureReport.Kind.allCases { try #require(report[kind] > 0, "\(kind.rawValue)") }
            try #require(report[.messages] == 2)
            try #require(report[.messageEdits] == 1)
            try #require(report[.deadLetters] == 3)
            try #require(report[.effects] == 2)
            try #require(history.store.erase(user: Self.user, at: Self.now) == report)

            // Figures survive, under a pseudonym.
            let pseudonym = Pseudonym.of(Self.user, salt: history.store.settings.salt)
            var counted: BSONDocument?
            try history.forEach(.users) { if $0.string("_id") == pseudonym { counted = $0 } }
            try #require(counted?.int64("total_messages_sent") == 2)
            try #require(counted?.int64("total_reactions") == 1)
        }
    }

    /// Whom an erasure should have taken out of the review queue is reported, and taken out by a rebuild.
    @Test func whoeverIsLeftInTheReviewQueueIsFound() async throws {
        try await withFreshDatabase { pool, database in
            let history = try StoredHistory.open(pool, database, weights: EngagementWeights())
            var events = SignedEvents()
            try history.apply(try Self.story(&events))
            _ = try history.store.erase(user: Self.user, at: Self.now)
            try history.corrupt(.reviewQueue, "message:m3") { $0.append("$set", Self.desk("message:m3").document) }
            var differences: [Difference] = []
            _ = try Verifier(history.store).run { differences.append($0) }
            try #require(differences.map(\.collection) == ["review_queue"])
            try #require(differences[0].stored == Self.user && differences[0].id == "message:m3")
            _ = try Rebuilder(history.store) { _ in }.run()
            try #require(Self.traces(in: history) == [])
            try Self.expectConsistent(history)
        }
    }

    @Test func lateEventsBringNothingBack() async throws {
        try await withFreshDatabase { pool, database in
            let history = try StoredHistory.open(pool, database, weights: EngagementWeights())
            var events = SignedEvents()
            try history.apply(try Self.story(&events))
            _ = try history.store.erase(user: Self.user, at: Self.now)
            for (index, event) in try Self.late(&events).enumerated() {
                try history.apply([event])
                try #require(Self.traces(in: history) == [], "late event \(index), \(event.type)")
            }
            try history.writer.keepDeadLetters(Self.deadLetters(&events))
            try #require(Self.traces(in: history) == [])
            try history.sweep()
            try #require(Self.traces(in: history) == [])
            try Self.expectConsistent(history)
        }
    }

    /// The same story told after the erasure leaves the same as one told before it.
    @Test func whatComesFirstDoesNotMatter() async throws {
        try await withFreshDatabase { pool, database in
            let history = try StoredHistory.open(pool, database, weights: EngagementWeights())
            _ = try history.store.erase(user: Self.user, at: Self.now)
            var events = SignedEvents()
            for event in try Self.story(&events).reversed() { try history.apply([event]) }
            try history.sweep()
            try #require(Self.traces(in: history) == [])
            try Self.expectConsistent(history)
        }
    }

    /// Steps of one document each, as if interrupted after every one.
    @Test func goesOnWhereItStopped() async throws {
        try await withFreshDatabase { pool, database in
            let history = try StoredHistory.open(pool, database, weights: EngagementWeights())
            var events = SignedEvents()
            try history.apply(try Self.story(&events))
            try history.writer.keepDeadLetters(Self.deadLetters(&events))
            let deletion = try events.event(
                "user.deleted",
                at: 500,
                "\"hard_delete\":true,\"user\":{\"id\":\"\(Self.user)\"}"
            )
            try history.apply([deletion])
            try history.sweep(messages: 1)
            try #require(Self.traces(in: history) == [])
            try Self.expectConsistent(history)
        }
    }

    @Test(arguments: ["", "erased:0011223344556677", String(repeating: "x", count: 1_025)])
    func refusesWhatIsNoID(_ id: String) async throws {
        try await withFreshDatabase { pool, database in
            let history = try StoredHistory.open(pool, database, weights: EngagementWeights())
            #expect(throws: MongoError.self) { try history.store.erase(user: id, at: Self.now) }
            var users = 0
            try history.forEach(.users) { _ in users += 1 }
            try #require(users == 0)
        }
    }

    /// Quoted ids are found in JSON, in escapes, and in what is cut short.
    @Test(arguments: [
        (#"{"user":{"id":"u-5c1f0e"}}"#, true), (#"{"user":{"id":"\u0075-5c1f0e"}}"#, true),
        (#"{"text":"half a bo\"dy,"id":"u-5c1f0e"#, true), (#"x""u-5c1f0e""#, true),
        (#"{"text":"u-5c1f0e is not the user here"}"#, false), (#"{"u-5c1f0e2":1}"#, false), ("", false),
    ])
    func findsQuotedIDs(_ body: String, _ isFound: Bool) {
        #expect(QuotedStrings.all(in: Array(body.utf8), bytesMost: 64).contains(Self.user) == isFound)
    }

    // MARK: What is left

    /// Documents with a byte of the user's id, name or texts in them; the tombstone's own key does not count.
    private static func traces(in history: StoredHistory) throws -> [String] {
        var found: [String] = []
        let needles = ([user, name] + texts).map { Data($0.utf8) }
        try history.forEachDocument { collection, document in
            var bytes = Data(document.bytes)
            if collection == "users", document.string("_id") == user {
                bytes = Data(
                    document.reduce(into: BSONDocument()) { if $1.key != "_id" { $0.append($1.key, value: $1.value) } }
                        .bytes
                )
            }
            for needle in needles where bytes.range(of: needle) != nil {
                found.append("\(collection): \(String(decoding: needle, as: UTF8.self)) in \(document.text)")
            }
        }
        return found
    }

    private static func expectConsistent(_ history: StoredHistory) throws {
        var differences: [Difference] = []
        let secrets = [(key: Optional(SignedEvents.apiKey), secret: SignedEvents.secret)]
        let report = try Verifier(history.store, secrets: secrets).run { differences.append($0) }
        try #require(differences == [])
        try #require(report.waitingSweeps == [])
    }
}
