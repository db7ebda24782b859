import HTTPClient
import JSON
import Limits
import Testing

@testable import Provider

struct StreamOutcomeTests {
    private static let judge = StreamOutcome(limits: Limits.Provider())

    @Test(arguments: try ProviderFixture.all(in: "outcomes"))
    func isClassified(_ fixture: ProviderFixture) throws {
        let json = try fixture.json()
        let call = try ProviderCall(json: try #require(json["call"]).serialized())
        let outcome = Self.judge.outcome(of: try Self.response(json), to: call, at: ProviderFixture.now)
        #expect(outcome.name == json["outcome"]?.string)
        switch outcome {
        case .done(let answer): #expect(answer.taskID == json["taskID"]?.string)
        case .alreadyDone(let why): #expect(why.rawValue == json["why"]?.string)
        case .retry(let failure, let after, let mayHaveBeenApplied):
            #expect(after == json["after"]?.int64.map { .seconds($0) })
            #expect(mayHaveBeenApplied == json["mayHaveBeenApplied"]?.bool)
            try Self.check(failure, json)
        case .giveUp(let failure), .misconfigured(let failure): try Self.check(failure, json)
        }
    }

    /// The provider's message may repeat what a user wrote, so nothing of it may show.
    private static func check(_ failure: ProviderFailure, _ json: JSONValue) throws {
        if let description = json["description"]?.string { #expect(failure.description == description) }
        #expect(!failure.description.lowercased().contains("hush"))
        #expect(failure.description.contains(failure.endpoint.rawValue))
        #expect(failure.status.map { Int64($0) } == json["response"]?["status"]?.int64)
        #expect(failure.code.map { Int64($0) } == json["response"]?["body"]?["code"]?.int64)
    }

    private static func response(_ json: JSONValue) throws -> HTTPClientResponse {
        let response = try #require(json["response"])
        let headers = response["headers"]?.object.map { (name: $0.key, value: $0.value.string ?? "") } ?? []
        let body = response["text"]?.string ?? response["body"]?.serialized() ?? ""
        let status = Int(try #require(response["status"]?.int64))
        return HTTPClientResponse(status: status, headers: headers, body: Array(body.utf8))
    }

    @Test(arguments: [HTTPClientError.Kind.unreachable, .timedOut, .tooLarge, .malformed, .cancelled, .untrusted])
    func aMissingAnswerMayCome(_ kind: HTTPClientError.Kind) {
        let failure = ProviderFailure(.sendMessage, reason: "no answer")
        for wasSent in [true, false] {
            #expect(
                Self.judge.outcome(ofMissing: kind, "no answer", wasSent: wasSent, endpoint: .sendMessage)
                    == .retry(failure, after: nil, mayHaveBeenApplied: wasSent)
            )
        }
    }

    /// Key and token cannot make a request that is none, so it is the address.
    @Test(arguments: [HTTPClientError.Kind.invalidRequest, .forbiddenAddress])
    func anAddressThatIsNoneIsOurFault(_ kind: HTTPClientError.Kind) {
        let outcome = Self.judge.outcome(ofMissing: kind, "no address", wasSent: false, endpoint: .getApp)
        #expect(outcome == .misconfigured(ProviderFailure(.getApp, reason: "no address")))
    }
}
