package import Chat
package import MongoDB

extension ChannelRecord: StoredRecord {
    package static let collection = Collection.channels
    package static func documentID(of key: String) -> String { key }
    package var key: String { cid }

    package var document: BSONDocument {
        var document = BSONDocument(capacity: 256)
        document.append("_id", cid)
        document.append("type", Channel.parts(ofCID: cid).type)
        document.append("id", Channel.parts(ofCID: cid).id)
        if let profile = profile?.value { profile.append(to: &document) }
        if let context = context?.value {
            for kind in BusinessContext.Kind.allCases { document.append(kind.field, ifPresent: context[kind]) }
        }
        document.append("frozen", ifTrue: frozen?.value ?? false)
        if let deletion, deletion.value { document.append("deletedAt", date: deletion.stamp.time) }
        if !senderRemovals.isEmpty {
            document.append("sender_removals") { (array: inout BSONArray) in
                for (user, removal) in senderRemovals.sorted(by: { $0.key < $1.key }) {
                    array.append { element in
                        element.append("user_id", user)
                        removal.append(to: &element)
                    }
                }
            }
        }
        document.append("v") { stamps in
            stamps.append("profile", stamp: profile?.stamp)
            stamps.append("context", stamp: context?.stamp)
            stamps.append("team", ifPresent: namedTeam)
            stamps.append("frozen", stamp: frozen?.stamp)
            stamps.append("deletion", stamp: deletion?.stamp)
            removal.append(to: &stamps)
        }
        return document
    }

    package init?(_ document: BSONDocument) {
        guard let cid = document.string("_id") else { return nil }
        self.init(cid: cid)
        let stamps = document.document("v") ?? BSONDocument()
        profile = document.register(stamps, "profile") { ChannelProfile(document) }
        context = document.register(stamps, "context") {
            var context = BusinessContext()
            for kind in BusinessContext.Kind.allCases { context[kind] = document.string(kind.field) }
            return context
        }
        namedTeam = stamps.string("team")
        frozen = document.register(stamps, "frozen") { document.bool("frozen") ?? false }
        deletion = document.register(stamps, "deletion") { document.date("deletedAt") != nil }
        removal = Watermark(stamps)
        for element in document.array("sender_removals") ?? [] {
            guard case .document(let removal) = element, let user = removal.string("user_id") else { continue }
            senderRemovals[user] = Watermark(removal)
        }
    }
}

extension ChannelProfile {
    fileprivate func append(to document: inout BSONDocument) {
        document.append("name", ifPresent: name)
        document.append("image", ifPresent: image)
        document.append("team", ifPresent: team)
        document.append("created_by", ifPresent: createdBy)
        document.append("createdAt", date: createdAt)
        document.append("member_count", ifPresent: memberCount)
        document.append("disabled", ifTrue: isDisabled)
        document.append("custom", ifPresent: custom)
    }

    fileprivate init(_ document: BSONDocument) {
        self.init()
        (name, image, team) = (document.string("name"), document.string("image"), document.string("team"))
        (createdBy, createdAt) = (document.string("created_by"), document.time("createdAt"))
        (memberCount, custom) = (document.int64("member_count"), document.string("custom"))
        isDisabled = document.bool("disabled") ?? false
    }
}
