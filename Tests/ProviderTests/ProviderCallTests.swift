import JSON
import Provider
import Testing

struct ProviderCallTests {
    @Test func fieldsOfALaterVersionAreIgnored() throws {
        let json = #"{"call":"deleteMessage","priority":{"x":[1]},"cid":"a:b","id":"m","hard":null}"#
        #expect(try ProviderCall(json: json) == .deleteMessage(MessageDeletion(cid: "a:b", id: "m")))
    }

    @Test(arguments: [
        ("", "no JSON: there is nothing but white space"),
        ("[]", "not a JSON object"),
        ("{}", "it lacks \"call\""),
        (
            #"{"call":"teleportUser"}"#,
            "there is no call \"teleportUser\""
        ),
        (#"{"call":"deleteMessage","cid":"a:b"}"#, "deleteMessage lacks \"id\""),
        (
            #"{"call":"deleteMessage","cid":"a:b","id":7}"#,
            "\"id\" of deleteMessage has another type than expected"
        ),
        (
            #"{"call":"deleteMessage","cid":"a:b","id":"m","hard":"yes"}"#,
            "\"hard\" of deleteMessage has another type than expected"
        ),
        (
            #"{"call":"ban","target":"a","by":"b","until":"2026"}"#,
            "\"until\" of ban has another type than expected"
        ),
        (
            #"{"call":"deleteUsers","ids":["a"],"users":"gently"}"#,
            "\"users\" of deleteUsers has another type than expected"
        ),
        (#"{"call":"upsertUsers"}"#, "upsertUsers lacks \"users\""),
        (
            #"{"call":"upsertUsers","users":["ada"]}"#,
            "\"users\" of upsertUsers has another type than expected"
        ),
        (
            #"{"call":"addMembers","cid":"a:b","users":["a",1]}"#,
            "\"users\" of addMembers has another type than expected"
        ),
        (
            #"{"call":"sendMessage","cid":"a:b","id":"m","sender":"b","text":"t","attachments":[1]}"#,
            "\"attachments\" of sendMessage has another type than expected"
        ),
        (
            #"{"call":"sendMessage","cid":"a:b","id":"m","sender":"b","text":"t","custom":[1]}"#,
            "\"custom\" of sendMessage has another type than expected"
        ),
    ])
    func whatIsNoCallSaysWhy(_ json: String, _ reason: String) throws {
        let error = try #require(throws: ProviderCallError.self) { try ProviderCall(json: json) }
        #expect(error.description == reason)
    }

    @Test func objectsAreCheckedAndCompact() {
        #expect(JSONObjectText(" { \"a\" : [ 1 , 2 ] } ")?.text == #"{"a":[1,2]}"#)
        #expect(JSONObjectText("[]") == nil)
        #expect(JSONObjectText("{") == nil)
        #expect(JSONObjectText { _ in } == .empty)
        #expect(JSONObjectText { $0.field("a", "\"") }.text == #"{"a":"\""}"#)
        #expect(
            JSONObjectText(#"{"a":{"b":null},"c":"x"}"#)?.fields.map { "\($0.name)=\($0.json)" } == [
                "a={\"b\":null}", "c=\"x\"",
            ]
        )
    }

    /// One user's calls wait for each other; those of several are in a lane of their own.
    @Test func lanesOfUsers() {
        let (ada, bob) = (UserProfile(id: "ada"), UserProfile(id: "bob"))
        #expect(ProviderCall.upsertUsers([ada]).lane == "ada")
        #expect(ProviderCall.upsertUsers([ada, bob]).lane == ProviderCall.usersLane)
        #expect(ProviderCall.upsertUsers([]).lane == ProviderCall.usersLane)
    }
}
