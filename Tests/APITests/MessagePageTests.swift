import MongoDB
import TestSupport
import Testing

struct MessagePageTests {
    private static let path = TestService.messagesPath

    @Test func aListingsMessagesHaveTheReferenceShape() async throws {
        try await withService { service in
            try await service.store([
                Story.message("m1", "first", at: "2026-05-08T10:00:00.000Z"),
                Story.message(
                    "m2",
                    #"an \"offer\""#,
                    by: "bob",
                    at: "2026-05-08T10:00:01.123456Z",
                    more: #"""
                        ,"attachments":[{"type":"offer","price":{"$where":1.5}}],"offer_id":"o-1","amount":12.5,\#
                        "order_id":"A-17","color":{"a.b":"red"}
                        """#
                ),
                Story.message("m3", in: "messaging:free", at: "2026-05-08T10:00:02Z"),
            ])
            let page = try await service.get("\(Self.path)/listing/7")
            let expected: JSON = [
                "data": [
                    [
                        "_id": "m2", "stream_message_id": "m2", "text": "an \"offer\"",
                        "sender_id": [
                            "_id": "bob", "display_name": "Name of bob", "avatar": "https://example.org/bob.png",
                        ],
                        "createdAt": "2026-05-08T10:00:01.123Z", "updatedAt": "2026-05-08T10:00:01.123Z",
                        "type": "regular", "message_type": "offer", "is_flagged": false,
                        "stream_channel_id": "listing_7_ada_bob", "cid": "messaging:listing_7_ada_bob",
                        "listing_id": "7", "buyer_id": "ada", "seller_id": "bob", "offer_id": "o-1",
                        "order_id": "A-17", "amount": 12.5, "attachment_count": 1,
                        "attachments": [["type": "offer", "price": ["$where": 1.5]]],
                        "custom": [
                            "offer_id": "o-1", "amount": 12.5, "order_id": "A-17", "color": ["a.b": "red"],
                        ],
                    ],
                    [
                        "_id": "m1", "stream_message_id": "m1", "text": "first",
                        "sender_id": [
                            "_id": "ada", "display_name": "Name of ada", "avatar": "https://example.org/ada.png",
                        ],
                        "createdAt": "2026-05-08T10:00:00.000Z", "updatedAt": "2026-05-08T10:00:00.000Z",
                        "type": "regular", "is_flagged": false,
                        "stream_channel_id": "listing_7_ada_bob", "cid": "messaging:listing_7_ada_bob",
                        "listing_id": "7", "buyer_id": "ada", "seller_id": "bob",
                    ],
                ],
                "total": 2, "next": nil,
            ]
            #expect(page == expected)
            #expect(try await service.get("\(Self.path)/listing/unknown") == ["data": [], "total": 0, "next": nil])
        }
    }

    /// Half of the messages share an instant with others, so that only the id tells them apart.
    @Test func pagesGiveEachMessageOnce() async throws {
        var random = SeededRandom()
        let ids = (0..<57).map { "m/\($0) é%\(UInt8.random(in: 0...255, using: &random))" }
        let bodies = ids.map { id in
            Story.message(id, at: "2026-05-08T10:00:0\(Int.random(in: 0...3, using: &random)).500Z")
        }
        try await withService { service in
            try await service.store(bodies)
            var walks: [[String]] = []
            for (order, limit) in [("newest", 5), ("oldest", 5), ("newest", 56), ("oldest", 57), ("newest", 200)] {
                walks.append(try await walk(service, "\(Self.path)/user/ada?order=\(order)&limit=\(limit)"))
                #expect(walks.last?.count == ids.count, "\(order) by \(limit)")
                #expect(Set(walks.last ?? []) == Set(ids), "\(order) by \(limit), seed \(random.seed)")
            }
            #expect(walks[0] == walks[2] && walks[2] == walks[4])
            #expect(walks[1] == walks[0].reversed() && walks[1] == walks[3])
        }
    }

    private func walk(_ service: TestService, _ path: String) async throws -> [String] {
        var ids: [String] = []
        var cursor = ""
        while true {
            let page = try await service.get(path + cursor)
            #expect(page["total"] == 57)
            ids += (page["data"]?.array ?? []).compactMap { $0["_id"]?.string }
            guard let next = page["next"]?.string else { return ids }
            cursor = "&cursor=\(next)"
        }
    }

    @Test func filtersChoose() async throws {
        try await withService { service in
            try await service.store([
                Story.message("a", at: "2026-05-08T10:00:00Z"),
                Story.message("b", by: "bob", at: "2026-05-08T10:00:01Z", more: #","message_type":"price""#),
                Story.message("c", in: "messaging:free", at: "2026-05-08T10:00:02Z"),
                Story.message("d", in: "messaging:free", at: "2026-05-08T10:00:03Z", more: #","parent_id":"c""#),
                Story.message("e", at: "2026-05-08T10:00:04Z"),
                Story.message(
                    "e",
                    at: "2026-05-08T10:00:04Z",
                    event: "message.flagged",
                    eventMore: #","reason":"spam""#,
                    updated: "2026-05-08T10:01:00Z"
                ),
                Story.message("f", at: "2026-05-08T10:00:05Z"),
                Story.message(
                    "f",
                    at: "2026-05-08T10:00:05Z",
                    more: #","deleted_at":"2026-05-08T11:00:00Z""#,
                    event: "message.deleted",
                    updated: "2026-05-08T11:00:00Z"
                ),
                Story.message("g", at: "2026-05-08T10:00:06Z"),
                Story.message(
                    "g",
                    at: "2026-05-08T10:00:06Z",
                    event: "message.deleted",
                    eventMore: #","hard_delete":true"#,
                    updated: "2026-05-08T11:00:00Z"
                ),
                // Not a message, only the trace of one.
                Story.read("never-seen", by: "ada", at: "2026-05-08T12:00:00Z"),
            ])
            let table = [
                "": "edcba", "/user/bob": "b", "/user/ada": "edca", "/channel/messaging%3Afree": "dc",
                "/channel/messaging:free": "dc", "/listing/7": "eba", "?channel=messaging:free": "dc",
                "?user=ada&listing=7": "ea", "?type=price": "b", "?type=regular": "edca", "?type=system": "",
                "?flagged=true": "e", "?flagged=false": "dcba", "?parent=c": "d", "?parent=nothing": "",
                "?deleted=include": "gfedcba", "?deleted=only": "gf", "?deleted=exclude&order=oldest": "abcde",
                "?from=2026-05-08T10:00:01Z&to=2026-05-08T10:00:03Z": "cb",
                "?from=2026-05-08T12:00:01%2B02:00&to=2026-05-08T12:00:03+02:00": "cb",
                "?from=2026-05-08T10:00:04Z": "e", "?to=2026-05-08T10:00:00.001Z": "a",
            ]
            for (query, expected) in table {
                let page = try await service.get(Self.path + query)
                #expect(page["data"]?.array?.compactMap { $0["_id"]?.string }.joined() == expected, "\(query)")
                #expect(page["total"]?.int == expected.count, "\(query)")
            }
            let deleted = try await service.get("\(Self.path)?deleted=only")["data"]
            #expect(deleted?[0]?["text"] == .null)
            #expect(deleted?[0]?["erased"] == true)
            #expect(deleted?[1]?["text"] == "hello")
            #expect(deleted?[1]?["deletedAt"] == "2026-05-08T11:00:00.000Z")
        }
    }

    @Test func aPagesLimitIsFifty() async throws {
        try await withService { service in
            try await service.store((0..<51).map { Story.message("m\($0)") })
            let page = try await service.get("\(Self.path)/listing/7")
            #expect(page["data"]?.array?.count == 50)
            #expect(page["total"] == 51)
            #expect(page["next"]?.string != nil)
        }
    }

    @Test func whatIsDamagedInTheStoreDoesNotBreakTheAnswer() async throws {
        try await withService { service in
            try await service.store([Story.message("m1", more: #","color":"red""#)])
            try await service.change("messages", "m1") { $0.append("custom", "{\"half") }
            let page = try await service.get("\(Self.path)/listing/7")
            #expect(page["data"]?[0]?["custom"] == "{\"half")
        }
    }
}
