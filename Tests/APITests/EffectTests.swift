import Chat
import Foundation
import HTTPClient
import History
import Limits
import MongoDB
import Outbox
import Provider
import TestSupport
import Testing

struct EffectTests {
    private static let path = "/api/v1/effects"

    @Test func areListedByStateDestinationCauseAndLane() async throws {
        try await withService { service in
            try await service.write((0..<5).map { Self.effect($0) })
            try await service.write([Self.effect(9, destination: .email, lane: "ada", cause: "other")], mode: .record)
            let all = try await service.get("\(Self.path)?limit=4")
            #expect(all["data"]?.array?.count == 4)
            let rest = try await service.get("\(Self.path)?limit=4&cursor=\(all["next"]?.string ?? "")")
            #expect(rest["data"]?.array?.count == 2 && rest["next"] == .null)
            let ids = [all, rest].flatMap { $0["data"]?.array ?? [] }.compactMap { $0["_id"]?.string }
            #expect(Set(ids).count == 6)
            for query in ["state=recorded", "destination=email", "cause=other", "lane=ada"] {
                let page = try await service.get("\(Self.path)?\(query)")
                #expect((page["data"]?.array ?? []).map { $0["_id"] } == ["m9/1/test/message.delete"], "\(query)")
            }
        }
    }

    @Test func oneIsShownWithPayloadAndTimeline() async throws {
        try await withService { service in
            try await service.write([Self.effect(1)])
            let shown = try await service.get("\(Self.path)/m1%2F1%2Ftest%2Fmessage.delete")
            #expect(shown["state"] == "waiting" && shown["payload"]?["n"] == 1 && shown["cause"] == "call")
            #expect(shown["timeline"]?[0]?["what"] == "written")
            #expect(try await service.send("GET", "\(Self.path)/nothing").status == 404)
        }
    }

    @Test func areCancelledAndRetriedByAnOperator() async throws {
        try await withService { service in
            try await service.write([Self.effect(1)])
            let id = "\(Self.path)/m1%2F1%2Ftest%2Fmessage.delete"
            let premature = try await service.send("POST", "\(id)/retry")
            #expect(premature.status == 409)
            #expect(try premature.problem().detail == "The effect is waiting and cannot be retried.")
            let cancelled = try await service.send("POST", "\(id)/cancel")
            #expect(cancelled.status == 200)
            #expect(try cancelled.decode(JSON.self)["state"] == "cancelled")
            #expect(try await service.send("POST", "\(id)/cancel").status == 409)
            let retried = try await service.send("POST", "\(id)/retry")
            #expect(try retried.decode(JSON.self)["state"] == "waiting")
            #expect(try retried.decode(JSON.self)["timeline"]?.array?.count == 3)
            #expect(try await service.send("POST", "\(Self.path)/nothing/retry").status == 404)
        }
    }

    @Test func aModeratorChangesOnlyWhatItCouldAskFor() async throws {
        try await withService { service in
            let moderator = try await service.makeKey("moderator")
            let calls = ["deleteUsers", "ban"]
            try await service.write(
                calls.map {
                    Effect(
                        key: .init(entity: "sam", version: "1", cause: "test", action: $0),
                        destination: .provider,
                        lane: "sam",
                        action: $0,
                        payload: "{}",
                        cause: .init(.call, "key"),
                        eventTime: Timestamp(milliseconds: 1_779_278_400_000)
                    )
                }
            )
            for verb in ["cancel", "retry"] {
                for (call, status) in zip(calls, [403, 200]) {
                    let path = "\(Self.path)/sam%2F1%2Ftest%2F\(call)/\(verb)"
                    #expect(try await service.send("POST", path, key: moderator).status == status, "\(call) \(verb)")
                }
            }
            #expect(try await service.send("POST", "\(Self.path)/nothing/retry", key: moderator).status == 404)
        }
    }

    @Test func destinationsAreStoppedAndLetGoOn() async throws {
        try await withService { service in
            try await service.write([Self.effect(1), Self.effect(2)])
            let path = "/api/v1/destinations"
            let before = try await service.get(path)
            #expect(before["mode"] == "on")
            #expect(
                before["data"]?[0] == [
                    "name": "provider", "paused": false, "scheduled": 0, "waiting": 2, "running": 0, "dead": 0,
                ]
            )
            let paused = try await service.send("POST", "\(path)/provider/pause")
            #expect(try paused.decode(JSON.self)["data"]?[0]?["paused"] == true)
            let resumed = try await service.send("POST", "\(path)/provider/resume")
            #expect(try resumed.decode(JSON.self)["data"]?[0]?["paused"] == false)
            #expect(try await service.send("POST", "\(path)/nowhere/pause").status == 400)
        }
    }

    /// A reply that was asked for before an outage is not sent after it; a deletion still is.
    @Test(arguments: [
        (
            #"{"call":"sendMessage","cid":"messaging:x","id":"m1","sender":"ada","text":"x"}"#,
            "2026-05-20T12:15:00.000Z"
        ),
        (#"{"call":"deleteMessage","cid":"messaging:x","id":"m1"}"#, nil),
    ])
    func messagesBecomeTooOld(_ call: String, _ expires: String?) async throws {
        var setup = TestService.Setup()
        setup.provider = StreamClient.nowhere
        try await withService(setup) { service in
            let answer = try await service.send("POST", Self.path, body: call)
            #expect(answer.status == 202)
            let id = try #require(try answer.decode(JSON.self)["_id"]?.string)
            let escaped = try #require(id.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            #expect(try await service.get("\(Self.path)/\(escaped)")["expires"]?.string == expires)
        }
    }

    private static func effect(
        _ number: Int,
        destination: Effect.Destination = .provider,
        lane: String = "messaging:x",
        cause: String = "key"
    ) -> Effect {
        Effect(
            key: .init(entity: "m\(number)", version: "1", cause: "test", action: "message.delete"),
            destination: destination,
            lane: lane,
            action: "message.delete",
            payload: "{\"n\":\(number)}",
            cause: .init(.call, cause),
            eventTime: Timestamp(milliseconds: 1_779_278_400_000)
        )
    }
}

extension TestService {
    fileprivate func write(_ effects: [Effect], mode: EffectMode = .on) async throws {
        let history = history
        try await blocking {
            let store = OutboxStore(try history.opened(), limits: .init())
            try store.write(effects, mode: mode, order: WriteOrder(), at: try timestamp(Self.epoch))
        }
    }
}

extension StreamClient {
    /// Its calls are checked and written down; there is nobody to make them to.
    static var nowhere: StreamClient {
        let credentials = StreamCredentials(apiKey: "key", secret: "secret", baseURL: "http://127.0.0.1:1")
        return StreamClient(credentials: credentials, http: HTTPClient(), now: { Timestamp(milliseconds: 0) })
    }
}
