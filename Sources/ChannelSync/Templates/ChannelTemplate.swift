package import Chat

/// How business objects of one kind become channels.
package struct ChannelTemplate: Sendable, Equatable {
    /// Which of an object's fields become custom data.
    package enum CustomFields: Sendable, Equatable {
        /// All that the template uses for nothing else.
        case others
        case only([String])
    }

    /// The word in the path: `event`.
    package var kind: String
    package var id: ChannelIDPattern
    /// The provider's channel type.
    package var type: String
    /// Fields of the object, the first that it has; the same in the others.
    package var name = ["name"]
    package var image = ["image"]
    package var team = ["team"]
    package var createdBy = ["created_by"]
    /// Fields that hold a user or a list of users: all of them are members.
    package var members = ["members"]
    package var custom = CustomFields.others
    /// The business context that the channel tells in its custom data, each by the object's fields; `id` is the object's
    /// own.
    package var context: [BusinessContext.Kind: [String]] = [:]

    package init(kind: String, id: ChannelIDPattern, type: String) {
        (self.kind, self.id, self.type) = (kind, id, type)
    }
}

extension ChannelTemplate {
    /// The kinds that are there without any configuration.
    package static let standard: [ChannelTemplate] = [event, artist, venue, listing]

    private static let event = make("event", "event-{id}", type: "messaging", .event, members: ["participants"])
    /// A fan channel: everybody may come, so it needs no members.
    private static let artist = make("artist", "artist-{id}", type: "livestream", .artist)
    private static let venue = make("venue", "venue-{id}", type: "messaging", .venue)

    private static let listing: ChannelTemplate = {
        let (buyer, seller) = (["buyer", "buyer_id"], ["seller", "seller_id"])
        let pattern = "listing_{id}_{buyer|buyer_id}_{seller|seller_id}"
        var template = make("listing", pattern, type: "messaging", .listing, members: buyer + seller)
        template.createdBy += buyer
        template.context[.buyer] = buyer
        template.context[.seller] = seller
        return template
    }()

    private static func make(
        _ kind: String,
        _ pattern: String,
        type: String,
        _ context: BusinessContext.Kind,
        members: [String] = []
    ) -> ChannelTemplate {
        var template = ChannelTemplate(kind: kind, id: ChannelIDPattern(trusted: pattern), type: type)
        template.members += members
        template.context = [context: [ChannelIDPattern.idField]]
        return template
    }
}

/// Every kind of business object that has channels, and what holds for all of them.
package struct ChannelTemplates: Sendable, Equatable {
    /// Sorted by kind.
    package let templates: [ChannelTemplate]
    /// The user who creates channels whose object names nobody; `nil` requires each object to name one.
    package var creator: String?
    /// The field of a message's custom data that holds its business type.
    package var messageTypeField = "message_type"

    /// - Parameter configured: in place of the standard ones of the same kind, or beside them.
    package init(_ configured: [ChannelTemplate] = [], creator: String? = nil) {
        let kinds = Set(configured.map(\.kind))
        let all = configured + ChannelTemplate.standard.filter { !kinds.contains($0.kind) }
        templates = all.sorted { $0.kind < $1.kind }
        self.creator = creator
    }

    package subscript(kind: String) -> ChannelTemplate? { templates.first { $0.kind == kind } }
}
