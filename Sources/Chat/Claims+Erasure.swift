extension Claims {
    /// What remains of these claims when some users are erased: where they are named a pseudonym stands, and what is
    /// theirs alone is dropped.
    ///
    /// A message keeps its real sender here: ``MessageState`` needs it to find the sender's watermarks.
    package mutating func erase(_ users: Set<String>, pseudonym: @escaping (String) -> String) {
        let replacement = { users.contains($0) ? pseudonym($0) : $0 }
        for index in messages.indices { messages[index].replaceUsers(replacement) }
        reactions = reactions.map { $0.renamed(userID: replacement($0.key.userID)) }
        readMarks = readMarks.map { $0.renamed(userID: replacement($0.key.userID)) }
        members.removeAll { users.contains($0.key.userID) }
        reads.removeAll { users.contains($0.key.userID) }
        mutes.removeAll { $0.names(anyOf: users) }
    }
}

extension MessageRecord {
    /// Puts other ids in place of those who are mentioned, flagged, or deleted.
    package mutating func replaceUsers(_ replacement: (String) -> String) {
        deletedFor = Set(deletedFor.map(replacement)).sorted()
        if let mentioned = content?.value.mentionedUserIDs {
            content?.value.mentionedUserIDs = mentioned.map(replacement)
        }
        if let by = deletion?.value.by { deletion?.value.by = replacement(by) }
        if let by = flag?.value.by { flag?.value.by = replacement(by) }
    }
}

extension MuteRecord {
    package func names(anyOf users: Set<String>) -> Bool {
        if users.contains(key.userID) { return true }
        return if case .user(let target) = key.target { users.contains(target) } else { false }
    }
}

extension ReactionRecord {
    package func renamed(userID: String) -> ReactionRecord {
        guard userID != key.userID else { return self }
        var result = ReactionRecord(key: Key(messageID: key.messageID, userID: userID, type: key.type))
        (result.state, result.firstAt) = (state, firstAt)
        return result
    }
}

extension ReadMark {
    package func renamed(userID: String) -> ReadMark {
        guard userID != key.userID else { return self }
        return ReadMark(key: Key(messageID: key.messageID, userID: userID), cid: cid, at: at)
    }
}
