extension Claims {
    /// What remains of these claims when some users are erased: where they are named a pseudonym stands, and what is
    /// theirs alone is dropped.
    ///
    /// A message keeps its real sender here: ``MessageState`` needs it to find the sender's watermarks.
    package mutating func erase(_ pseudonyms: Pseudonyms) {
        let name = pseudonyms.name
        let isErased = { pseudonyms.name($0) != $0 }
        for index in messages.indices { messages[index].replaceUsers(name) }
        for index in users.indices { users[index].replaceUsers(name) }
        for index in channels.indices { channels[index].replaceUsers(name) }
        for index in reviewItems.indices { reviewItems[index].replaceUsers(name) }
        for index in threads.indices { threads[index].replaceUsers(name) }
        reactions = reactions.map { $0.renamed(userID: name($0.key.userID)) }
        readMarks = readMarks.map { $0.renamed(userID: name($0.key.userID)) }
        members.removeAll { isErased($0.key.userID) }
        for index in members.indices { members[index].replaceUsers(name) }
        reads.removeAll { isErased($0.key.userID) }
        mutes.removeAll { $0.names(isErased) }
        reviews.removeAll { $0.subject.userID.map(isErased) ?? false }
        for index in reviews.indices { reviews[index].replaceUsers(name) }
    }
}

/// A record that names users beside the one it is about: each kind says where.
package protocol NamesUsers {
    /// Puts other ids in place of users'. The same replacement before or after a merge gives the same.
    mutating func replaceUsers(_ name: (String) -> String)
}

extension MessageRecord: NamesUsers {
    package mutating func replaceUsers(_ name: (String) -> String) {
        deletedFor = Set(deletedFor.map(name)).sorted()
        deletion?.value.by.replace(name)
        flag?.value.by.replace(name)
        guard var said = content?.value else { return }
        said.mentionedUserIDs = said.mentionedUserIDs.map(name)
        said.pin?.by.replace(name)
        said.custom.replaceQuoted(name)
        said.attachments.replaceQuoted(name)
        content?.value = said
    }
}

extension UserRecord: NamesUsers {
    package mutating func replaceUsers(_ name: (String) -> String) {
        profile?.value.custom.replaceQuoted(name)
        ban?.value.by.replace(name)
        flag?.value.by.replace(name)
    }
}

extension ChannelRecord: NamesUsers {
    package mutating func replaceUsers(_ name: (String) -> String) {
        profile?.value.createdBy.replace(name)
        profile?.value.custom.replaceQuoted(name)
        context?.value.replaceUsers(name)
        for (user, removal) in senderRemovals where name(user) != user {
            senderRemovals[user] = nil
            senderRemovals[name(user), default: Watermark()].merge(removal)
        }
    }
}

extension BusinessContext {
    /// The users that the context names.
    package static let parties: [Kind] = [.seller, .buyer]

    package var partyIDs: [String] { Self.parties.compactMap { self[$0] } }

    package mutating func replaceUsers(_ name: (String) -> String) {
        for kind in Self.parties { self[kind].replace(name) }
    }
}

extension MemberRecord: NamesUsers {
    package mutating func replaceUsers(_ name: (String) -> String) { ban?.value.by.replace(name) }
}

extension ReviewItemRecord: NamesUsers {
    package mutating func replaceUsers(_ name: (String) -> String) {
        item?.value.replaceUsers(name)
        check?.value.replaceUsers(name)
    }
}

extension ReviewItem {
    fileprivate mutating func replaceUsers(_ name: (String) -> String) {
        if let entityType, StreamUserIDs.isUser(entityType: entityType) { entityID.replace(name) }
        entityCreatorID.replace(name)
        reviewedBy.replace(name)
    }
}

extension ThreadRecord: NamesUsers {
    package mutating func replaceUsers(_ name: (String) -> String) { state?.value.custom.replaceQuoted(name) }
}

extension MuteRecord {
    package func names(_ isMeant: (String) -> Bool) -> Bool {
        if isMeant(key.userID) { return true }
        return if case .user(let target) = key.target { isMeant(target) } else { false }
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

extension String? {
    fileprivate mutating func replace(_ name: (String) -> String) { self = map(name) }

    /// In a JSON text: the strings that are whole ids.
    fileprivate mutating func replaceQuoted(_ name: (String) -> String) {
        self = map { QuotedStrings.replaced(in: $0, by: name) }
    }
}
