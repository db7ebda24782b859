import TestSupport
import Testing

/// Whatever is wrong with a request is answered 400 naming it, and never repeated in the answer.
struct BadInputTests {
    struct Case {
        let path: String
        let parameter: String
        var allowed = ""
    }

    private static let messages = TestService.messagesPath
    private static let analytics = TestService.analyticsPath
    private static let hex63 = String(repeating: "a", count: 63)
    private static let long = String(repeating: "x", count: 1_025)

    private static let cases: [Case] =
        ["/listing/7", "/user/u", "/channel/a:b", ""].flatMap { suffix in
            let path = messages + suffix
            return [
                Case(path: "\(path)?limit=0", parameter: "limit", allowed: "from 1 to 200"),
                Case(path: "\(path)?limit=201", parameter: "limit", allowed: "from 1 to 200"),
                Case(path: "\(path)?limit=-1", parameter: "limit", allowed: "from 1 to 200"),
                Case(path: "\(path)?limit=%2B5", parameter: "limit", allowed: "from 1 to 200"),
                Case(path: "\(path)?limit=5.0", parameter: "limit", allowed: "from 1 to 200"),
                Case(path: "\(path)?limit=", parameter: "limit", allowed: "from 1 to 200"),
                Case(path: "\(path)?limit", parameter: "limit", allowed: "from 1 to 200"),
                Case(path: "\(path)?limit=99999999999999999999", parameter: "limit", allowed: "from 1 to 200"),
                Case(path: "\(path)?limit=5&limit=6", parameter: "limit", allowed: "more than once"),
                Case(path: "\(path)?limits=5", parameter: "limits", allowed: "did you mean limit?"),
                Case(path: "\(path)?order=latest", parameter: "order", allowed: "newest or oldest"),
                Case(path: "\(path)?cursor=", parameter: "cursor", allowed: "`next`"),
                Case(path: "\(path)?cursor=!!", parameter: "cursor", allowed: "`next`"),
                Case(path: "\(path)?cursor=bjE", parameter: "cursor", allowed: "`next`"),
                Case(path: "\(path)?cursor=bjE6", parameter: "cursor", allowed: "`next`"),
                Case(path: "\(path)?cursor=ZDE6YQ", parameter: "cursor", allowed: "`next`"),
                Case(path: "\(path)?cursor=bzE6YQ", parameter: "cursor", allowed: "order=oldest"),
                Case(path: "\(path)?cursor=bjE6YQ&order=oldest", parameter: "cursor", allowed: "order=newest"),
                Case(path: "\(path)?deleted=yes", parameter: "deleted", allowed: "exclude, include or only"),
                Case(path: "\(path)?flagged=1", parameter: "flagged", allowed: "true or false"),
                Case(path: "\(path)?type=", parameter: "type", allowed: "1 to 1024 bytes"),
                Case(path: "\(path)?parent=\(long)", parameter: "parent", allowed: "1 to 1024 bytes"),
                Case(path: "\(path)?from=yesterday", parameter: "from", allowed: "RFC 3339"),
                Case(path: "\(path)?from=2026-05-08", parameter: "from", allowed: "RFC 3339"),
                Case(path: "\(path)?to=2026-13-01T00:00:00Z", parameter: "to", allowed: "RFC 3339"),
                Case(path: "\(path)?to=9999-01-01T00:00:00Z", parameter: "to", allowed: "RFC 3339"),
                Case(
                    path: "\(path)?from=2026-05-08T00:00:00Z&to=2026-05-08T00:00:00Z",
                    parameter: "to",
                    allowed: "later than from"
                ),
            ]
        } + [
            Case(path: "\(messages)/listing/7?listing=8", parameter: "listing", allowed: "Known are"),
            Case(path: "\(messages)?channel=", parameter: "channel", allowed: "1 to 1024 bytes"),
            Case(path: "\(messages)?user=", parameter: "user", allowed: "1 to 1024 bytes"),
            Case(path: "\(messages)?listing=\(long)", parameter: "listing", allowed: "1 to 1024 bytes"),
            Case(path: "\(messages)/listing/", parameter: "listingId", allowed: "1 to 1024 bytes"),
            Case(path: "\(messages)/user/%FF", parameter: "userId", allowed: "UTF-8"),
            Case(path: "\(messages)/channel/\(long)", parameter: "cid", allowed: "1 to 1024 bytes"),
            Case(path: "\(messages)/", parameter: "id", allowed: "1 to 1024 bytes"),
            Case(path: "\(messages)/m1?fields=text", parameter: "fields", allowed: "None is known here"),
            Case(path: "/api/v1/channels/", parameter: "cid", allowed: "1 to 1024 bytes"),
            Case(path: "/api/v1/users/", parameter: "id", allowed: "1 to 1024 bytes"),
            Case(path: "/api/v1/listings/", parameter: "id", allowed: "1 to 1024 bytes"),
            Case(path: "/api/v1/sellers/", parameter: "id", allowed: "1 to 1024 bytes"),
            Case(path: "/api/v1/dead-letters/\(hex63)", parameter: "id", allowed: "64 lower-case"),
            Case(path: "/api/v1/dead-letters/\(hex63)G", parameter: "id", allowed: "64 lower-case"),
            Case(path: "/api/v1/dead-letters?limit=1000", parameter: "limit", allowed: "from 1 to 200"),
            Case(path: "/api/v1/dead-letters?cursor=bjE6YQ", parameter: "cursor", allowed: "`next`"),
            Case(path: "/api/v1/rejections?limit=5", parameter: "limit", allowed: "None is known here"),
            Case(path: "/healthz?verbose", parameter: "verbose", allowed: "None is known here"),
        ]

