package import Chat
package import MongoDB

extension UserRecord: StoredRecord {
    package static let collection = Collection.users
    package static func documentID(of key: String) -> String { key }
    package var key: String { id }

    package var document: BSONDocument {
        var document = BSONDocument(capacity: 512)
        document.append("_id", id)
        if let profile = profile?.value { profile.append(to: &document) }
        document.append("deactivated", ifTrue: deactivation?.value ?? false)
        if let deletion, deletion.value { document.append("deletedAt", date: deletion.stamp.time) }
        ban?.value.append(to: &document)
        if let flag = flag?.value {
            document.append("flag") {
                $0.append("reason", ifPresent: flag.reason)
                $0.append("by", ifPresent: flag.by)
                $0.append("total", ifPresent: flag.total)
            }
        }
        document.append("erased", ifTrue: isErased)
        document.append("v") { stamps in
            stamps.append("profile", stamp: profile?.stamp)
            stamps.append("deactivation", stamp: deactivation?.stamp)
            stamps.append("deletion", stamp: deletion?.stamp)
            stamps.append("ban", stamp: ban?.stamp)
            stamps.append("flag", stamp: flag?.stamp)
            removal.append(to: &stamps)
        }
        return document
    }

    package init?(_ document: BSONDocument) {
        guard let id = document.string("_id") else { return nil }
        self.init(id: id)
        // A user that only counters know so far has no stamps.
        let stamps = document.document("v") ?? BSONDocument()
        profile = document.register(stamps, "profile") { UserProfile(document) }
        deactivation = document.register(stamps, "deactivation") { document.bool("deactivated") ?? false }
        deletion = document.register(stamps, "deletion") { document.date("deletedAt") != nil }
        ban = document.register(stamps, "ban") { BanState(document) }
        flag = document.register(stamps, "flag") {
            var flag = UserFlag()
            let stored = document.document("flag") ?? BSONDocument()
            (flag.reason, flag.by, flag.total) = (stored.string("reason"), stored.string("by"), stored.int64("total"))
            return flag
        }
        removal = Watermark(stamps)
        isErased = document.bool("erased") ?? false
    }
}

extension UserProfile {
    fileprivate func append(to document: inout BSONDocument) {
        document.append("name", ifPresent: name)
        document.append("image", ifPresent: image)
        document.append("role", ifPresent: role)
        document.append("language", ifPresent: language)
        document.append("teams", ifAny: teams)
        document.append("createdAt", date: createdAt)
        document.append("custom", ifPresent: custom)
    }

    fileprivate init(_ document: BSONDocument) {
        self.init()
        (name, image, role) = (document.string("name"), document.string("image"), document.string("role"))
        (language, teams) = (document.string("language"), document.strings("teams"))
        (createdAt, custom) = (document.time("createdAt"), document.string("custom"))
    }
}

extension BanState {
    func append(to document: inout BSONDocument) {
        document.append("banned", isBanned)
        document.append("ban_shadow", ifTrue: isShadow)
        document.append("ban_reason", ifPresent: reason)
        document.append("ban_expires", date: expires)
        document.append("banned_by", ifPresent: by)
    }

    init(_ document: BSONDocument) {
        self.init(isBanned: document.bool("banned") ?? false)
        isShadow = document.bool("ban_shadow") ?? false
        (reason, expires) = (document.string("ban_reason"), document.time("ban_expires"))
        by = document.string("banned_by")
    }
}

extension Watermark {
    func append(to document: inout BSONDocument) {
        document.append("deleted_through", exact: deletedThrough)
        document.append("erased_through", exact: erasedThrough)
    }

    init(_ document: BSONDocument) {
        self.init(
            deletedThrough: document.exactTime("deleted_through"),
            erasedThrough: document.exactTime("erased_through")
        )
    }
}
