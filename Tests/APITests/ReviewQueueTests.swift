import Chat
import Decisions
import HTTPClient
import History
import Limits
import Moderation
import MongoDB
import Outbox
import Provider
import Rules
import TestSupport
import Testing

/// The review queue over REST: what gets into it, who claims it, what is decided, and what follows.
struct ReviewQueueTests {
    private static let queue = "/api/v1/review-queue"

    private static func path(_ id: String, _ verb: String? = nil) -> String {
        "\(queue)/\(id.replacing(":", with: "%3A"))" + (verb.map { "/\($0)" } ?? "")
    }

    /// With a provider that calls are checked for and that is never called.
    private static func setup() -> TestService.Setup {
        let nowhere = StreamCredentials(apiKey: "key", secret: "secret", baseURL: "http://127.0.0.1:1")
        let client = StreamClient(credentials: nowhere, http: HTTPClient(), now: { Timestamp(milliseconds: 0) })
        return TestService.Setup(provider: client)
    }

    /// Three messages of ada and one of ben in one channel.
    private static func story(_ service: TestService) async throws {
        try await service.store([
            Story.message("m1", "hello there", at: "2026-05-20T10:00:00.000Z"),
            Story.message("m2", "buy now at +47 912 34 567", at: "2026-05-20T10:01:00.000Z"),
            Story.message("m3", "nothing special", by: "ben", at: "2026-05-20T10:02:00.000Z"),
            Story.message("m4", "last", at: "2026-05-20T10:03:00.000Z"),
        ])
    }

    private static func report(
        _ service: TestService,
        _ subject: String,
        by reporter: String,
        more: String = ""
    ) async throws -> Answer {
        let parts = subject.split(separator: ":", maxSplits: 1)
        let body = #"{"\#(parts[0])":"\#(parts[1])","reporter":"\#(reporter)"\#(more)}"#
        return try await service.send("POST", "/api/v1/reports", body: body)
    }

    private static func ids(_ page: JSON) -> [String] { (page["data"]?.array ?? []).compactMap { $0["_id"]?.string } }

    // MARK: What gets in

    @Test func whateverSpeaksAgainstAMessageIsOneItem() async throws {
        try await withService(Self.setup()) { service in
            try await Self.story(service)
            try await service.store([
                Story.message(
                    "m2",
                    "buy now at +47 912 34 567",
                    at: "2026-05-20T10:01:00.000Z",
                    event: "message.flagged",
                    eventMore: #","reason":"spam","message_id":"m2","flag":{"user":{"id":"cleo"}}"#,
                    updated: "2026-05-20T11:00:00.000Z"
                ),
                """
                {"type":"review_queue_item.new","created_at":"2026-05-20T11:01:00Z","review_queue_item":{"id":"rq1",\
                "created_at":"2026-05-20T11:01:00Z","entity_type":"stream:chat:v1:message","entity_id":"m2",\
                "status":"pending","severity":75,"recommended_action":"remove","flags":[{"labels":["SCAM"]}]}}
                """,
                Story.event(
                    "user.flagged",
                    user: "ben",
                    at: "2026-05-20T11:02:00Z",
                    more: #","target_user":{"id":"ada"},"reason":"rude""#
                ),
            ])
            let reported = try await Self.report(
                service,
                "message:m2",
                by: "dora",
                more: #","reason":"Spam!","label":"spam""#
            )
            #expect(reported.status == 202)
            let again: JSON = try await Self.report(service, "message:m2", by: "dora").decode()
            #expect(again["counted"] == false && again["complaints"] == 2)
            #expect(try await Self.report(service, "user:ada", by: "dora").status == 202)

            let page = try await service.get(Self.queue)
            #expect(Self.ids(page) == ["message:m2", "user:ada"])
            let item = try #require(page["data"]?[0])
            #expect(item["severity"] == "high" && item["status"] == "open" && item["place"] == "messaging")
            #expect(item["user_id"] == "ada" && item["cid"] == "messaging:listing_7_ada_bob")
            #expect(item["labels"] == ["SCAM", "spam"] && item["complaints"] == 2)
            #expect(item["since"] == "2026-05-20T11:00:00.000Z")
            let kinds = (item["sources"]?.array ?? []).map { "\($0["kind"]?.string ?? "") \($0["by"]?.string ?? "")" }
            #expect(kinds == ["flag ada", "provider rq1", "report dora"])
            #expect(try await service.get(Self.path("user:ada"))["message"] == .null)
        }
    }

