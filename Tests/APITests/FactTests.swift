import Facts
import Foundation
import Limits
import MongoDB
import Telemetry
import TestSupport
import Testing

struct FactTests {
    private static let path = "/api/v1/facts/listing"

    @Test func areToldShownAndTakenBack() async throws {
        try await withService { service in
            #expect(try await service.send("GET", "\(Self.path)/7").status == 404)
            let body = #"{"status":"active","price":12.50,"views":3,"sold":false,"tags":["a"],"gone":null}"#
            let stored = try await service.send("PUT", "\(Self.path)/7", body: body)
            #expect(stored.status == 200)
            let fields: JSON = ["status": "active", "price": 12.5, "views": 3, "sold": false, "tags": ["a"]]
            #expect(try stored.decode(JSON.self) == ["kind": "listing", "_id": "7", "fields": fields])
            let shown = try await service.get("\(Self.path)/7")
            #expect(shown["fields"] == fields)
            #expect(shown["sources"]?["status"] == "pushed")
            #expect(shown["unavailable"] == [])

            // In place of what was told before, not on top of it.
            #expect(try await service.send("PUT", "\(Self.path)/7", body: #"{"status":"sold"}"#).status == 200)
            #expect(try await service.get("\(Self.path)/7")["fields"] == ["status": "sold"])
            for wasThere in [true, false] {
                let gone = try await service.send("DELETE", "\(Self.path)/7")
                #expect(gone.status == 200)
                #expect(try gone.decode(JSON.self) == ["kind": "listing", "_id": "7", "deleted": .bool(wasThere)])
                #expect(try await service.send("GET", "\(Self.path)/7").status == 404)
            }
        }
    }

    @Test func anyIdIsTaken() async throws {
        try await withService { service in
            for id in ["a%2Fb", "%24where", "a.b", "%C3%A9", "listing%20%25"] {
                let answer = try await service.send("PUT", "\(Self.path)/\(id)", body: #"{"$set":{"x":1}}"#)
                #expect(answer.status == 400, "\(id)")
                let stored = try await service.send("PUT", "\(Self.path)/\(id)", body: #"{"$set":"x","a.b":1}"#)
                #expect(stored.status == 200, "\(id)")
                let shown = try await service.get("\(Self.path)/\(id)")
                #expect(shown["_id"]?.string == id.removingPercentEncoding, "\(id)")
                #expect(shown["fields"] == ["$set": "x", "a.b": 1], "\(id)")
            }
        }
    }

    @Test func manyAreToldAtOnce() async throws {
        try await withService { service in
            let text = String(repeating: "x", count: 1_000)
            let items = (0..<1_000).map { #""\#($0)":{"number":\#($0),"text":"\#(text)"}"# }
            let answer = try await service.send("PUT", Self.path, body: "{\(items.joined(separator: ","))}")
            #expect(answer.status == 200)
            #expect(try answer.decode(JSON.self) == ["stored": 1_000, "refused": []])
            #expect(try await service.get("\(Self.path)/999")["fields"]?["number"] == 999)
            let tooMany = (0...1_000).map { #""\#($0)":{}"# }.joined(separator: ",")
            let refused = try await service.send("PUT", Self.path, body: "{\(tooMany)}")
            #expect(refused.status == 400)
            #expect(try refused.problem().detail.contains("at most 1000 things"))
            let large = try await service.send("PUT", Self.path, body: String(repeating: " ", count: 4_194_305))
            #expect(large.status == 413)
            let single = try await service.send("PUT", "\(Self.path)/7", body: String(repeating: " ", count: 65_537))
            #expect(single.status == 413)
        }
    }

    /// What is wrong with one thing keeps it out, whole, and none of the others.
    @Test func eachIsTakenOrRefusedAsAWhole() async throws {
        try await withService { service in
            let body = #"{"1":{"a":1},"2":{"a":1,"b":{}},"3":[],"":{},"1":{"a":2},"4":{}}"#
            let answer = try await service.send("PUT", Self.path, body: body)
            #expect(answer.status == 207)
            let report = try answer.decode(JSON.self)
            #expect(report["stored"] == 2)
            let refused = report["refused"]?.array ?? []
            #expect(refused.map { $0["_id"]?.string } == ["2", "3", "", "1"])
            #expect(refused.map { $0["parameter"] } == ["b", .null, .null, .null])
            #expect(refused.allSatisfy { $0["detail"]?.string?.isEmpty == false })
            #expect(try await service.get("\(Self.path)/1")["fields"] == ["a": 1])
            #expect(try await service.send("GET", "\(Self.path)/2").status == 404)
            #expect(try await service.send("GET", "\(Self.path)/4").status == 200)
        }
    }

    @Test func whatIsWrongIsNamed() async throws {
        try await withService { service in
            let bodies: [(body: String, parameter: String?, allowed: String)] = [
                ("", nil, "JSON object"), ("[]", nil, "JSON object"), ("{", nil, "JSON object"),
                (#"{"a":{}}"#, "a", "list of texts"), (#"{"a":[1]}"#, "a", "list of texts"),
                (#"{"a":1,"a":2}"#, "a", "once"), (#"{"":1}"#, "", "1 to 128 bytes"),
                (#"{"x\r\ny<":{}}"#, "xy<", "control characters"),
                (#"{"a":"\#(String(repeating: "x", count: 8_193))"}"#, "a", "8192 bytes"),
                (#"{"a":18446744073709551615}"#, "a", "64 bits"),
            ]
            for (body, parameter, allowed) in bodies {
                let answer = try await service.send("PUT", "\(Self.path)/7", body: body)
                #expect(answer.status == 400, "\(body)")
                #expect(try answer.problem().parameter == parameter, "\(body)")
                #expect(try answer.problem().detail.contains(allowed), "\(answer.text)")
            }
            let long = String(repeating: "x", count: 1_025)
            for (path, parameter) in [
                ("/api/v1/facts/Listing/7", "kind"), ("/api/v1/facts/a.b/7", "kind"), ("/api/v1/facts//7", "kind"),
                ("\(Self.path)/", "id"), ("\(Self.path)/\(long)", "id"), ("\(Self.path)/%FF", "id"),
                ("\(Self.path)/7?fields=a", "fields"),
            ] {
                for method in ["GET", "PUT", "DELETE"] {
                    let answer = try await service.send(method, path, body: method == "PUT" ? "{}" : nil)
                    #expect(answer.status == 400, "\(method) \(path)")
                    #expect(try answer.problem().parameter == parameter, "\(method) \(path)")
                }
            }
        }
    }

    /// A source that does not answer is named, and nothing is made up for it.
    @Test func whatCannotBeAskedIsShown() async throws {
        var setup = TestService.Setup()
        let port = try closedPort()
        setup.app = { limits in
            try AppDatabase(
                uri: "mongodb://127.0.0.1:\(port)/shop",
                mappings: [FactMapping(kind: "listing", collection: "listings", fields: ["status": ["status"]])],
                limits: limits,
                log: .none
            )
        }
        try await withService(setup) { service in
            #expect(try await service.send("PUT", "\(Self.path)/7", body: #"{"status":"sold"}"#).status == 200)
            for path in ["\(Self.path)/7", "\(Self.path)/8"] {
                let shown = try await service.get(path)
                #expect(shown["unavailable"]?[0]?["source"] == "app")
                #expect(shown["unavailable"]?[0]?["reason"]?.string?.contains("APP_MONGODB_URI") == true)
                #expect(shown["fields"] == (path.hasSuffix("7") ? ["status": "sold"] : [:]))
            }
            #expect(try await service.send("GET", "/api/v1/facts/order/7").status == 404)
        }
    }
}
