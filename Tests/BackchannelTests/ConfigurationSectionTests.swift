import ChannelSync
import Chat
import Facts
import Foundation
import Limits
import TestSupport
import Testing

@testable import backchannel

/// The sections of the configuration file.
struct ConfigurationSectionTests {
    // MARK: Facts

    @Test func factsAreMapped() throws {
        let configuration = try Configuration.load(
            file: """
                APP_MONGODB_URI: mongodb://app/shop
                FACTS_ORDER: [app, pushed]
                FACTS_CACHE_SECONDS: 5
                FACTS:
                  listing:
                    collection: listings
                    database: other
                    key: ref.id
                    key_type: objectid
                    fields:
                      status: status
                      seller_id: owner.id
                  user: {collection: users, fields: [email, phone]}
                """
        )
        let expected = [
            FactMapping(
                kind: "listing",
                collection: "listings",
                database: "other",
                key: ["ref", "id"],
                keyType: .objectID,
                fields: ["status": ["status"], "seller_id": ["owner", "id"]]
            ),
            FactMapping(kind: "user", collection: "users", fields: ["email": ["email"], "phone": ["phone"]]),
        ]
        #expect(configuration.facts.mappings == expected)
        #expect(configuration.facts.order == [.app, .pushed])
        #expect(configuration.limits.facts.cacheSeconds == 5)
        #expect(try Configuration.load().facts == Configuration.AppFacts())
    }

    @Test func everyFaultOfTheSectionHasItsPlace() {
        let file = """
            APP_MONGODB_URI: mongodb://app/shop
            FACTS:
              Listing:
                colection: listings
                fields: {status: status}
              user:
                collection: us$ers
                key: a..b
                key_type: objectID
                database: a b
                fields: {email: $where, phone: [x]}
              order: orders
              wallet: {collection: wallets, fields: []}
              event: {collection: [x]}
            """
        let error = #expect(throws: ConfigurationError.self) { try Configuration.load(file: file) }
        let expected = [
            "c.yaml:3:3: Listing is no kind", "c.yaml:4:5: colection is not known here; did you mean collection?",
            "c.yaml:3:3: Listing has no collection", "c.yaml:7:17: collection is \"us$ers\"",
            "c.yaml:8:10: key must be a path", "c.yaml:9:15: key_type is not known",
            "c.yaml:10:15: database is \"a b\"", "c.yaml:11:21: email must be a path",
            "c.yaml:11:36: phone must be a path", "c.yaml:12:10: order is text; allowed: a mapping",
            "c.yaml:13:41: fields holds 0", "c.yaml:14:23: collection is a list", "c.yaml:14:3: event has no fields",
        ]
        let found = error?.description ?? ""
        for text in expected { #expect(found.contains(text), "\(text)\n\(found)") }
        #expect(error?.faults.count == expected.count, "\(found)")
    }

    @Test(arguments: [
        ("FACTS: {a: {collection: b, fields: [c]}}", [:], "APP_MONGODB_URI is not set"),
        ("FACTS: [a]", [:], "FACTS is a list; allowed: a mapping"),
        ("", ["FACTS": "x"], "FACTS: allowed: a section of the file"),
        ("FACTS_ORDER: [pushed, pushed]", [:], "each at most once"), ("FACTS_ORDER: [push]", [:], "pushed, app, chat"),
        ("", ["APP_MONGODB_URI": "http://hush"], "begins with mongodb://"),
    ])
    func oneFaultOfFacts(_ file: String, _ environment: [String: String], _ expected: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.load(Configuration.testSecrets.merging(environment) { $1 }, file: file)
        }
        #expect(error?.faults.count == 1)
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("hush") == false)
    }

    // MARK: Channels

    @Test func kindsOfChannelsAreNamed() throws {
        let configuration = try Configuration.load(
            file: """
                CHANNEL_CREATOR: house
                MESSAGE_TYPE_FIELDS: [custom.kind, kind]
                CHANNELS:
                  order:
                    id: order-{id}-{shop|shop_id}
                    type: team
                    name: [name, title]
                    image: picture
                    team: region
                    created_by: customer
                    members: [customer, shop]
                    custom: [state, total]
                    context: {order_id: id, listing_id: [listing, item]}
                  event: {id: "gig-{id}"}
                """
        )
        var order = ChannelTemplate(kind: "order", id: try ChannelIDPattern("order-{id}-{shop|shop_id}"), type: "team")
        (order.name, order.image, order.team) = (["name", "title"], ["picture"], ["region"])
        (order.createdBy, order.members) = (["customer"], ["customer", "shop"])
        (order.custom, order.context) = (.only(["state", "total"]), [.order: ["id"], .listing: ["listing", "item"]])
        let event = ChannelTemplate(kind: "event", id: try ChannelIDPattern("gig-{id}"), type: "messaging")
        #expect(configuration.channels.templates == [order, event])
        let templates = configuration.channelTemplates
        #expect(templates.templates.map(\.kind) == ["artist", "event", "listing", "order", "venue"])
        #expect(templates["event"] == event && templates.creator == "house" && templates.messageTypeField == "kind")
        #expect(try Configuration.load().channelTemplates == ChannelTemplates())
    }

    @Test func everyFaultOfTheChannelsHasItsPlace() {
        let file = """
            CHANNELS:
              Order:
                id: order-{id}
                typ: team
                type: a b
              room: {members: [[a]], id: "room-{slug}"}
              seat: {}
              fair:
                id: event-{id}
                name: {a: b}
                context: {listing_d: id, event_id: [x, ""]}
              hall: [a]
              pair: {id: "p-{id}", context: [a]}
              twin: {id: "p-{id}"}
            """
        let error = #expect(throws: ConfigurationError.self) { try Configuration.load(file: file) }
        let expected = [
            "c.yaml:2:3: Order is no kind", "c.yaml:4:5: typ is not known here; did you mean type?",
            "c.yaml:5:11: type must be", "c.yaml:6:30: id must be a pattern with {id}",
            "c.yaml:7:3: seat has no id", "c.yaml:10:11: name must be",
            "c.yaml:11:15: listing_d is no context; did you mean listing_id?", "c.yaml:11:40: event_id must be",
            "c.yaml:8:3: fair makes the same channel ids as event", "c.yaml:12:9: hall is a list",
            "c.yaml:13:33: context is a list", "c.yaml:14:3: twin makes the same channel ids as pair",
        ]
        let found = error?.description ?? ""
        for text in expected { #expect(found.contains(text), "\(text)\n\(found)") }
        #expect(error?.faults.count == expected.count, "\(found)")
    }
}