    /// The rule that flags or holds is a source, with the labels that all rules set.
    @Test func whatRulesFlagAndHoldWaitsForModerators() async throws {
        let rules = """
            rules:
              - { id: offers, when: [ text: { contains: buy now } ], then: [ { label: spam }, flag ] }
              - { id: numbers, when: [ text: { phones: true } ], then: [ { hold: { reason: A number, severity: high } } ] }
              - { id: tried, mode: shadow, when: [ text: { contains: hello } ], then: [ hold ] }
            """
        let files = [RuleFile(name: "rules.yaml", bytes: Array(rules.utf8))]
        var setup = Self.setup()
        setup.rules = try LoadedRules(files: files, settings: TestService.ruleSettings()).engine
        try await withService(setup) { service in
            try await service.store([
                Story.message("m1", "hello", at: "2026-05-20T11:59:00.000Z"),
                Story.message("m2", "buy now at +47 912 34 567", at: "2026-05-20T11:59:01.000Z"),
                Story.message("m3", "Buy now!", by: "ben", at: "2026-05-20T11:59:02.000Z"),
            ])
            let page = try await service.get("\(Self.queue)?source=rule")
            #expect(Self.ids(page) == ["message:m2", "message:m3"])
            let held = try #require(page["data"]?[0])
            #expect(held["severity"] == "high" && held["labels"] == ["spam"] && held["complaints"] == 0)
            let sources = (held["sources"]?.array ?? []).map {
                "\($0["by"]?.string ?? ""): \($0["reason"]?.string ?? "")"
            }
            // Of what rules want of one message the strongest counts.
            #expect(sources == ["numbers: A number"])
            #expect(page["data"]?[1]?["severity"] == "medium" && page["data"]?[1]?["user_id"] == "ben")
            let context = try await service.get(Self.path("message:m2"))
            #expect(context["rule_decisions"]?[0]?["message_id"] == "m2")
        }
    }

    @Test func aReviewOfAMessageThatComesLaterFindsIt() async throws {
        try await withService(Self.setup()) { service in
            try await service.store([
                """
                {"type":"moderation.flagged","created_at":"2026-05-20T11:01:00Z","content_type":"message","object_id":"m9"}
                """
            ])
            let early = try await service.get(Self.path("message:m9"))
            #expect(early["user_id"] == .null && early["message"] == .null)
            let refused = try await service.send(
                "POST",
                Self.path("message:m9", "decide"),
                body: #"{"moderator":"mia","action":"delete"}"#
            )
            #expect(refused.status == 409 && refused.text.contains("on its way"))
            try await service.store([Story.message("m9", at: "2026-05-20T10:00:00.000Z")])
            let late = try await service.get(Self.path("message:m9"))
            #expect(late["user_id"] == "ada" && late["place"] == "messaging" && late["message"]?["text"] == "hello")
        }
    }

    @Test func aModeratorsFlagIsAnItemAndTakingItBackDecidesIt() async throws {
        try await withService(Self.setup()) { service in
            try await Self.story(service)
            let flag = "\(TestService.messagesPath)/m1"
            for _ in 0..<2 {
                let body = #"{"moderator":"mia","reason":"look at it"}"#
                #expect(try await service.send("PATCH", "\(flag)/flag", body: body).status == 200)
            }
            #expect(Self.ids(try await service.get("\(Self.queue)?source=moderator")) == ["message:m1"])
            #expect(try await service.send("PATCH", "\(flag)/unflag", body: #"{"moderator":"mia"}"#).status == 200)
            #expect(Self.ids(try await service.get(Self.queue)) == [])
            #expect(try await service.send("PATCH", "\(flag)/unflag", body: #"{"moderator":"mia"}"#).status == 200)
            let body = #"{"moderator":"mia","reason":"after all"}"#
            #expect(try await service.send("PATCH", "\(flag)/flag", body: body).status == 200)
            #expect(Self.ids(try await service.get(Self.queue)) == ["message:m1"])
            // Nothing to decide about: no item comes of it.
            let unflag = "\(TestService.messagesPath)/m4/unflag"
            #expect(try await service.send("PATCH", unflag, body: #"{"moderator":"mia"}"#).status == 200)
            #expect(Self.ids(try await service.get("\(Self.queue)?status=any&user=ada")) == ["message:m1"])
        }
    }

    // MARK: Lists

