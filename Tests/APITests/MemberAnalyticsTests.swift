import TestSupport
import Testing

/// Teams, members, pairs and adoption, in numbers that can be counted by hand.
struct MemberAnalyticsTests {
    private static let pair = "messaging:listing_7_ada_bob"
    private static let room = "team:free"

    private static let story = [
        Story.message("a", at: "2026-05-08T10:05:00Z", eventMore: #","team":"blue/2""#),
        Story.message("b", by: "bob", at: "2026-05-08T10:20:00Z"),
        Story.message("c", by: "cleo", in: room, at: "2026-05-10T23:59:59.999Z"),
        Story.message("d", at: "2026-05-11T00:00:00Z"),
        member("ada", in: pair), member("bob", in: pair), member("dan", in: pair),
        member("dan", in: pair, "member.removed", at: "2026-05-02T00:00:00Z"), member("cleo", in: room),
        member("dan", in: room), member("finn", in: "messaging:quiet"),
        // Writes without being a member.
        Story.message("e", by: "eve", in: room, at: "2026-05-08T09:00:00Z"),
        """
        {"type":"channel.updated","cid":"\(room)","created_at":"2026-05-07T00:00:00Z","channel":{"cid":"\(room)",\
        "type":"team","id":"free","team":"red","updated_at":"2026-05-07T00:00:00Z"}}
        """,
    ]

    private static func member(
        _ user: String,
        in cid: String,
        _ type: String = "member.added",
        at time: String = "2026-05-01T00:00:00Z"
    ) -> String {
        Story.event(type, user: user, at: time, more: #","cid":"\#(cid)","member":{"user_id":"\#(user)"}"#)
    }

    @Test func messagesAreCountedByTeam() async throws {
        try await withService { service in
            try await service.store(Self.story)
            let range = "from=2026-05-08&to=2026-05-11"
            for (query, expected) in [
                ("groupBy=team", [("blue/2", 3), ("red", 2)]),
                ("groupBy=team&interval=day", [("blue/2", 2), ("blue/2", 1), ("red", 1), ("red", 1)]),
                ("team=red&interval=day", [(nil, 1), (nil, 0), (nil, 1), (nil, 0)]),
                ("team=blue%2F2", [(nil, 3)]), ("team=blue%2F2&groupBy=type", [("regular", 3)]),
                ("team=blue%2F2&timeZone=Europe/Oslo&interval=day", [(nil, 2), (nil, 0), (nil, 0), (nil, 1)]),
                ("team=other", [(nil, 0)]),
            ] as [(String, [(String?, Int)])] {
                let answer = try await service.figure("messages?\(range)&\(query)")
                #expect(answer.groups == expected.map(\.0), "\(query)")
                #expect(answer.values == expected.map { Double($0.1) }, "\(query)")
            }
        }
    }

    /// A channel that is moved takes its messages along.
    @Test func messagesFollowTheirChannelsTeam() async throws {
        try await withService { service in
            try await service.store(Self.story)
            let moved = """
                {"type":"channel.updated","cid":"\(Self.room)","created_at":"2026-05-12T00:00:00Z",\
                "channel":{"cid":"\(Self.room)","type":"team","id":"free","team":"blue/2",\
                "updated_at":"2026-05-12T00:00:00Z"}}
                """
            try await service.store([moved])
            let answer = try await service.figure("messages?from=2026-05-08&to=2026-05-11&groupBy=team")
            #expect(answer.groups == ["blue/2"] && answer.values == [5])
        }
    }

    @Test func membersWhoWroteAreAShare() async throws {
        try await withService { service in
            try await service.store(Self.story)
            for (query, groups, values) in [
                ("from=2026-05-08&to=2026-05-11", [nil], [0.75]),
                ("from=2026-05-08&to=2026-05-11&groupBy=channel", [Self.pair, Self.room], [1, 0.5]),
                ("from=2026-05-08&to=2026-05-11&groupBy=channelType", ["messaging", "team"], [1, 0.5]),
                ("from=2026-05-08&to=2026-05-11&groupBy=listing", ["7"], [1]),
                // Eve alone, who is no member; and somebody who wrote before and after, and not then.
                ("from=2026-05-08T09:00:00Z&to=2026-05-08T10:00:00Z", [nil], [0]),
                ("from=2026-05-09&to=2026-05-10", [nil], [0.5]),
                ("from=2026-05-09&to=2026-05-10&groupBy=channel", [Self.room], [0.5]),
                ("from=2026-05-09&to=2026-05-11", [nil], [0.5]),
                ("from=2026-05-09&to=2026-05-11&channel=\(Self.pair)", [nil], [0.5]),
                ("from=2026-05-09&to=2026-05-11&channelType=team", [nil], [0.5]),
                ("from=2026-05-08&to=2026-05-08&listing=7", [nil], [1]),
                ("from=2026-05-12&to=2026-05-13", [nil], [nil]),
            ] as [(String, [String?], [Double?])] {
                let answer = try await service.figure("participation?\(query)")
                #expect(answer.groups == groups && answer.values == values, "\(query): \(answer)")
            }
        }
    }

    @Test func pairsAreCountedOnce() async throws {
        try await withService { service in
            try await service.store(
                Self.story + [
                    // The same two elsewhere, and two who were apart until one of them wrote.
                    Story.message("f", by: "bob", in: "messaging:z", at: "2026-05-09T08:00:00Z"),
                    Story.message("g", in: "messaging:z", at: "2026-05-10T08:00:00Z"),
                    Story.message("h", by: "eve", in: "messaging:z", at: "2026-05-11T08:00:00Z"),
                ]
            )
            for (query, values) in [
                // ada and bob; cleo and eve; eve with each of them.
                ("from=2026-05-08&to=2026-05-11&interval=day", [1, 0, 1, 2]), ("from=2026-05-08&to=2026-05-11", [4]),
                ("from=2026-05-09&to=2026-05-10", [1]), ("from=2026-05-01&to=2026-05-07", [0]),
                ("from=2026-05-08&to=2026-05-11&interval=day&timeZone=Europe/Oslo", [1, 0, 0, 3]),
            ] as [(String, [Double?])] {
                let answer = try await service.figure("new-connections?\(query)")
                #expect(answer.values == values, "\(query): \(answer)")
            }
            // What comes late was first.
            try await service.store([
                Story.message("i", by: "bob", in: "messaging:y", at: "2026-05-07T08:00:00Z"),
                Story.message("j", in: "messaging:y", at: "2026-05-07T09:00:00Z"),
            ])
            let late = try await service.figure("new-connections?from=2026-05-07&to=2026-05-11&interval=day")
            #expect(late.values == [1, 0, 0, 1, 2])
        }
    }

    /// More than are remembered: the first of a crowd know each other.
    @Test func aCrowdIsNoCircle() async throws {
        try await withService { service in
            try await service.store(
                (10..<25).map {
                    Story.message("m\($0)", by: "u\($0)", in: "livestream:hall", at: "2026-05-08T10:\($0):00Z")
                } + (10..<25).map { Self.member("u\($0)", in: "livestream:hall") }
            )
            let pairs = try await service.figure("new-connections?from=2026-05-08&to=2026-05-08")
            #expect(pairs.values == [45])
            let all = try await service.figure("participation?from=2026-05-08&to=2026-05-08")
            #expect(all.values == [1])
            let some = try await service.figure("participation?from=2026-05-08T10:15:00Z&to=2026-05-08T10:30:00Z")
            #expect(some.values == [10.0 / 15])
        }
    }

    @Test func whoBeganToChatIsAShare() async throws {
        func made(_ user: String, at time: String) -> String {
            """
            {"type":"user.updated","created_at":"2026-05-19T00:00:00Z","user":{"id":"\(user)","name":"\(user)",\
            "created_at":"\(time)","updated_at":"2026-05-19T00:00:00Z"}}
            """
        }
        try await withService { service in
            try await service.store(
                Self.story + [
                    // To the quarter of an hour: seven days later, and one too late.
                    made("ada", at: "2026-05-01T10:00:00Z"), made("bob", at: "2026-05-01T10:00:00Z"),
                    made("eve", at: "2026-05-02T09:00:00Z"), made("cleo", at: "2026-05-02T09:00:00Z"),
                    made("dan", at: "2026-05-04T09:00:00Z"),
                ]
            )
            let days = try await service.figure("adoption?from=2026-05-01&to=2026-05-04&interval=day")
            #expect(days.values == [0.5, 0.5, nil, 0])
            let all = try await service.figure("adoption?from=2026-05-01&to=2026-05-04")
            #expect(all.values == [0.4])
        }
    }
}
