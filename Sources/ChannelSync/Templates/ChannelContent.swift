/// What a channel shall hold, or holds as far as we have had it written there.
package struct ChannelContent: Sendable, Equatable {
    /// Name, image, team, custom data and state, each as compact JSON text by the provider's name.
    package var fields: [String: String]
    /// User ids, sorted.
    package var members: [String]

    package init(fields: [String: String], members: [String]) { (self.fields, self.members) = (fields, members) }

    package static let archivedField = "archived"
    static let frozenField = "frozen"

    package var isArchived: Bool { fields[Self.archivedField] == "true" }

    /// Nobody writes there any more, and clients can tell why.
    mutating func setArchived(_ isArchived: Bool) {
        fields[Self.archivedField] = isArchived ? "true" : nil
        fields[Self.frozenField] = isArchived ? "true" : nil
    }
}

/// The channel that a business object asks for.
package struct DesiredChannel: Sendable, Equatable {
    package var kind: String
    package var objectID: String
    package var cid: String
    package var creator: String
    package var content: ChannelContent

    package init(kind: String, objectID: String, cid: String, creator: String, content: ChannelContent) {
        (self.kind, self.objectID, self.cid, self.creator, self.content) = (kind, objectID, cid, creator, content)
    }
}
