/// Which channels to list, and how much of each.
package struct ChannelQuery: Sendable, Equatable {
    package struct Order: Sendable, Equatable {
        package var field: String
        package var isAscending: Bool
        package init(_ field: String, isAscending: Bool) { (self.field, self.isAscending) = (field, isAscending) }
    }

    /// In the provider's terms, such as `{"last_message_at":{"$gt":"2026-01-01T00:00:00Z"}}`.
    package var filter: JSONObjectText
    package var order: [Order]
    /// Channels of this page; the provider's most is 30.
    package var limit: Int
    package var offset: Int
    /// Newest messages and members that come with each.
    package var messages: Int
    package var members: Int

    package init(
        filter: JSONObjectText,
        order: [Order] = [],
        limit: Int = 30,
        offset: Int = 0,
        messages: Int = 0,
        members: Int = 0
    ) {
        (self.filter, self.order, self.limit, self.offset) = (filter, order, limit, offset)
        (self.messages, self.members) = (messages, members)
    }
}

/// A page of one channel's messages.
package struct MessagePage: Sendable, Equatable {
    package enum Position: Sendable, Equatable {
        case newest
        /// By a message's id, which is not part of the page.
        case before(String)
        case after(String)
        /// By time in RFC 3339, which is not part of the page.
        case since(String)
    }

    /// The provider's most is 300.
    package var limit: Int
    package var position: Position

    package init(limit: Int, _ position: Position = .newest) { (self.limit, self.position) = (limit, position) }
}

/// A page of one channel's members, or of any list that is paged by number.
package struct OffsetPage: Sendable, Equatable {
    /// The provider's most is 100.
    package var limit: Int
    package var offset: Int

    package init(limit: Int, offset: Int = 0) { (self.limit, self.offset) = (limit, offset) }
}
