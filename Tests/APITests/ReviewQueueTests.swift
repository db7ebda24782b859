import Chat
import Decisions
import HTTPClient
import History
import Limits
import Moderation
import MongoDB
import Rules
import TestSupport
import Testing

/// The review queue over REST: what gets into it, and how it is listed.
struct ReviewQueueTests {
    // MARK: What gets in

    @Test func whateverSpeaksAgainstAMessageIsOneItem() async throws {
        try await withService(ReviewStory.setup()) { service in
            try await ReviewStory.story(service)
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
            let reported = try await ReviewStory.report(
                service,
                "message:m2",
                by: "dora",
                more: #","reason":"Spam!","label":"spam""#
            )
            #expect(reported.status == 202)
            let again: JSON = try await ReviewStory.report(service, "message:m2", by: "dora").decode()
            #expect(again["counted"] == false && again["complaints"] == 2)
            #expect(try await ReviewStory.report(service, "user:ada", by: "dora").status == 202)

            let page = try await service.get(ReviewStory.queue)
            #expect(ReviewStory.ids(page) == ["message:m2", "user:ada"])
            let item = try #require(page["data"]?[0])
            #expect(item["severity"] == "high" && item["status"] == "open" && item["place"] == "messaging")
            #expect(item["user_id"] == "ada" && item["cid"] == "messaging:listing_7_ada_bob")
            #expect(item["labels"] == ["SCAM", "spam"] && item["complaints"] == 2)
            #expect(item["since"] == "2026-05-20T11:00:00.000Z")
            let kinds = (item["sources"]?.array ?? []).map { "\($0["kind"]?.string ?? "") \($0["by"]?.string ?? "")" }
            #expect(kinds == ["flag ada", "provider rq1", "report dora"])
            #expect(try await service.get(ReviewStory.path("user:ada"))["message"] == .null)
        }
    }

