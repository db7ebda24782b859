import Chat
import MongoDB
import TestSupport
import Testing

@testable import History

/// Every page comes from an index in its order: nothing is sorted, and no collection looked through.
struct IndexUseTests {
    private static let queries: [(name: String, index: String, query: MessageQuery)] = {
        var queries: [(String, String, MessageQuery)] = []
        for order in MessageQuery.Order.allCases {
            for isContinued in [false, true] {
                var query = MessageQuery()
                query.order = order
                let time = Timestamp(milliseconds: 1_778_235_472_345)
                if isContinued { query.after = MessagePosition(createdAt: time, id: "m1") }
                func add(_ name: String, _ index: String, _ change: (inout MessageQuery) -> Void) {
                    var changed = query
                    change(&changed)
                    queries.append(("\(name) \(order) \(isContinued)", index, changed))
                }
                add("listing", "listing_id_1_createdAt_-1__id_-1_if_listing_id") { $0.listing = "7" }
                add("user", "sender_id_1_createdAt_-1__id_-1") { $0.user = "ada" }
                add("channel", "cid_1_createdAt_-1__id_-1") { $0.channel = "messaging:a" }
                add("all", "createdAt_1__id_1") { $0.from = Timestamp(milliseconds: 1) }
                // With one message MongoDB has no reason to prefer the index of flagged ones.
                add("flagged", "createdAt_1__id_1") { $0.isFlagged = true }
            }
        }
        return queries
    }()

    @Test func pagesComeFromAnIndex() async throws {
        try await withService { service in
            try await service.store([Story.message("m1")])
            let history = service.history
            try await blocking {
                let store = try history.opened()
                for (name, index, query) in Self.queries {
                    let plan = try Self.plan(query, store)
                    #expect(plan.indexes.count == 1 && plan.indexes.allSatisfy { $0.hasPrefix(index) }, "\(name)")
                    #expect(
                        plan.stages.isDisjoint(with: ["COLLSCAN", "SORT", "SORT_MERGE"]),
                        "\(name): \(plan.stages)"
                    )
                }
            }
        }
    }

    @Test func pagesOfTheAuditTrailComeFromAnIndex() async throws {
        try await withService { service in
            try await service.store([Story.message("m1")])
            for round in 0..<8 {
                let headers = ["X-Acting-User": "mod-\(round)"]
                _ = try await service.send("GET", "\(TestService.messagesPath)/user/u\(round)", headers: headers)
            }
            let history = service.history
            try await blocking {
                let store = try history.opened()
                let changes: [(String, (inout AuditFilter) -> Void)] = [
                    ("at", { $0.from = Timestamp(milliseconds: 1) }), ("values.actor", { $0.actor = "mod-1" }),
                    ("values.subject", { $0.subject = "u1" }), ("values.user", { $0.user = "u1" }),
                    ("key", { $0.key = "other" }), ("action", { $0.action = "other" }),
                ]
                for (index, change) in changes {
                    for position in [nil, ListPosition(at: Timestamp(milliseconds: 1_779_278_400_000), id: .int64(4))] {
                        var filter = AuditFilter()
                        change(&filter)
                        let sort = BSONDocument.keys(("at", -1), ("_id", -1))
                        let plan = try Self.plan("audit", filter.document(after: position), sort, store)
                        #expect(plan.indexes.count == 1 && plan.indexes.allSatisfy { $0.hasPrefix(index) }, "\(index)")
                        #expect(plan.stages.isDisjoint(with: ["COLLSCAN", "SORT"]), "\(index): \(plan.stages)")
                    }
                }
            }
        }
    }

    private static func plan(
        _ query: MessageQuery,
        _ store: HistoryStore
    ) throws -> (stages: Set<String>, indexes: Set<String>) {
        try plan("messages", query.filter(after: query.after), query.sort, store)
    }

    private static func plan(
        _ collection: String,
        _ filter: BSONDocument,
        _ sort: BSONDocument,
        _ store: HistoryStore
    ) throws -> (stages: Set<String>, indexes: Set<String>) {
        var command = BSONDocument()
        command.append("explain") {
            $0.append("find", collection)
            $0.append("filter", filter)
            $0.append("sort", sort)
            $0.append("limit", Int64(51))
        }
        command.append("verbosity", "queryPlanner")
        let reply = try store.pool.withConnection { connection throws(MongoError) in
            try connection.command(command, on: store.database)
        }
        var plan = (stages: Set<String>(), indexes: Set<String>())
        func walk(_ stage: BSONDocument) {
            if let name = stage.string("stage") { plan.stages.insert(name) }
            if let index = stage.string("indexName") { plan.indexes.insert(index) }
            if let input = stage.document("inputStage") { walk(input) }
            for input in stage.array("inputStages") ?? [] { if let input = input.document { walk(input) } }
        }
        walk(try #require(reply.document("queryPlanner")?.document("winningPlan")))
        return plan
    }
}
