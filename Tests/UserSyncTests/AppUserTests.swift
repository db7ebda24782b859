import Chat
import JSON
import Limits
import Testing
import UserSync

struct AppUserTests {
    @Test func isMappedAsDatabaseTriggersSendIt() throws {
        let user = try read(
            """
            {"user_id":"u1","display_name":null,"full_name":"Ada L.","avatar_url":"https://x/a.png","role":"seller",
             "is_verified":true,"email":"a@b.c","custom":{"shop":{"b":1.0,"a":2}},"updated_at":"2026-05-20T12:00:00.5Z"}
            """,
            roles: ["seller": "vendor", "*": "user"]
        )
        #expect(user.id == "u1")
        let expected =
            #"{"image":"https://x/a.png","is_verified":true,"name":"Ada L.","role":"vendor","shop":{"a":2,"b":1}}"#
        #expect(user.fields.json == expected)
        #expect(user.changedAt?.rfc3339 == "2026-05-20T12:00:00.500Z")
        // What nobody asked for stays with the app: everyone in a chat can read what the provider has.
        #expect(user.ignored == ["email"])
    }

    @Test(arguments: [
        (#"{"display_name":"A","full_name":"B"}"#, #"{"name":"A"}"#),
        (#"{"display_name":"","full_name":"B","avatar_url":""}"#, #"{"name":"B"}"#),
        (#"{"role":"buyer"}"#, #"{"role":"buyer"}"#),
        (#"{"teams":["b","a"],"language":"de"}"#, #"{"language":"de","teams":["a","b"]}"#),
        (#"{"is_verified":null,"custom":null}"#, "{}"),
    ])
    func fallsBackWhereAFieldIsEmpty(_ given: String, _ fields: String) throws {
        #expect(try read(given, id: "u").fields.json == fields)
    }

    @Test func rolesOutsideTheMapAreTheProvidersFirst() throws {
        #expect(try read(#"{"id":7,"role":"admin"}"#, roles: ["seller": "vendor"]).fields.json == #"{"role":"user"}"#)
        #expect(try read(#"{"id":7}"#).id == "7")
    }

    @Test(arguments: [
        ("[]", nil as String?), ("{}", "user_id"), (#"{"user_id":""}"#, "user_id"), (#"{"user_id":{}}"#, "user_id"),
        (#"{"user_id":"u","display_name":1}"#, "display_name"), (#"{"user_id":"u","custom":[]}"#, "custom"),
        (#"{"user_id":"u","custom":{"banned":true}}"#, "custom"), (#"{"user_id":"u","teams":[1]}"#, "teams"),
        (#"{"user_id":"u","custom":{"a.b":1}}"#, "custom"),
        (#"{"user_id":"u","active":"yes"}"#, "active"), (#"{"user_id":"u","updated_at":"2026-05-20"}"#, "updated_at"),
        (#"{"user_id":"u","custom":{"a":"\#(String(repeating: "x", count: 5_120))"}}"#, "custom"),
        (#"{"user_id":"u","x":"\#(String(repeating: "x", count: 65_536))"}"#, nil),
    ])
    func whatCannotBeTakenIsNamed(_ given: String, _ field: String?) throws {
        let fault = #expect(throws: AppUserFault.self) { try read(given) }
        #expect(fault?.field == field)
    }

    private func read(_ json: String, id: String? = nil, roles: [String: String] = [:]) throws -> AppUser {
        var mapping = UserMapping()
        mapping.roles = roles
        return try AppUser(try JSONParser().parse(Array(json.utf8)), id: id, mapping, Limits.UserSync())
    }
}