    private static let figures: [Case] = [
        Case(path: "startDate=08/05/2026", parameter: "startDate", allowed: "2026-05-08"),
        Case(path: "startDate=2026-02-29", parameter: "startDate", allowed: "2026-05-08"),
        Case(path: "startDate=2026-5-8", parameter: "startDate", allowed: "2026-05-08"),
        Case(path: "startDate=", parameter: "startDate", allowed: "2026-05-08"),
        Case(path: "endDate=2026-05-08T25:00:00Z", parameter: "endDate", allowed: "2026-05-08"),
        Case(path: "endDate=2026-05-08T10:00:00", parameter: "endDate", allowed: "2026-05-08"),
        Case(path: "startDate=2026-05-09&endDate=2026-05-08", parameter: "endDate", allowed: "not be before"),
        Case(
            path: "startDate=2026-05-08T00:00:00Z&endDate=2026-05-08T00:00:00Z",
            parameter: "endDate",
            allowed: "later than"
        ),
        Case(path: "startDate=2026-05-08&endDate=2026-05-08T00:00:00Z", parameter: "endDate", allowed: "both be days"),
        Case(path: "startDate=2026-05-08T00:00:00Z&endDate=2026-05-08", parameter: "endDate", allowed: "both be days"),
        Case(path: "startDate=2001-01-01", parameter: "startDate", allowed: "3660 days"),
        Case(path: "startDate=2001-01-01&endDate=2026-05-08", parameter: "endDate", allowed: "3660 days"),
        Case(path: "listingId=", parameter: "listingId", allowed: "1 to 1024 bytes"),
        Case(path: "timezone=UTC", parameter: "timezone", allowed: "did you mean timeZone?"),
    ]

    private static let zones = [
        "", "utc", "EST", "PST", "GMT+1", "+05:45", "Mars/Phobos", "europe/oslo", "Oslo", "Zulu",
    ]

    private static let bodies: [(path: String, body: String, parameter: String?, allowed: String)] = [
        ("flag", #"{"moderator":"eve"}"#, "reason", "1 to 500 characters"),
        ("flag", #"{"reason":"","moderator":"eve"}"#, "reason", "1 to 500 characters"),
        ("flag", #"{"reason":7,"moderator":"eve"}"#, "reason", "must be a string"),
        ("flag", #"{"reason":"spam"}"#, "moderator", "is missing"),
        ("flag", #"{"reason":"spam","moderator":""}"#, "moderator", "1 to 1024 bytes"),
        ("flag", #"{"reason":"spam","moderator":null}"#, "moderator", "must be a string"),
        ("flag", #"{"reason":"a","reason":"b","moderator":"eve"}"#, "reason", "more than once"),
        ("flag", #"{"reasons":"spam","moderator":"eve"}"#, "reasons", "did you mean reason?"),
        ("flag", #"{"reason":"\#(String(repeating: "é", count: 501))","moderator":"eve"}"#, "reason", "1 to 500"),
        ("flag", "", nil, "JSON object"), ("flag", "[]", nil, "JSON object"), ("flag", "{", nil, "JSON object"),
        ("unflag", "{}", "moderator", "is missing"),
        ("unflag", #"{"reason":"spam","moderator":"eve"}"#, "reason", "Known are moderator"),
    ]

    @Test func isNamed() async throws {
        try await withService { service in
            let figures = Self.figures.map {
                Case(path: "\(Self.analytics)?\($0.path)", parameter: $0.parameter, allowed: $0.allowed)
            }
            let zones = Self.zones.map { zone in
                let escaped = zone.replacing("+", with: "%2B")
                return Case(path: "\(Self.analytics)?timeZone=\(escaped)", parameter: "timeZone", allowed: "IANA")
            }
            for example in Self.cases + figures + zones {
                let answer = try await service.send("GET", example.path)
                try expect(answer, names: example.parameter, example.allowed, "\(example.path)")
            }
            for example in Self.bodies {
                let answer = try await service.send(
                    "PATCH",
                    "\(Self.messages)/m1/\(example.path)",
                    body: example.body
                )
                try expect(answer, names: example.parameter, example.allowed, "\(example.body)")
            }
            for (body, parameter) in [
                (#"{"role":"admin"}"#, "name"), (#"{"name":"a\nb","role":"admin"}"#, "name"),
                (#"{"name":"x"}"#, "role"), (#"{"name":"x","role":"root"}"#, "role"),
                (#"{"name":"x","role":"admin","id":"1"}"#, "id"),
            ] {
                let answer = try await service.send("POST", "/api/v1/keys", body: body)
                try expect(answer, names: parameter, "", "\(body)")
            }
        }
    }

    @Test func isNotRepeated() async throws {
        try await withService { service in
            let answer = try await service.send("GET", "\(Self.messages)?%3Cscript%3E%0d%0aX-Evil:1=%3Cb%3Esecret")
            #expect(answer.status == 400)
            #expect(try answer.problem().parameter == "<script>X-Evil:1")
            #expect(!answer.text.contains("secret"))
            #expect(answer.headers["x-evil"] == nil)
            let value = try await service.send("GET", "\(Self.messages)?order=secret")
            #expect(!value.text.contains("secret"))
        }
    }

    private func expect(_ answer: Answer, names parameter: String?, _ allowed: String, _ comment: Comment) throws {
        try #require(answer.status == 400, comment)
        let problem = try answer.problem()
        #expect(answer.headers["content-type"] == "application/problem+json", comment)
        #expect(problem.parameter == parameter, comment)
        #expect(problem.detail.contains(allowed), "\(comment): \(problem.detail)")
        #expect((problem.status, problem.title, problem.type) == (400, "Bad Request", "about:blank"), comment)
    }
}
