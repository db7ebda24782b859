import JSON
import Limits
import Testing

@testable import Provider

struct StreamSpellingTests {
    private static let spelling = StreamSpelling(limits: Limits.Provider())

    @Test(arguments: try ProviderFixture.all(in: "requests"))
    func isSpelledAsTheProviderWants(_ fixture: ProviderFixture) throws {
        let json = try fixture.json()
        let call = try ProviderCall(json: try #require(json["call"]).serialized())
        if let reason = json["refused"]?.string {
            let failure = try #require(throws: ProviderFailure.self) {
                try Self.spelling.request(for: call, at: ProviderFixture.now)
            }
            #expect(failure.reason == reason)
            #expect(failure.endpoint == call.endpoint)
            return
        }
        let result = try Self.spelling.request(for: call, at: ProviderFixture.now)
        guard let expected = json["request"] else {
            #expect(json["over"]?.bool == true)
            #expect(result == .over)
            return
        }
        guard case .request(let request) = result else {
            Issue.record("nothing to send")
            return
        }
        #expect(request.endpoint.rawValue == expected["endpoint"]?.string)
        #expect(request.endpoint == call.endpoint)
        #expect(request.method == expected["method"]?.string)
        #expect(request.path == expected["path"]?.string)
        let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        #expect(query == expected["query"]?.string ?? "")
        #expect(request.body == expected["body"]?.serialized())
        #expect(call.lane == json["lane"]?.string)
    }

    /// What is stored and read back is the same call, and what is stored the fixture's own text.
    @Test(arguments: try ProviderFixture.all(in: "requests"))
    func isStoredAndReadBack(_ fixture: ProviderFixture) throws {
        let stored = try #require(try fixture.json()["call"]).serialized()
        let call = try ProviderCall(json: stored)
        #expect(call.json == stored)
        #expect(try ProviderCall(json: call.json) == call)
        #expect(stored.hasPrefix("{\"call\":\"\(call.name)\""))
    }

    @Test func everyCallHasAFixture() throws {
        let names = try ProviderFixture.all(in: "requests").compactMap { fixture in
            try fixture.json()["request"] == nil ? nil : try fixture.json()["call"]?["call"]?.string
        }
        #expect(Set(names) == Set(ProviderCall.storedNames))
        #expect(Set(names).count == 24)
    }

    @Test func aCallLargerThanTheProviderTakesIsRefused() throws {
        var limits = Limits.Provider()
        limits.bodyBytes = 1_000
        var message = NewMessage(cid: "a:b", id: "m", sender: "bot", text: String(repeating: "x", count: 900))
        _ = try StreamSpelling(limits: limits).request(for: .sendMessage(message), at: ProviderFixture.now)
        message.text += message.text
        let failure = try #require(throws: ProviderFailure.self) {
            try StreamSpelling(limits: limits).request(for: .sendMessage(message), at: ProviderFixture.now)
        }
        #expect(failure.description == "SendMessage: the request is larger than 1000 bytes. Nothing was sent.")
    }
}
