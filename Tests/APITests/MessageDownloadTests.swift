import Foundation
import Limits
import TestSupport
import Testing

struct MessageDownloadTests {
    private static let path = TestService.messagesPath

    @Test func allThatMatchAreSent() async throws {
        var random = SeededRandom()
        let ids = (0..<57).map { "m\($0)" }
        let bodies = ids.map { id in
            // Several share an instant, so that pages end between equals.
            Story.message(id, at: "2026-05-08T10:00:0\(Int.random(in: 0...3, using: &random)).500Z")
        }
        var setup = TestService.Setup()
        setup.limits.query.exportRowsAtOnce = 10
        try await withService(setup) { service in
            try await service.store(bodies + [Story.message("other", by: "bob")])
            for order in ["newest", "oldest"] {
                let path = "\(Self.path)/user/ada?order=\(order)"
                let page = try await service.get(path + "&limit=200")
                let shown = (page["data"]?.array ?? []).compactMap { $0["_id"]?.string }
                try #require(shown.count == 57)
                #expect(try await Self.csv(service, path).map { $0.first } == ["id"] + shown, "seed \(random.seed)")
                for (limit, count) in [("", 57), ("&limit=1", 1), ("&limit=10", 10), ("&limit=12", 12)] {
                    let answer = try await service.send("GET", path + "&format=ndjson" + limit)
                    #expect(answer.headers["content-type"] == "application/x-ndjson")
                    let lines = try answer.text.split(separator: "\n").map {
                        try JSONDecoder().decode(JSON.self, from: Data($0.utf8))
                    }
                    #expect(lines == page["data"]?.array?.prefix(count).map { $0 }, "\(order) \(limit)")
                }
                let last = try await service.get(path + "&limit=20")
                let rest = try await Self.csv(service, path + "&cursor=\(last["next"]?.string ?? "")")
                #expect(rest.dropFirst().map { $0.first } == Array(shown.dropFirst(20)))
            }
        }
    }

    @Test func cellsAreWhatTheyAreAndNothingIsComputed() async throws {
        try await withService { service in
            try await service.store([
                Story.message("m1", #"=1+2,\"x\""#, by: "@bob", at: "2026-05-08T10:00:00Z"),
                Story.message(
                    "m2",
                    #"two\r\nlines"#,
                    at: "2026-05-08T10:00:01Z",
                    more: #","attachments":[{"type":"offer"}]"#
                ),
            ])
            let rows = try await service.send("GET", "\(Self.path)?order=oldest&format=csv")
            #expect(rows.headers["content-type"] == "text/csv; charset=utf-8")
            #expect(rows.headers["content-disposition"] == #"attachment; filename="messages.csv""#)
            let cid = "messaging:listing_7_ada_bob"
            #expect(
                rows.text == """
                    id,at,channel,sender,sender_name,type,flagged,deleted_at,listing,text\r
                    m1,2026-05-08T10:00:00.000Z,\(cid),'@bob,Name of @bob,regular,false,,7,"'=1+2,""x""\"\r
                    m2,2026-05-08T10:00:01.000Z,\(cid),ada,Name of ada,offer,false,,7,"two\r
                    lines"\r

                    """
            )
            let none = try await service.send("GET", "\(Self.path)/user/nobody?format=csv")
            #expect(none.text == "id,at,channel,sender,sender_name,type,flagged,deleted_at,listing,text\r\n")
            #expect(try await service.send("GET", "\(Self.path)/user/nobody?format=ndjson").text.isEmpty)
            #expect(try await service.send("GET", "\(Self.path)?format=xml").problem().parameter == "format")
        }
    }

    /// The cells of each row; of texts without commas and quotes.
    private static func csv(_ service: TestService, _ path: String) async throws -> [[String]] {
        try await service.send("GET", path + "&format=csv").text.split(separator: "\r\n")
            .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }
}
