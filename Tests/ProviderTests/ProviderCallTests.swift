import JSON
import Provider
import Testing

struct ProviderCallTests {
    @Test func fieldsOfALaterVersionAreIgnored() throws {
        let json = #"{"call":"deleteMessage","priority":{"x":[1]},"cid":"a:b","id":"m","hard":null}"#
        #expect(try ProviderCall(json: json) == .deleteMessage(MessageDeletion(cid: "a:b", id: "m")))
    }

    @Test(arguments: [
        ("", "read a stored call: no JSON: there is nothing but white space"),
        ("[]", "read a stored call: not a JSON object"),
        ("{}", "read a stored call: it lacks \"call\""),
        (
            #"{"call":"teleportUser"}"#,
            "read a stored call: unknown call \"teleportUser\". A newer version may have stored it: run that one."
        ),
        (#"{"call":"deleteMessage","cid":"a:b"}"#, "read a stored call: deleteMessage lacks \"id\""),
        (
            #"{"call":"deleteMessage","cid":"a:b","id":7}"#,
            "read a stored call: \"id\" of deleteMessage has another type than expected"
        ),
        (
            #"{"call":"deleteMessage","cid":"a:b","id":"m","hard":"yes"}"#,
            "read a stored call: \"hard\" of deleteMessage has another type than expected"
        ),
        (
            #"{"call":"ban","target":"a","by":"b","until":"2026"}"#,
            "read a stored call: \"until\" of ban has another type than expected"
        ),
        (
            #"{"call":"deleteUsers","ids":["a"],"users":"gently"}"#,
            "read a stored call: \"users\" of deleteUsers has another type than expected"
        ),
        (#"{"call":"upsertUsers"}"#, "read a stored call: upsertUsers lacks \"users\""),
        (
            #"{"call":"upsertUsers","users":["ada"]}"#,
            "read a stored call: \"users\" of upsertUsers has another type than expected"
        ),
        (
            #"{"call":"addMembers","cid":"a:b","users":["a",1]}"#,
            "read a stored call: \"users\" of addMembers has another type than expected"
        ),
        (
            #"{"call":"sendMessage","cid":"a:b","id":"m","sender":"b","text":"t","attachments":[1]}"#,
            "read a stored call: \"attachments\" of sendMessage has another type than expected"
        ),
        (
            #"{"call":"sendMessage","cid":"a:b","id":"m","sender":"b","text":"t","custom":[1]}"#,
            "read a stored call: \"custom\" of sendMessage has another type than expected"
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