    /// What one user reports has an end, for a while; what others do, and what was counted before, has not.
    @Test func reportsOfOneUserHaveAnEnd() async throws {
        var setup = ReviewStory.setup()
        setup.limits.review.reportsPerReporter = 2
        setup.limits.review.reportWindowSeconds = 600
        try await withService(setup) { service in
            try await ReviewStory.story(service)
            // All at once, by whatever node: the count is in the database.
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for id in ["m1", "m2", "m3", "m4"] {
                    group.addTask {
                        while true {
                            let status = try await ReviewStory.report(service, "message:\(id)", by: "dora").status
                            if status != 503 { return status }
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [202, 202, 429, 429])
            let counted = ReviewStory.ids(try await service.get(ReviewStory.queue))
            #expect(counted.count == 2)
            for id in counted { #expect(try await ReviewStory.report(service, id, by: "dora").status == 200) }
            #expect(try await ReviewStory.report(service, "message:none", by: "dora").status == 404)
            try service.setTime("2026-05-20T12:03:20.500Z")
            let refused = try await ReviewStory.report(service, "user:ada", by: "dora")
            #expect(refused.status == 429 && refused.headers["retry-after"] == "400")
            #expect(refused.text.contains("2 things of late") && refused.text.contains("within 10 minutes"))
            #expect(try await ReviewStory.report(service, "user:ada", by: "emil").status == 202)
            try service.setTime("2026-05-20T12:10:00Z")
            #expect(try await ReviewStory.report(service, "user:ada", by: "dora").status == 202)
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
        var setup = ReviewStory.setup()
        setup.rules = try LoadedRules(files: files, settings: TestService.ruleSettings()).engine
        try await withService(setup) { service in
            try await service.store([
                Story.message("m1", "hello", at: "2026-05-20T11:59:00.000Z"),
                Story.message("m2", "buy now at +47 912 34 567", at: "2026-05-20T11:59:01.000Z"),
                Story.message("m3", "Buy now!", by: "ben", at: "2026-05-20T11:59:02.000Z"),
            ])
            let page = try await service.get("\(ReviewStory.queue)?source=rule")
            #expect(ReviewStory.ids(page) == ["message:m2", "message:m3"])
            let held = try #require(page["data"]?[0])
            #expect(held["severity"] == "high" && held["labels"] == ["spam"] && held["complaints"] == 0)
            let sources = (held["sources"]?.array ?? []).map {
                "\($0["by"]?.string ?? ""): \($0["reason"]?.string ?? "")"
            }
            // Of what rules want of one message the strongest counts.
            #expect(sources == ["numbers: A number"])
            #expect(page["data"]?[1]?["severity"] == "medium" && page["data"]?[1]?["user_id"] == "ben")
            let context = try await service.get(ReviewStory.path("message:m2"))
            #expect(context["rule_decisions"]?[0]?["message_id"] == "m2")
        }
    }

    @Test func aReviewOfAMessageThatComesLaterFindsIt() async throws {
        try await withService(ReviewStory.setup()) { service in
            try await service.store([
                """
                {"type":"moderation.flagged","created_at":"2026-05-20T11:01:00Z","content_type":"message","object_id":"m9"}
                """
            ])
            let early = try await service.get(ReviewStory.path("message:m9"))
            #expect(early["user_id"] == .null && early["message"] == .null)
            let refused = try await service.send(
                "POST",
                ReviewStory.path("message:m9", "decide"),
                body: #"{"moderator":"mia","action":"delete"}"#
            )
            #expect(refused.status == 409 && refused.text.contains("on its way"))
            try await service.store([Story.message("m9", at: "2026-05-20T10:00:00.000Z")])
            let late = try await service.get(ReviewStory.path("message:m9"))
            #expect(late["user_id"] == "ada" && late["place"] == "messaging" && late["message"]?["text"] == "hello")
        }
    }

    @Test func aModeratorsFlagIsAnItemAndTakingItBackDecidesIt() async throws {
        try await withService(ReviewStory.setup()) { service in
            try await ReviewStory.story(service)
            let flag = "\(TestService.messagesPath)/m1"
            for _ in 0..<2 {
                let body = #"{"moderator":"mia","reason":"look at it"}"#
                #expect(try await service.send("PATCH", "\(flag)/flag", body: body).status == 200)
            }
            #expect(ReviewStory.ids(try await service.get("\(ReviewStory.queue)?source=moderator")) == ["message:m1"])
            #expect(try await service.send("PATCH", "\(flag)/unflag", body: #"{"moderator":"mia"}"#).status == 200)
            #expect(ReviewStory.ids(try await service.get(ReviewStory.queue)) == [])
            #expect(try await service.send("PATCH", "\(flag)/unflag", body: #"{"moderator":"mia"}"#).status == 200)
            let body = #"{"moderator":"mia","reason":"after all"}"#
            #expect(try await service.send("PATCH", "\(flag)/flag", body: body).status == 200)
            #expect(ReviewStory.ids(try await service.get(ReviewStory.queue)) == ["message:m1"])
            // Nothing to decide about: no item comes of it.
            let unflag = "\(TestService.messagesPath)/m4/unflag"
            #expect(try await service.send("PATCH", unflag, body: #"{"moderator":"mia"}"#).status == 200)
            #expect(
                ReviewStory.ids(try await service.get("\(ReviewStory.queue)?status=any&user=ada")) == ["message:m1"]
            )
        }
    }

    // MARK: Lists

    @Test func pagesAreCompleteInEveryOrder() async throws {
        try await withService(ReviewStory.setup()) { service in
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
                            let page = try await service.get(ReviewStory.queue + query)
                            found += ReviewStory.ids(page)
                            cursor = page["next"]?.string
                        } while cursor != nil && found.count < 20
                        #expect(found == wanted.map { "message:\($0)" }, "\(order) \(filter) \(limit)")
                    }
                }
            }
            let first = try await service.get("\(ReviewStory.queue)?limit=1")
            let cursor = try #require(first["next"]?.string)
            let other = try await service.send("GET", "\(ReviewStory.queue)?order=oldest&cursor=\(cursor)")
            #expect(other.status == 400 && other.text.contains("another order"))
        }
    }

    /// No page is looked for in all items, or sorted, but those of one channel, user or moderator.
    @Test func pagesComeFromAnIndexInTheirOrder() async throws {
        try await withService(ReviewStory.setup()) { service in
            _ = try await service.get(ReviewStory.queue)
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
}
