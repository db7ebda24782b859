import Chat
import JSON
import Limits
import Testing

struct DecodingTests {
    private func decode(_ json: String, options: DecodingOptions = .init()) throws(DecodingFailure) -> ChatEvent {
        try StreamProvider(options: options).decode(
            Array(json.utf8),
            id: DecodingFixture.id,
            receivedAt: DecodingFixture.receivedAt,
            parser: JSONParser()
        )
    }

    // MARK: Custom fields

    @Test(arguments: [
        (#""custom":{"k":1},"Custom":{"k":2},"k":3"#, #"{"k":1}"#), (#""Custom":{"k":2},"k":3"#, #"{"k":2}"#),
        (#""k":3"#, #"{"k":3}"#), (#""custom":{"k":null},"k":3"#, #"{"k":3}"#), (#""custom":null,"Custom":null"#, nil),
        (#""k":null"#, nil), (#""custom":{"a":1},"b":[{"c":null}]"#, #"{"a":1,"b":[{"c":null}]}"#),
        // A field of the team's may have the name of one of the provider's.
        (#""custom":{"type":"x","id":9}"#, #"{"type":"x","id":9}"#), (#""silent":true"#, nil),
    ])
    func gathersCustomFields(_ fields: String, _ custom: String?) throws {
        let event = try decode(#"{"type":"message.new","message":{"id":"m",\#(fields)}}"#)
        #expect(event.message?.custom == custom)
        #expect(event.faults == [])
    }

    @Test(arguments: [
        (#""name":"a""#, "a"), (#""custom":{"name":"a"},"name":"b""#, "a"),
        (#""Custom":{"name":"a"},"custom":{}"#, "a"),
        (#""custom":{"name":null},"name":"b""#, "b"),
    ])
    func findsAProfilesName(_ fields: String, _ name: String) throws {
        let event = try decode(#"{"type":"user.updated","user":{"id":"u",\#(fields)}}"#)
        #expect(event.user?.name == name)
        #expect(event.user?.custom == nil)
    }

    @Test(arguments: [
        (#"12"#, 12.0), (#"12.5"#, 12.5), (#""12.5""#, 12.5), (#""1e3""#, 1000), (#""-1""#, -1), (#""""#, nil),
        (#""nan""#, nil), (#""0x10""#, nil), (#""1e999""#, nil), (#""12 kr""#, nil), (#"true"#, nil), (#"null"#, nil),
    ])
    func readsAnAmount(_ value: String, _ amount: Double?) throws {
        let event = try decode(#"{"type":"message.new","message":{"id":"m","amount":\#(value)}}"#)
        #expect(event.message?.amount == amount)
        #expect(event.faults == (amount == nil && ![#""""#, "null"].contains(value) ? ["message.amount"] : []))
    }

    @Test func asksTheConfiguredFieldsForTheBusinessType() throws {
        var options = DecodingOptions()
        options.businessTypeFields = ["kind", "message_type"]
        func type(_ fields: String) throws -> String? {
            try decode(#"{"type":"message.new","message":{"id":"m",\#(fields)}}"#, options: options).message?
                .businessType
        }
        #expect(try type(#""message_type":"b","kind":"a""#) == "a")
        #expect(try type(#""message_type":"b","kind":"""#) == "b")
        #expect(try type(#""attachments":[{"type":"offer"}],"kind":"a""#) == "a")
        #expect(try type(#""attachments":[{"type":"offer"}]"#) == "offer")
        #expect(try type(#""attachments":[{"type":"image"},7]"#) == nil)
    }

    // MARK: Times

    @Test(arguments: [
        (#""2026-05-08T10:11:12Z""#, "2026-05-08T10:11:12.000Z", true),
        ("1778235072345678901", "2026-05-08T10:11:12.345678901Z", true),
        ("1.778235072e18", "2026-05-08T10:11:12.000Z", true), (#""0001-01-01T00:00:00Z""#, "nil", true),
        (#""0001-01-01T02:00:00+02:00""#, "nil", true), ("-6795364578871345152", "nil", true), ("0", "nil", true),
        ("null", "nil", true), (#""9999-12-31T00:00:00Z""#, "nil", false), (#""1778235072""#, "nil", false),
        ("18446744073709551615", "nil", false), ("1.5", "nil", false), ("true", "nil", false), (#""""#, "nil", false),
    ])
    func readsATime(_ value: String, _ time: String, _ isRight: Bool) throws {
        let event = try decode(#"{"type":"message.read","created_at":\#(value)}"#)
        #expect(event.createdAt?.rfc3339 ?? "nil" == time)
        #expect(event.faults == (isRight ? [] : ["created_at"]))
        if event.createdAt == nil { #expect(event.time == DecodingFixture.receivedAt) }
    }

    // MARK: Channel, users, limits

    @Test(arguments: [
        (#""cid":"a:b","channel_type":"x","channel_id":"y""#, "a:b"),
        (#""channel_type":"x","channel_id":"y:z""#, "x:y:z"),
        (#""channel_type":"x""#, nil), (#""cid":"","channel_id":"y""#, nil),
        (#""channel":{"type":"x","id":"y"}"#, "x:y"),
        (#""channel":{"cid":"a:b"}"#, "a:b"), (#""message":{"id":"m","cid":"a:b"}"#, "a:b"),
        (#""thread":{"parent_message_id":"m","channel_cid":"a:b"}"#, "a:b"), (#""cid":7"#, nil),
    ])
    func findsTheChannel(_ fields: String, _ cid: String?) throws {
        let json = #"{"type":"x.y",\#(fields)}"#
        #expect(try decode(json).cid == cid)
        let envelope = StreamProvider().envelope(of: Array(json.utf8), parser: JSONParser())
        #expect(envelope == Envelope(type: "x.y", lane: cid ?? "x.y", isReadable: true))
    }

    @Test func theLaneFallsBackToTheUserThenToTheType() {
        func lane(_ json: String) -> String {
            StreamProvider().envelope(of: Array(json.utf8), parser: JSONParser()).lane
        }
        #expect(lane(#"{"type":"a.b","user":{"id":"u"},"user_id":"v"}"#) == "u")
        #expect(lane(#"{"type":"a.b","user":null,"user_id":"v"}"#) == "v")
        #expect(lane(#"{"type":"a.b"}"#) == "a.b")
    }

    @Test(arguments: [
        (#"{"user":{"id":"a"}}"#, ["a"]),
        (#"{"message":{"pinned_by":{"id":"a"},"quoted_message":{"user":{"id":"b"}}}}"#, ["a", "b"]),
        (
            #"{"created_by_id":"a","deleted_by":"b","by":"c","mentioned_user_ids":["d","e"]}"#,
            ["a", "b", "c", "d", "e"]
        ),
        (#"{"members":[{"user_id":"a","user":{"id":"a"}}],"parent_author":"b"}"#, ["a", "b"]),
        (#"{"channel":{"id":"c","seller_id":"a"},"delete_user":"hard","message":{"id":"m"}}"#, ["a"]),
        (#"{"entity_type":"stream:v1:user_profile","entity_id":"a"}"#, ["a"]),
        (#"{"entity_type":"stream:chat:v1:message","entity_id":"m"}"#, []),
        (#"{"user":"hard","user_id":7,"users":[1]}"#, []),
        (#"{"user":{"id":""}}"#, []),
    ])
    func findsEveryUser(_ fields: String, _ ids: [String]) throws {
        #expect(try decode(#"{"type":"own","x":\#(fields)}"#).mentionedUserIDs == ids)
    }

    @Test func remembersABoundedNumberOfUsersAndFaults() throws {
        var options = DecodingOptions()
        options.limits.userIDsPerEvent = 3
        options.limits.faultsPerEvent = 2
        let users = (0..<9).map { #"{"id":"u\#($0)","name":1,"image":2,"role":3}"# }.joined(separator: ",")
        let event = try decode(#"{"type":"user.muted","target_users":[\#(users)]}"#, options: options)
        #expect(event.mentionedUserIDs.count == 3)
        #expect(event.faults.count == 2)
        #expect(event.targetUsers.count == 9)
    }

    @Test func namesTheUsersThatWereTooMany() throws {
        var options = DecodingOptions()
        options.limits.userIDsPerEvent = 1
        #expect(try decode(#"{"type":"own","user_ids":["a","b"]}"#, options: options).faults == ["user_id"])
    }

    @Test func anIdentifierMayBeAsLongAsTheLimit() throws {
        var options = DecodingOptions()
        options.limits.identifierBytes = 4
        #expect(try decode(#"{"type":"a.b","user":{"id":"1234"}}"#, options: options).user?.id == "1234")
        let failure = DecodingFailure.identifierTooLong(field: "user.id")
        #expect(throws: failure) { try decode(#"{"type":"a.b","user":{"id":"12345"}}"#, options: options) }
        // The team's own ids are no keys of the provider's: too long, they are lost alone.
        let event = try decode(#"{"type":"a.b","message":{"id":"m","offer_id":"12345"}}"#, options: options)
        #expect(event.message?.offerID == nil)
        #expect(event.faults == ["message.offer_id"])
    }

    @Test(arguments: [
        (#"{"type":"message.new","message":{"text":"no id"}}"#, "message.id"),
        (#"{"type":"message.new","user":{"name":"no id"}}"#, "user.id"),
        (#"{"type":"message.new","message":"text"}"#, "message"),
        (#"{"type":"reaction.new","message_id":"m","reaction":{"type":"like"}}"#, "reaction"),
        (#"{"type":"channel.created","channel":{"name":"no id"}}"#, "channel.cid"),
        (#"{"type":"review_queue_item.new","item":{}}"#, "item.id"),
        (
            #"{"type":"message.new","message":{"id":"m","mentioned_users":[{"name":"no id"}]}}"#,
            "message.mentioned_users"
        ),
    ])
    func whatHasNoIdentityIsLostAlone(_ json: String, _ fault: String) throws {
        let event = try decode(json)
        #expect(event.faults == [fault])
    }

    @Test func aMissingMessageIDIsTakenFromTheEvent() throws {
        let event = try decode(#"{"type":"message.new","message_id":"m","message":{"text":"x","user_id":"u"}}"#)
        #expect(event.message?.id == "m")
        #expect(event.message?.sender == User(id: "u", isReference: true))
    }

    @Test func describesEachFailureWithoutContent() {
        let failures: [DecodingFailure] =
            JSONError.allCases.map { .malformed($0) } + [.notAnObject, .missingType, .identifierTooLong(field: "cid")]
        #expect(Set(failures.map(\.kind)).count == failures.count)
        #expect(failures.allSatisfy { $0.description.hasPrefix("event not decoded: ") })
    }
}
