extension Claims {
    /// Puts other ids in place of users, as for those erased: what is said of them is then said of the pseudonym.
    ///
    /// Claims about the users themselves keep the real id: their record is the tombstone that recognises them.
    package mutating func replaceUsers(_ replacement: (String) -> String) {
        for index in messages.indices {
            messages[index].sender = messages[index].sender.map(replacement)
            messages[index].deletedFor = messages[index].deletedFor.map(replacement)
            messages[index].content?.value.mentionedUserIDs.replaceEach(replacement)
            messages[index].deletion?.value.by.replace(replacement)
            messages[index].flag?.value.by.replace(replacement)
        }
        members = members.map { $0.renamed(MemberRecord.Key(cid: $0.key.cid, userID: replacement($0.key.userID))) }
        reactions = reactions.map { $0.renamed(userID: replacement($0.key.userID)) }
        reads = reads.map { $0.renamed(userID: replacement($0.key.userID)) }
        readMarks = readMarks.map { $0.renamed(userID: replacement($0.key.userID)) }
        mutes.removeAll { mute in
            if replacement(mute.key.userID) != mute.key.userID { return true }
            if case .user(let target) = mute.key.target { return replacement(target) != target }
            return false
        }
    }
}

extension Array<String> {
    fileprivate mutating func replaceEach(_ replacement: (String) -> String) { self = map(replacement) }
}

extension String? {
    fileprivate mutating func replace(_ replacement: (String) -> String) { self = map(replacement) }
}

extension MemberRecord {
    fileprivate func renamed(_ key: Key) -> MemberRecord {
        guard key != self.key else { return self }
        var result = MemberRecord(key: key)
        (result.membership, result.ban, result.hidden) = (membership, ban, hidden)
        return result
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

extension ReadRecord {
    package func renamed(userID: String) -> ReadRecord {
        guard userID != key.userID else { return self }
        var result = ReadRecord(key: Key(cid: key.cid, userID: userID, threadID: key.threadID))
        result.state = state
        return result
    }
}

extension ReadMark {
    package func renamed(userID: String) -> ReadMark {
        guard userID != key.userID else { return self }
        return ReadMark(key: Key(messageID: key.messageID, userID: userID), cid: cid, at: at)
    }
}
