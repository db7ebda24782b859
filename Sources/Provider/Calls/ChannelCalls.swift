/// A channel that shall exist; one that does keeps its data and members as they are.
package struct NewChannel: Sendable, Equatable {
    package var cid: String
    package var createdBy: String
    package var name: String?
    package var image: String?
    package var team: String?
    package var members: [String] = []
    package var custom: JSONObjectText = .empty

    package init(cid: String, createdBy: String) { (self.cid, self.createdBy) = (cid, createdBy) }
}

/// Some fields of a channel; the others stay as they are.
package struct ChannelChange: Sendable, Equatable {
    package var cid: String
    /// In the provider's names: `name`, `image`, `frozen`, or the team's own.
    package var set: JSONObjectText
    package var unset: [String]
    package var by: String?

    package init(cid: String, set: JSONObjectText = .empty, unset: [String] = [], by: String? = nil) {
        (self.cid, self.set, self.unset, self.by) = (cid, set, unset, by)
    }
}

/// Users added to a channel, or taken from it; who is in or out already stays so.
package struct MembersChange: Sendable, Equatable {
    package var cid: String
    package var userIDs: [String]
    package var by: String?
    /// New members do not see what was written before.
    package var hidesHistory: Bool

    package init(cid: String, userIDs: [String], by: String? = nil, hidesHistory: Bool = false) {
        (self.cid, self.userIDs, self.by, self.hidesHistory) = (cid, userIDs, by, hidesHistory)
    }
}

/// The end of a channel.
package struct ChannelDeletion: Sendable, Equatable {
    package var cid: String
    /// Its messages go for good, too.
    package var isHard: Bool

    package init(cid: String, isHard: Bool = false) { (self.cid, self.isHard) = (cid, isHard) }
}

/// A user who has read a channel, to its end or to one message.
package struct ChannelRead: Sendable, Equatable {
    package var cid: String
    package var by: String
    package var messageID: String?

    package init(cid: String, by: String, messageID: String? = nil) {
        (self.cid, self.by, self.messageID) = (cid, by, messageID)
    }
}
