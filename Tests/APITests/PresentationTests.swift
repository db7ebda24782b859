import Foundation
import Gzip
import TestSupport
import Testing

/// What is done to every answer on its way out.
struct PresentationTests {
    @Test func anUnchangedAnswerIsNotSentAgain() async throws {
        try await withService { service in
            let first = try await service.send("GET", "/healthz")
            let tag = try #require(first.headers["etag"])
            #expect(tag.hasPrefix(#"W/""#))
            for wanted in [tag, "*", #""x", \#(tag)"#, String(tag.dropFirst(2))] {
                let again = try await service.send("GET", "/healthz", headers: ["If-None-Match": wanted])
                #expect(again.status == 304 && again.body.isEmpty && again.headers["etag"] == tag, "\(wanted)")
            }
            let other = try await service.send("GET", "/healthz", headers: ["If-None-Match": #"W/"x""#])
            #expect(other.status == 200 && other.text == first.text)
            #expect(try await service.send("HEAD", "/healthz").headers["etag"] == tag)
            #expect(try await service.send("GET", "/nothing").headers["etag"] == nil)
        }
    }

    @Test func largeAnswersAreCompressedForWhoeverTakesThat() async throws {
        try await withService { service in
            let plain = try await service.send("GET", "/openapi.json")
            #expect(plain.headers["content-encoding"] == nil && plain.headers["vary"] == "Accept-Encoding")
            for accepted in ["gzip", "br;q=1.0, gzip;q=0.5", "*"] {
                let small = try await service.send("GET", "/openapi.json", headers: ["Accept-Encoding": accepted])
                #expect(small.headers["content-encoding"] == "gzip" && small.body.count < plain.body.count / 4)
                #expect(try Gzip.inflate(Array(small.body), cap: 1 << 24) == Array(plain.body))
                #expect(small.headers["etag"] == plain.headers["etag"])
            }
            for refused in ["gzip;q=0", "br", "identity"] {
                let answer = try await service.send("GET", "/openapi.json", headers: ["Accept-Encoding": refused])
                #expect(answer.headers["content-encoding"] == nil, "\(refused)")
            }
            let short = try await service.send("GET", "/healthz", headers: ["Accept-Encoding": "gzip"])
            #expect(short.headers["content-encoding"] == nil)
        }
    }

    @Test func otherSitesAskOnlyIfAllowed() async throws {
        var setup = TestService.Setup()
        setup.origins = ["https://shop.example"]
        try await withService(setup) { service in
            let ask = ["Origin": "https://shop.example", "Access-Control-Request-Method": "GET"]
            let preflight = try await service.send("OPTIONS", "/api/v1/keys", key: nil, headers: ask)
            #expect(preflight.status == 204)
            #expect(preflight.headers["access-control-allow-origin"] == "https://shop.example")
            #expect(preflight.headers["access-control-allow-methods"] == "GET, HEAD, POST, OPTIONS")
            #expect(preflight.headers["access-control-allow-headers"]?.contains("Authorization") == true)
            let answer = try await service.send("GET", "/healthz", headers: ["Origin": "https://shop.example"])
            #expect(answer.headers["access-control-allow-origin"] == "https://shop.example")
            #expect(answer.headers["vary"] == "Origin")
            let stranger = try await service.send("GET", "/healthz", headers: ["Origin": "https://evil.example"])
            #expect(stranger.headers["access-control-allow-origin"] == nil && stranger.headers["vary"] == "Origin")
        }
        try await withService { service in
            let answer = try await service.send("GET", "/healthz", headers: ["Origin": "https://shop.example"])
            #expect(!answer.headers.keys.contains { $0.hasPrefix("access-control") } && answer.headers["vary"] == nil)
        }
    }
}