    @Test func pagesAreCompleteInEveryOrder() async throws {
        try await withService(Self.setup()) { service in
            let severities: [Severity] = [.high, .low, .critical, .medium, .low, .high, .low]
            let documents = severities.enumerated().map { index, severity in
                var item = ReviewCaseRecord(.message("m\(index)"))
                item.describe(cid: "messaging:c\(index % 2)", author: "u\(index % 3)")
                // Some at the same moment.
                let time = Timestamp(milliseconds: 1_779_270_000_000 + Int64(index / 2) * 1_000)
                let stamp = Stamp(time: time, tieBreak: 1)
                item.add(ReviewSource(.rule, by: "r", at: stamp, labels: ["l\(index % 2)"], severity: severity))
                return item.document
            }
            try await service.insert(documents, into: .reviewQueue)
            let orders = [
                "severity": ["m2", "m0", "m5", "m3", "m1", "m4", "m6"],
                "oldest": ["m0", "m1", "m2", "m3", "m4", "m5", "m6"],
                "newest": ["m6", "m5", "m4", "m3", "m2", "m1", "m0"],
            ]
            for (order, expected) in orders {
                for filter in [
                    "", "&label=l1", "&channel=messaging:c0", "&user=u1", "&severity=low", "&source=rule",
                    "&status=any&channel=messaging:c0", "&place=messaging", "&status=open",
                ] {
                    let wanted = expected.filter { id in
                        let index = Int(id.dropFirst()) ?? 0
                        return switch filter {
                        case "&label=l1": index % 2 == 1
                        case "&channel=messaging:c0", "&status=any&channel=messaging:c0": index % 2 == 0
                        case "&user=u1": index % 3 == 1
                        case "&severity=low": severities[index] == .low
                        default: true
                        }
                    }
                    for limit in [1, 2, 3, 7] {
                        var (found, cursor): ([String], String?) = ([], nil)
                        repeat {
                            let query =
                                "?order=\(order)&limit=\(limit)\(filter)" + (cursor.map { "&cursor=\($0)" } ?? "")
                            let page = try await service.get(Self.queue + query)
                            found += Self.ids(page)
                            cursor = page["next"]?.string
                        } while cursor != nil && found.count < 20
                        #expect(found == wanted.map { "message:\($0)" }, "\(order) \(filter) \(limit)")
                    }
                }
            }
            let first = try await service.get("\(Self.queue)?limit=1")
            let cursor = try #require(first["next"]?.string)
            let other = try await service.send("GET", "\(Self.queue)?order=oldest&cursor=\(cursor)")
            #expect(other.status == 400 && other.text.contains("another order"))
        }
    }

    /// No page is looked for in all items, or sorted, but those of one channel, user or moderator.
    @Test func pagesComeFromAnIndexInTheirOrder() async throws {
        try await withService(Self.setup()) { service in
            _ = try await service.get(Self.queue)
            var queries: [ReviewQuery] = []
            for order in ReviewQuery.Order.allCases {
                for status in [ReviewQuery.Status.undecided, .open, .decided] {
                    var query = ReviewQuery()
                    (query.order, query.status) = (order, status)
                    queries.append(query)
                    for change: (inout ReviewQuery) -> Void in [
                        { $0.severity = .high }, { $0.label = "a" }, { $0.place = "a" }, { $0.source = .rule },
                    ] {
                        var filtered = query
                        change(&filtered)
                        queries.append(filtered)
                    }
                }
            }
            let (history, wanted) = (service.history, queries)
            try await blocking {
                let store = try history.opened()
                for var query in wanted {
                    for after in [nil, ReviewPosition(rank: 2, at: Timestamp(milliseconds: 1), id: "message:m1")] {
                        query.after = after
                        for filter in query.filters(at: Timestamp(milliseconds: 1)) {
                            let stages = try Self.stages(of: query, filter, store)
                            #expect(stages.isDisjoint(with: ["COLLSCAN", "SORT", "SORT_MERGE"]), "\(query): \(stages)")
                        }
                    }
                }
            }
        }
    }

