import API
import Foundation
import TestSupport
import Testing

/// `/openapi.json`; that answers are as it says, every test of the interface looks at (``TestService/send``).
struct OpenAPITests {
    @Test func everyRouteIsDescribed() async throws {
        try await withService { service in
            let api = try await service.get("/openapi.json", key: nil)
            #expect(api["openapi"] == "3.1.0" && api["info"]?["version"] == "1.2.3")
            guard case .object(let paths)? = api["paths"] else { throw TestFailure("no paths") }
            var (ids, count): (Set<String>, Int) = ([], 0)
            for (path, methods) in paths {
                guard case .object(let methods) = methods else { throw TestFailure("\(path) has no methods") }
                for (method, route) in methods {
                    count += 1
                    ids.insert(route["operationId"]?.string ?? "")
                    #expect(route["summary"]?.string?.isEmpty == false, "\(method) \(path)")
                    guard case .object(let answers)? = route["responses"] else { throw TestFailure("no answers") }
                    #expect(answers.contains { $0.key.hasPrefix("2") }, "\(method) \(path)")
                    let inPath = (route["parameters"]?.array ?? []).filter { $0["in"] == "path" }.compactMap {
                        $0["name"]?.string
                    }
                    #expect(
                        inPath.allSatisfy { path.contains("{\($0)}") } && inPath.count == path.count { $0 == "{" },
                        "\(path)"
                    )
                }
            }
            #expect(ids.count == count && count == service.router.reference.sections.count)
        }
    }

    @Test func whatIsReferredToIsThere() async throws {
        try await withService { service in
            let api = try await service.get("/openapi.json", key: nil)
            var references = 0
            func look(_ value: JSON) throws {
                switch value {
                case .array(let elements): for element in elements { try look(element) }
                case .object(let fields):
                    for (name, field) in fields {
                        if name == "$ref", let reference = field.string {
                            references += 1
                            let target = reference.split(separator: "/").dropFirst().reduce(api) { $0?[String($1)] }
                            #expect(target != nil, "\(reference)")
                        }
                        try look(field)
                    }
                default: break
                }
            }
            try look(api)
            #expect(references > 100)
        }
    }

    /// The examples of the page for people, as far as they are whole, are what the schemas describe.
    @Test func theExamplesOfTheReferenceAreAsDescribed() async throws {
        try await withService { service in
            let page = try String(contentsOf: repositoryRoot.appending(path: "docs/api.md"), encoding: .utf8)
            var count = 0
            for section in page.components(separatedBy: "\n### `").dropFirst() {
                let words = section.prefix { $0 != "`" }.split(separator: " ").map(String.init)
                for block in section.components(separatedBy: "```json\n").dropFirst() {
                    let example = block.components(separatedBy: "```")[0]
                    guard !example.contains("…") else { continue }
                    count += 1
                    let fault = service.document.fault(inExample: Array(example.utf8), of: words[0], words[1])
                    #expect(fault == nil, "\(words.joined(separator: " ")): \(fault ?? "")")
                }
            }
            #expect(count >= 40)
        }
    }

    @Test func thePageIsOfThisServiceAlone() async throws {
        try await withService { service in
            for (path, type) in [
                ("/docs", "text/html"), ("/docs/page.js", "text/javascript"), ("/docs/page.css", "text/css"),
            ] {
                let answer = try await service.send("GET", path, key: nil)
                #expect(answer.status == 200 && answer.headers["content-type"] == "\(type); charset=utf-8")
                #expect(answer.headers["content-security-policy"]?.contains("default-src 'none'") == true)
                #expect(!answer.text.contains("http://") && !answer.text.contains("https://"), "\(path)")
                #expect(!answer.text.contains("innerHTML"))
            }
        }
    }

    @Test func systemFiguresFollowWhatHappens() async throws {
        try await withService { service in
            let before = try await service.get("/api/v1/system")
            #expect(before["ingest"]?["accepted"] == 0 && before["acknowledgement"]?["p99_seconds"] == .null)
            let delivery = try #require(try fixtureCases(in: "webhooks").first { $0.name.contains("message.new") })
            let body = String(decoding: delivery.body, as: UTF8.self)
            let path = "/api/v1/webhooks/getstream"
            _ = try await service.send("POST", path, key: nil, body: body, headers: delivery.headers)
            _ = try await service.send("POST", path, key: nil, body: body + " ", headers: delivery.headers)
            try service.setTime("2026-05-20T12:00:20Z")
            let after = try await service.get("/api/v1/system")
            #expect(after["ingest"]?["accepted"] == 1 && after["ingest"]?["rejected"] == 1)
            #expect(after["over_seconds"] == 20 && after["ingest"]?["accepted_per_second"] == 0.05)
            #expect(after["queue"]?["rows"] == 1 && after["queue"]?["oldest_seconds"] == 20)
            #expect(after["mongodb"]?["reachable"] == true && after["outbox"]?.array?.isEmpty == true)
            guard case .number(let room)? = after["acknowledgement"]?["head_room_seconds"],
                case .object(let causes)? = after["failures"]?["rejected_by_cause"]
            else { throw TestFailure("no head room, or no causes") }
            #expect((0..<6).contains(room) && causes.values.contains(1))
        }
    }
}
