import ChannelSync
import Chat
import JSON
import Limits
import Testing

struct ChannelTemplateTests {
    /// The standard kinds, and one as a configuration would name it.
    private static let templates: ChannelTemplates = {
        guard let id = try? ChannelIDPattern("order-{id}") else { return ChannelTemplates() }
        var order = ChannelTemplate(kind: "order", id: id, type: "team")
        order.name = ["name", "title"]
        order.createdBy = ["customer"]
        order.members = ["customer", "shop"]
        order.custom = .only(["state"])
        order.context = [.order: ["id"], .listing: ["listing"]]
        return ChannelTemplates([order])
    }()

    @Test(arguments: try ChannelFixture.all("objects"))
    func makesChannelsOfObjects(_ fixture: ChannelFixture) throws {
        let json = try fixture.json
        let template = try #require(Self.templates[json["kind"]?.string ?? ""])
        let (id, object) = (try #require(json["id"]?.string), try #require(json["object"]))
        let make = { () throws(ChannelObjectFault) in
            try template.channel(id: id, object, creator: json["creator"]?.string, limits: Limits.Channels())
        }
        if let refused = json["refused"] {
            let fault = #expect(throws: ChannelObjectFault.self) { try make() }
            let allowed = try #require(refused["allowed"]?.string)
            #expect(fault == ChannelObjectFault(refused["field"]?.string, allowed))
            return
        }
        let channel = try make()
        #expect(channel.cid == json["cid"]?.string)
        #expect(channel.creator == json["created_by"]?.string)
        #expect(channel.content == json.content)
        #expect((channel.kind, channel.objectID) == (template.kind, id))
    }

    @Test func membersAndFieldsAreBounded() throws {
        let template = try #require(Self.templates["event"])
        let many = (0...10_000).map { "\"u\($0)\"" }.joined(separator: ",")
        let fields = (0...64).map { "\"f\($0)\":1" }.joined(separator: ",")
        let objects = [#"{"members":[\#(many)]}"#, "{\(fields)}", "[]", #"{"name":"a","name":"b"}"#]
        let expected = ["members", nil, nil, "name"]
        for (object, field) in zip(objects, expected) {
            let json = try JSONParser().parse(Array(object.utf8))
            let fault = #expect(throws: ChannelObjectFault.self) {
                try template.channel(id: "1", json, creator: "ada", limits: Limits.Channels())
            }
            #expect(fault?.field == field)
        }
    }

    @Test(arguments: [
        "", "event", "event-{id", "event-{}", "{id}{buyer}", "ev ent-{id}", "event-{buyer}", "a:{id}", "{id|}",
        "event-{id|buyer}",
    ])
    func patternsThatAreNoneAreRefused(_ text: String) {
        #expect(throws: ChannelIDPattern.Fault.self) { try ChannelIDPattern(text) }
    }

    /// What the history reads in a channel's id is what the template put into its custom data.
    @Test func standardIDsCarryTheirContext() throws {
        let patterns = try ContextPatterns()
        for (kind, context) in [("event", BusinessContext.Kind.event), ("artist", .artist), ("venue", .venue)] {
            let template = try #require(Self.templates[kind])
            let object = try JSONParser().parse(Array("{}".utf8))
            let channel = try template.channel(id: "x1", object, creator: "ada", limits: Limits.Channels())
            let read = patterns.context(ofChannelID: Channel.parts(ofCID: channel.cid).id)
            #expect(read[context] == "x1")
            #expect(channel.content.fields[context.field] == "\"x1\"")
        }
    }
}