    private static func stages(
        of query: ReviewQuery,
        _ filter: BSONDocument,
        _ store: HistoryStore
    ) throws -> Set<String> {
        var command = BSONDocument()
        command.append("explain") {
            $0.append("find", Collection.reviewQueue.rawValue)
            $0.append("filter", filter)
            $0.append("sort", query.sort)
            $0.append("hint", query.index)
            $0.append("limit", Int64(51))
        }
        command.append("verbosity", "queryPlanner")
        let reply = try store.pool.withConnection { connection throws(MongoError) in
            try connection.command(command, on: store.database)
        }
        var stages: Set<String> = []
        func walk(_ stage: BSONDocument) {
            if let name = stage.string("stage") { stages.insert(name) }
            if let input = stage.document("inputStage") { walk(input) }
            for input in stage.array("inputStages") ?? [] { if let input = input.document { walk(input) } }
        }
        walk(try #require(reply.document("queryPlanner")?.document("winningPlan")))
        return stages
    }

    // MARK: Claims

    @Test func twoModeratorsNeverDecideTheSame() async throws {
        try await withService(Self.setup()) { service in
            try await Self.story(service)
            _ = try await Self.report(service, "message:m1", by: "dora")
            let claimPath = Self.path("message:m1", "claim")
            let claim: JSON = try await service.send("POST", claimPath, body: #"{"moderator":"mia"}"#).decode()
            #expect(claim["until"] == "2026-05-20T12:05:00.000Z")
            let token = try #require(claim["claim"]?.string)
            let refused = try await service.send("POST", claimPath, body: #"{"moderator":"max"}"#)
            #expect(refused.status == 409 && refused.text.contains("mia"))
            let early = try await service.send(
                "POST",
                Self.path("message:m1", "decide"),
                body: #"{"moderator":"max","action":"delete"}"#
            )
            #expect(early.status == 409)
            let open = try await service.get("\(Self.queue)?status=open")
            let claimed = try await service.get("\(Self.queue)?status=claimed")
            #expect(Self.ids(open) == [] && Self.ids(claimed) == ["message:m1"])
            #expect(!(try await service.send("GET", Self.path("message:m1")).text.contains(token)))

            // Held on to, and for longer.
            let renewed: JSON = try await service.send(
                "POST",
                "\(claimPath)?seconds=600",
                body: #"{"moderator":"mia"}"#
            )
            .decode()
            #expect(renewed["claim"]?.string == token && renewed["until"] == "2026-05-20T12:10:00.000Z")

            // It ends while the moderator thinks.
            try service.setTime("2026-05-20T12:10:00Z")
            let order = #"{"moderator":"mia","action":"delete","claim":"\#(token)"}"#
            let late = try await service.send("POST", Self.path("message:m1", "decide"), body: order)
            #expect(late.status == 409 && late.text.contains("The claim ended at 2026-05-20T12:10:00.000Z"))
            #expect(try await service.effects() == [])
            #expect(Self.ids(try await service.get(Self.queue)) == ["message:m1"])

            let other: JSON = try await service.send("POST", claimPath, body: #"{"moderator":"max"}"#).decode()
            let otherToken = try #require(other["claim"]?.string)
            #expect(otherToken != token)
            let wrong = try await service.send("POST", Self.path("message:m1", "decide"), body: order)
            #expect(wrong.status == 409 && wrong.text.contains("max has claimed"))
            let right = #"{"moderator":"max","action":"delete","claim":"\#(otherToken)"}"#
            for _ in 0..<3 {
                // An answer that got lost: asked again, it is the same decision.
                let decided = try await service.send("POST", Self.path("message:m1", "decide"), body: right)
                let item: JSON = try decided.decode()
                #expect(decided.status == 200 && item["status"] == "decided" && item["decisions"]?.array?.count == 1)
            }
            #expect(try await service.effects().count == 1)
            let over = try await service.send("POST", claimPath, body: #"{"moderator":"mia"}"#)
            #expect(over.status == 409 && over.text.contains("max has decided it: delete"))
        }
    }

    @Test func ofManyAtOnceOneDecides() async throws {
        try await withService(Self.setup()) { service in
            try await Self.story(service)
            _ = try await Self.report(service, "message:m1", by: "dora")
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        let action = number % 2 == 0 ? "delete" : "approve"
                        let body = #"{"moderator":"mod\#(number)","action":"\#(action)"}"#
                        return try await service.send("POST", Self.path("message:m1", "decide"), body: body).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 200 } == 1 && statuses.allSatisfy { $0 == 200 || $0 == 409 }, "\(statuses)")
            let item = try await service.get(Self.path("message:m1"))
            #expect(item["decisions"]?.array?.count == 1)
            let wasDeleted = item["decisions"]?[0]?["action"] == "delete"
            #expect(try await service.effects().count == (wasDeleted ? 1 : 0))
        }
    }

    @Test func whatIsGivenUpIsFreeAgain() async throws {
        try await withService(Self.setup()) { service in
            try await Self.story(service)
            _ = try await Self.report(service, "message:m1", by: "dora")
            func post(_ verb: String, _ body: String) async throws -> Answer {
                try await service.send("POST", Self.path("message:m1", verb), body: body)
            }
            #expect(try await post("claim", #"{"moderator":"mia"}"#).status == 200)
            #expect(try await post("release", #"{"moderator":"max"}"#).status == 409)
            #expect(try await post("release", #"{"moderator":"mia"}"#).status == 200)
            #expect(try await post("release", #"{"moderator":"mia"}"#).status == 200)
            #expect(try await post("claim", #"{"moderator":"max"}"#).status == 200)
            let assigned: JSON = try await post("assign", #"{"moderator":"max","assignee":"mia"}"#).decode()
            #expect(assigned["assignee"] == "mia")
            #expect(Self.ids(try await service.get("\(Self.queue)?assignee=mia")) == ["message:m1"])
            #expect(Self.ids(try await service.get("\(Self.queue)?assignee=max")) == [])
            let noted: JSON = try await post("notes", #"{"moderator":"max","text":"Ask the seller."}"#).decode()
            let note: JSON = ["by": "max", "at": "2026-05-20T12:00:00.000Z", "text": "Ask the seller."]
            #expect(noted["notes"] == [note])
            let nobody: JSON = try await post("assign", #"{"moderator":"max"}"#).decode()
            #expect(nobody["assignee"] == .null)
        }
    }

    // MARK: Decisions

    private struct Case: Sendable {
        var item = "message:m2"
        var order: String
        /// Calls of the provider, in order: name and what must be in the payload.
        var calls: [(String, String)]
        var isFlagged: Bool?
        var isSpam: JSON
    }

    private static let cases: [Case] = [
        Case(order: #""action":"approve""#, calls: [], isFlagged: false, isSpam: false),
        Case(order: #""action":"dismiss""#, calls: [], isFlagged: false, isSpam: false),
        Case(order: #""action":"delete""#, calls: [("deleteMessage", #""id":"m2""#)], isFlagged: true, isSpam: true),
        Case(
            order: #""action":"delete","delete":"hard","spam":false"#,
            calls: [("deleteMessage", #""hard":true"#)],
            isFlagged: true,
            isSpam: false
        ),
        Case(
            order: #""action":"mask","mask":"phones""#,
            calls: [("updateMessagePartially", "buy now at •••••••••••••")],
            isFlagged: true,
            isSpam: nil
        ),
        Case(
            order: #""action":"mask""#,
            calls: [("updateMessagePartially", "••• ••• •• ••• ••• •• •••")],
            isFlagged: true,
            isSpam: nil
        ),
        Case(
            order: #""action":"mute""#,
            calls: [("ban", #""cid":"messaging:listing_7_ada_bob""#)],
            isFlagged: true,
            isSpam: nil
        ),
        Case(
            order: #""action":"mute","minutes":5,"of":"everywhere""#,
            calls: [("ban", #""until":1779278700000000000"#)],
            isFlagged: true,
            isSpam: nil
        ),
        Case(
            order: #""action":"ban","delete":"soft","reason":"Fraud""#,
            calls: [("deleteMessage", #""id":"m2""#), ("ban", #""reason":"Fraud""#)],
            isFlagged: true,
            isSpam: true
        ),
        Case(
            order: #""action":"ban","shadow":true,"minutes":60"#,
            calls: [("ban", #""shadow":true"#)],
            isFlagged: true,
            isSpam: true
        ),
        Case(item: "user:ada", order: #""action":"ban""#, calls: [("ban", #""target":"ada""#)], isSpam: nil),
        Case(item: "user:ada", order: #""action":"mute""#, calls: [("ban", #""until""#)], isSpam: nil),
        Case(item: "user:ada", order: #""action":"dismiss""#, calls: [], isSpam: nil),
    ]

    @Test(arguments: cases.indices) func whatIsDecidedIsDone(_ index: Int) async throws {
        let one = Self.cases[index]
        try await withService(Self.setup()) { service in
            try await Self.story(service)
            _ = try await Self.report(service, one.item, by: "dora")
            let answer = try await service.send(
                "POST",
                Self.path(one.item, "decide"),
                body: #"{"moderator":"mia",\#(one.order)}"#
            )
            let item: JSON = try answer.decode()
            #expect(answer.status == 200, "\(answer.text)")
            #expect(item["status"] == "decided" && item["claim"] == .null)
            let decision = try #require(item["decisions"]?[0])
            #expect(decision["by"] == "mia" && decision["number"] == 1)
            #expect(decision["spam"] ?? .null == one.isSpam)
            let effects = try await service.effects()
            #expect(effects.map { $0.string("action") } == one.calls.map(\.0))
            #expect(effects.compactMap { $0.string("_id") } == (decision["effects"]?.array ?? []).compactMap(\.string))
            for (effect, call) in zip(effects, one.calls) {
                #expect(effect.string("payload")?.contains(call.1) == true, "\(effect.string("payload") ?? "")")
            }
            guard let isFlagged = one.isFlagged else { return }
            let message = try await service.get("\(TestService.messagesPath)/m2")
            #expect(message["is_flagged"] == .bool(isFlagged) && message["flagged_by"] == "mia")
        }
    }

    @Test func whatWasDoneIsUndone() async throws {
        try await withService(Self.setup()) { service in
            try await Self.story(service)
            _ = try await Self.report(service, "message:m2", by: "dora")
            func decide(_ order: String) async throws -> Answer {
                try await service.send(
                    "POST",
                    Self.path("message:m2", "decide"),
                    body: #"{"moderator":"mia",\#(order)}"#
                )
            }
            #expect(try await decide(#""action":"restore""#).text.contains("nothing to restore"))
            #expect(try await decide(#""action":"mute","delete":"soft""#).status == 200)
            #expect(try await decide(#""action":"approve""#).status == 409)
            let restored: JSON = try await decide(#""action":"restore","reason":"A mistake""#).decode()
            #expect(restored["decisions"]?.array?.count == 2)
            let effects = try await service.effects().map {
                "\($0.string("action") ?? "") \($0.string("state") ?? "")"
            }
            // Nothing performs them here: what has not gone out does not.
            let expected = [
                "deleteMessage cancelled", "ban cancelled", "undeleteMessage waiting", "unban waiting",
            ]
            #expect(effects == expected)
            #expect(try await service.get("\(TestService.messagesPath)/m2")["is_flagged"] == false)
            #expect(try await decide(#""action":"restore""#).status == 409)
            // Decided otherwise.
            let reopened = try await service.send(
                "POST",
                Self.path("message:m2", "reopen"),
                body: #"{"moderator":"mia"}"#
            )
            #expect(reopened.status == 200)
            #expect(try await decide(#""action":"restore""#).text.contains("nothing to restore"))
            let last: JSON = try await decide(#""action":"delete""#).decode()
            #expect(last["decisions"]?[2]?["number"] == 3)
            #expect(try await service.effects().count == 5)
        }
    }

    @Test func aMessageThatIsGoneIsGone() async throws {
        try await withService(Self.setup()) { service in
            try await Self.story(service)
            for id in ["m1", "m2"] { _ = try await Self.report(service, "message:\(id)", by: "dora") }
            try await service.store(
                ["m1", "m2"].map { id in
                    Story.message(
                        id,
                        at: "2026-05-20T10:00:00.000Z",
                        event: "message.deleted",
                        eventMore: #","message_id":"\#(id)""#,
                        updated: "2026-05-20T11:00:00.000Z"
                    )
                }
            )
            for (id, order) in [("m1", #""action":"delete""#), ("m2", #""action":"mask""#)] {
                let answer = try await service.send(
                    "POST",
                    Self.path("message:\(id)", "decide"),
                    body: #"{"moderator":"mia",\#(order)}"#
                )
                let item: JSON = try answer.decode()
                #expect(answer.status == 200 && item["decisions"]?[0]?["already_gone"] == true)
            }
            #expect(try await service.effects() == [])
        }
    }

    @Test func severalAreDecidedEachOnItsOwn() async throws {
        try await withService(Self.setup()) { service in
            try await Self.story(service)
            for id in ["message:m1", "message:m2", "message:m3", "user:ben"] {
                _ = try await Self.report(service, id, by: "dora")
            }
            let claim: JSON = try await service.send(
                "POST",
                Self.path("message:m1", "claim"),
                body: #"{"moderator":"mia"}"#
            ).decode()
            let token = try #require(claim["claim"]?.string)
            #expect(
                try await service.send("POST", Self.path("message:m2", "claim"), body: #"{"moderator":"max"}"#).status
                    == 200
            )
            let answer = try await service.send(
                "POST",
                "\(Self.queue)/decide",
                body: """
                    {"moderator":"mia","action":"delete","items":[{"_id":"message:m1","claim":"\(token)"},"message:m2",\
                    "message:m3","user:ben","message:none","nonsense"]}
                    """
            )
            let result: JSON = try answer.decode()
            #expect(answer.status == 207)
            #expect(result["data"]?.array?.map { $0["status"] ?? .null } == [200, 409, 200, 400, 404, 404])
            #expect(result["data"]?[0]?["decision"]?["action"] == "delete")
            #expect(result["data"]?[1]?["detail"]?.string?.contains("max has claimed") == true)
            #expect(try await service.effects().count == 2)
            let again: JSON = try await service.send(
                "POST",
                "\(Self.queue)/decide",
                body: #"{"moderator":"mia","action":"ban","items":["user:ben"]}"#
            ).decode()
            #expect(again["data"]?[0]?["status"] == 200)
        }
    }

    @Test func oneItemComesWithWhatItTakesToDecide() async throws {
        try await withService(Self.setup()) { service in
            try await Self.story(service)
            for id in ["message:m2", "message:m4", "user:ada"] { _ = try await Self.report(service, id, by: "dora") }
            try service.setTime("2026-05-20T12:01:00Z")
            #expect(
                try await service.send(
                    "POST",
                    Self.path("message:m4", "decide"),
                    body: #"{"moderator":"mia","action":"delete"}"#
                ).status == 200
            )
            let item = try await service.get(Self.path("message:m2"))
            #expect(item["message"]?["text"] == "buy now at +47 912 34 567")
            #expect(item["before"]?.array?.compactMap { $0["_id"]?.string } == ["m1"])
            #expect(item["after"]?.array?.compactMap { $0["_id"]?.string } == ["m3", "m4"])
            #expect(item["user"]?["_id"] == "ada" && item["user"]?["total_messages_sent"] == 3)
            #expect(item["other_items"]?.array?.compactMap { $0["_id"]?.string } == ["message:m4", "user:ada"])
            #expect(item["other_items"]?[0]?["decision"]?["action"] == "delete")
            let decided = try await service.get(Self.path("message:m4"))
            #expect(
                decided["effects"]?[0]?["action"] == "deleteMessage" && decided["effects"]?[0]?["state"] == "waiting"
            )
            // No text is kept with the item.
            let lists = try await service.send("GET", "\(Self.queue)?status=any&user=ada").text
            #expect(!lists.contains("buy now"))
        }
    }

    /// With effects switched off nothing is written for the provider, and the decision stands.
    @Test func effectsMayBeOff() async throws {
        var setup = Self.setup()
        setup.mode = { .off }
        try await withService(setup) { service in
            try await Self.story(service)
            _ = try await Self.report(service, "message:m1", by: "dora")
            let item: JSON = try await service.send(
                "POST",
                Self.path("message:m1", "decide"),
                body: #"{"moderator":"mia","action":"delete"}"#
            ).decode()
            #expect(item["status"] == "decided" && item["decisions"]?[0]?["effects"] == [])
            #expect(try await service.effects() == [])
        }
    }

    // MARK: Bad input

    @Test func wrongInputIsNamed() async throws {
        try await withService(Self.setup()) { service in
            try await Self.story(service)
            _ = try await Self.report(service, "message:m1", by: "dora")
            let long = String(repeating: "x", count: 2_001)
            let decide = Self.path("message:m1", "decide")
            for (path, body, part) in [
                ("/api/v1/reports", "{}", "reporter"),
                ("/api/v1/reports", #"{"reporter":"dora"}"#, "one message or one user"),
                ("/api/v1/reports", #"{"reporter":"dora","user":"a","message":"b"}"#, "and not both"),
                ("/api/v1/reports", #"{"reporter":"dora","user":"ada","reason":"\#(long)"}"#, "1 to 500 characters"),
                (
                    "/api/v1/reports", #"{"reporter":"dora","user":"ada","severity":"bad"}"#,
                    "low, medium, high or critical"
                ),
                ("/api/v1/reports", #"{"reporter":"dora","users":"ada"}"#, "did you mean user"),
                (decide, "", "JSON object"), (decide, "[]", "JSON object"),
                (decide, "{}", "field action is missing"),
                (decide, #"{"action":"approve"}"#, "field moderator is missing"),
                (decide, #"{"action":"kill","moderator":"mia"}"#, "approve, dismiss, delete"),
                (decide, #"{"action":"approve","moderator":""}"#, "1 to 1024 bytes"),
                (decide, #"{"action":"approve","moderator":"mia","minutes":5}"#, "belongs to mute, ban"),
                (decide, #"{"action":"mute","moderator":"mia","minutes":0}"#, "1 to 5256000"),
                (decide, #"{"action":"mute","moderator":"mia","minutes":"5"}"#, "whole number"),
                (decide, #"{"action":"ban","moderator":"mia","of":"here"}"#, "channel or everywhere"),
                (decide, #"{"action":"mask","moderator":"mia","mask":["matches"]}"#, "links, emails"),
                (decide, #"{"action":"mask","moderator":"mia","mask":"money"}"#, "holds nothing"),
                (decide, #"{"action":"delete","moderator":"mia","delete":true}"#, "soft or hard"),
                (decide, #"{"action":"delete","moderator":"mia","spam":"no"}"#, "true or false"),
                (decide, #"{"action":"delete","moderator":"mia","claims":"x"}"#, "did you mean claim"),
                (decide, #"{"action":"delete","action":"ban","moderator":"mia"}"#, "more than once"),
                (decide, #"{"action":"delete","moderator":"mia","claim":"nonsense"}"#, "not the one that holds"),
                ("\(Self.queue)/decide", #"{"action":"delete","moderator":"mia"}"#, "field items is missing"),
                ("\(Self.queue)/decide", #"{"action":"delete","moderator":"mia","items":[]}"#, "1 to 100"),
                ("\(Self.queue)/decide", #"{"action":"delete","moderator":"mia","items":"m1"}"#, "1 to 100"),
                ("\(Self.queue)/decide", #"{"action":"delete","moderator":"mia","items":["a","a"]}"#, "more than once"),
                (Self.path("message:m1", "notes"), #"{"moderator":"mia","text":"\#(long)"}"#, "1 to 2000 characters"),
                (Self.path("message:m1", "claim") + "?seconds=0", #"{"moderator":"mia"}"#, "1 to 3600"),
                (Self.path("message:m1", "claim"), "{}", "moderator"),
                (Self.path("nonsense", "claim"), #"{"moderator":"mia"}"#, "user:ID"),
            ] {
                let answer = try await service.send("POST", path, body: body)
                #expect(answer.status == 400 || answer.status == 409, "\(path) \(body.prefix(80)): \(answer.text)")
                #expect(answer.text.contains(part), "\(path) \(body.prefix(80)): \(answer.text)")
            }
            let many = (0...100).map { "\"message:x\($0)\"" }.joined(separator: ",")
            let body = #"{"action":"delete","moderator":"mia","items":[\#(many)]}"#
            #expect(try await service.send("POST", "\(Self.queue)/decide", body: body).status == 400)
            for (method, path, body) in [
                ("GET", Self.path("message:none"), nil),
                ("POST", Self.path("message:none", "claim"), #"{"moderator":"mia"}"#),
                ("POST", Self.path("message:none", "decide"), #"{"moderator":"mia","action":"approve"}"#),
                ("POST", "/api/v1/reports", #"{"reporter":"dora","message":"none"}"#),
                ("POST", "/api/v1/reports", #"{"reporter":"dora","user":"none"}"#),
            ] as [(String, String, String?)] {
                #expect(try await service.send(method, path, body: body).status == 404, "\(path)")
            }
            for query in [
                "status=done", "severity=5", "order=random", "limit=0", "cursor=zz", "status=any", "label=", "source=x",
            ] {
                #expect(try await service.send("GET", "\(Self.queue)?\(query)").status == 400, "\(query)")
            }
            #expect(Self.ids(try await service.get(Self.queue)) == ["message:m1"])
            #expect(try await service.effects() == [])
        }
    }

    @Test func withoutAProviderNothingIsDoneThere() async throws {
        try await withService { service in
            try await Self.story(service)
            _ = try await Self.report(service, "message:m1", by: "dora")
            let decide = Self.path("message:m1", "decide")
            let refused = try await service.send("POST", decide, body: #"{"moderator":"mia","action":"delete"}"#)
            #expect(refused.status == 400 && refused.text.contains("GETSTREAM_API_KEY"))
            #expect(
                try await service.send("POST", decide, body: #"{"moderator":"mia","action":"approve"}"#).status == 200
            )
        }
    }

    @Test func notesHaveAnEnd() async throws {
        var setup = Self.setup()
        setup.limits.review.notes = 2
        try await withService(setup) { service in
            try await Self.story(service)
            _ = try await Self.report(service, "message:m1", by: "dora")
            let statuses = try await [1, 2, 3].asyncMap { number in
                let body = #"{"moderator":"mia","text":"note \#(number)"}"#
                return try await service.send("POST", Self.path("message:m1", "notes"), body: body).status
            }
            #expect(statuses == [200, 200, 409])
        }
    }

    /// What else is written of a decision is written in its transaction.
    @Test func othersWriteWithADecision() async throws {
        var setup = Self.setup()
        setup.reviewWrites = { act in
            var filter = BSONDocument()
            filter.append("_id", "probe:\(act.review.record.subject.id):\(act.decision.number)")
            var change = BSONDocument()
            change.append("$inc") { $0.append("count", Int64(1)) }
            return [(.mark, MongoUpdate(filter: filter, update: change, upsert: true))]
        }
        try await withService(setup) { service in
            try await Self.story(service)
            _ = try await Self.report(service, "message:m1", by: "dora")
            let body = #"{"moderator":"mia","action":"delete"}"#
            for _ in 0..<2 { _ = try await service.send("POST", Self.path("message:m1", "decide"), body: body) }
            let probes = try await service.documents(.mark).filter { $0.string("_id")?.hasPrefix("probe:") ?? false }
            #expect(probes.map { $0.int64("count") } == [1])
        }
    }
}

extension Array where Element: Sendable {
    fileprivate func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}

extension TestService {
    /// Calls of the provider that are written down, in their order.
    fileprivate func effects() async throws -> [BSONDocument] {
        try await documents(.outbox).sorted { ($0.int64("order") ?? 0) < ($1.int64("order") ?? 0) }
    }
}
