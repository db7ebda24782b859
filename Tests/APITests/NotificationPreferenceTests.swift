import TestSupport
import Testing

struct NotificationPreferenceTests {
    private static let path = "/api/v1/users/ada%2F1/notification-preferences"

    @Test func everythingIsWantedUntilSaidOtherwise() async throws {
        try await withService { service in
            let all: JSON = ["_id": "ada/1", "new_offer": true, "unread_reminder": true]
            #expect(try await service.get(Self.path) == all)
            let changed = try await service.send("PUT", Self.path, body: #"{"unread_reminder":false}"#)
            let expected: JSON = ["_id": "ada/1", "new_offer": true, "unread_reminder": false]
            #expect(changed.status == 200)
            #expect(try changed.decode(JSON.self) == expected)
            #expect(try await service.get(Self.path) == expected)
            // What is left out is wanted.
            #expect(try await service.send("PUT", Self.path, body: "{}").status == 200)
            #expect(try await service.get(Self.path) == all)
        }
    }

    @Test(arguments: [
        ("[]", nil, "The body must be a JSON object."),
        (#"{"new_offers":true}"#, "new_offers", "did you mean new_offer?"),
        (#"{"new_offer":"no"}"#, "new_offer", "must be true or false, once"),
        (#"{"new_offer":true,"new_offer":false}"#, "new_offer", "must be true or false, once"),
    ])
    func badBodiesAreRefused(_ body: String, _ parameter: String?, _ words: String) async throws {
        try await withService { service in
            let answer = try await service.send("PUT", Self.path, body: body)
            #expect(answer.status == 400)
            let problem = try answer.problem()
            #expect(problem.detail.contains(words) && problem.parameter == parameter, "\(problem)")
        }
    }
}
