package import Chat

/// A message to be sent under an id of our own, so that sending it twice makes one message.
package struct NewMessage: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable { case regular, system }

    package var cid: String
    /// At most 255 bytes, without `,` and `%`.
    package var id: String
    package var sender: String
    package var text: String
    package var kind = Kind.regular
    /// The message that this one answers in its thread.
    package var parentID: String?
    package var showInChannel = false
    package var quotedMessageID: String?
    package var mentionedUserIDs: [String] = []
    package var attachments: [JSONObjectText] = []
    package var custom: JSONObjectText = .empty
    /// Counts as unread for nobody.
    package var isSilent = false
    /// Notifies nobody's device.
    package var skipsPush = false
    /// The only users who see it; empty is everyone in the channel.
    package var visibleTo: [String] = []

    package init(cid: String, id: String, sender: String, text: String) {
        (self.cid, self.id, self.sender, self.text) = (cid, id, sender, text)
    }
}

/// Some fields of a message; the others stay as they are.
package struct MessageChange: Sendable, Equatable {
    package var cid: String
    package var id: String
    /// In the provider's names: `text`, `attachments`, or the team's own.
    package var set: JSONObjectText
    package var unset: [String]
    package var by: String

    package init(cid: String, id: String, set: JSONObjectText = .empty, unset: [String] = [], by: String) {
        (self.cid, self.id, self.set, self.unset, self.by) = (cid, id, set, unset, by)
    }
}

/// A message held at the top of its channel.
package struct MessagePin: Sendable, Equatable {
    package var cid: String
    package var id: String
    package var by: String
    /// `nil` is until somebody unpins it.
    package var until: Timestamp?

    package init(cid: String, id: String, by: String, until: Timestamp? = nil) {
        (self.cid, self.id, self.by, self.until) = (cid, id, by, until)
    }
}

/// A message and who acts on it: the end of a pin or of a deletion.
package struct MessageReference: Sendable, Equatable {
    package var cid: String
    package var id: String
    package var by: String

    package init(cid: String, id: String, by: String) { (self.cid, self.id, self.by) = (cid, id, by) }
}

/// A message taken away.
package struct MessageDeletion: Sendable, Equatable {
    package var cid: String
    package var id: String
    /// Gone for good, with its reactions and replies.
    package var isHard: Bool
    package var by: String?

    package init(cid: String, id: String, isHard: Bool = false, by: String? = nil) {
        (self.cid, self.id, self.isHard, self.by) = (cid, id, isHard, by)
    }
}
