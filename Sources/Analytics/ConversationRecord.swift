/// What a change of messages means for the conversation of their channel.
package struct SpokenChange: Sendable, Equatable {
    /// New ones.
    package var added: [SpokenMessage] = []
    /// When the earliest of those was sent that were known and are others now, in milliseconds since
    /// 1970-01-01T00:00:00Z.
    package var changedSince: Int64?

    package init() {}
}

/// What is kept of a channel's conversation.
package struct ConversationRecord: Sendable, Equatable {
    package let cid: String
    /// Up to the last message that it takes in; `nil` before the first.
    package var conversation: Conversation?
    /// Messages from this time on have yet to be gone through again, in milliseconds since 1970-01-01T00:00:00Z; `nil`
    /// where everything is taken in.
    package var due: Int64?

    package init(cid: String, _ conversation: Conversation? = nil, due: Int64? = nil) {
        (self.cid, self.conversation, self.due) = (cid, conversation, due)
    }

    /// Takes in messages that come last, as most do; after any other change what follows is ``due``.
    ///
    /// - Returns: the answers that began.
    package mutating func take(_ change: SpokenChange) -> [Turn] {
        let added = change.added.sorted { $0.place < $1.place }
        guard due == nil, change.changedSince == nil, comeLast(added) else {
            due = [due, change.changedSince, added.first?.at].compactMap(\.self).min()
            return []
        }
        var walk = ConversationWalk(after: conversation)
        for message in added { walk.add(message) }
        conversation = walk.conversation
        return walk.answers
    }

    private func comeLast(_ messages: [SpokenMessage]) -> Bool {
        guard let conversation, let first = messages.first else { return true }
        return conversation.last < first.place
    }
}
