package import Chat
package import MongoDB

extension MemberRecord: StoredRecord {
    package static let collection = Collection.members
    package static func documentID(of key: Key) -> String { joinedID(key.cid, key.userID) }

    package var document: BSONDocument {
        var document = BSONDocument(capacity: 256)
        document.append("_id", Self.documentID(of: key))
        document.append("cid", key.cid)
        document.append("user_id", key.userID)
        if let membership = membership?.value {
            document.append("member", membership.isMember)
            document.append("role", ifPresent: membership.role)
            document.append("channel_role", ifPresent: membership.channelRole)
            document.append("status", ifPresent: membership.status)
            document.append("joinedAt", date: membership.joinedAt)
        }
        ban?.value.append(to: &document)
        if let hidden = hidden?.value {
            document.append("hidden", hidden.isHidden)
            document.append("history_cleared_at", date: hidden.clearedAt)
        }
        document.append("v") { stamps in
            stamps.append("membership", stamp: membership?.stamp)
            stamps.append("ban", stamp: ban?.stamp)
            stamps.append("hidden", stamp: hidden?.stamp)
        }
        return document
    }

    package init?(_ document: BSONDocument) {
        guard let cid = document.string("cid"), let user = document.string("user_id"),
            let stamps = document.document("v")
        else { return nil }
        self.init(key: Key(cid: cid, userID: user))
        membership = document.register(stamps, "membership") {
            var membership = Membership(isMember: document.bool("member") ?? false)
            (membership.role, membership.channelRole) = (document.string("role"), document.string("channel_role"))
            (membership.status, membership.joinedAt) = (document.string("status"), document.time("joinedAt"))
            return membership
        }
        ban = document.register(stamps, "ban") { BanState(document) }
        hidden = document.register(stamps, "hidden") {
            Hidden(isHidden: document.bool("hidden") ?? false, clearedAt: document.time("history_cleared_at"))
        }
    }
}

extension MuteRecord: StoredRecord {
    package static let collection = Collection.mutes

    package static func documentID(of key: Key) -> String {
        switch key.target {
        case .user(let id): joinedID(key.userID, "user", id)
        case .channel(let cid): joinedID(key.userID, "channel", cid)
        }
    }

    package var document: BSONDocument {
        var document = BSONDocument(capacity: 128)
        document.append("_id", Self.documentID(of: key))
        document.append("user_id", key.userID)
        switch key.target {
        case .user(let id): document.append("target_user_id", id)
        case .channel(let cid): document.append("target_cid", cid)
        }
        if let state = state?.value {
            document.append("muted", state.isMuted)
            document.append("expires", date: state.expires)
        }
        document.append("v") { $0.append("state", stamp: state?.stamp) }
        return document
    }

    package init?(_ document: BSONDocument) {
        let target =
            document.string("target_user_id").map(Target.user) ?? document.string("target_cid").map(Target.channel)
        guard let user = document.string("user_id"), let target, let stamps = document.document("v") else { return nil }
        self.init(key: Key(userID: user, target: target))
        state = document.register(stamps, "state") {
            State(isMuted: document.bool("muted") ?? false, expires: document.time("expires"))
        }
    }
}
