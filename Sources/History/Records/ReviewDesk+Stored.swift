package import Chat
package import MongoDB

/// Fields of an item of the review queue that only moderators write.
extension ReviewDesk {
    package init(_ document: BSONDocument) {
        self.init()
        assignee = document.string("assignee")
        claim = document.document("claim").flatMap(ReviewClaim.init)
        notes = (document.array("notes") ?? []).compactMap { $0.document.flatMap(ReviewNote.init) }
        decisions = (document.array("decisions") ?? []).compactMap { $0.document.flatMap(ReviewDecision.init) }
    }

    package var document: BSONDocument {
        var document = BSONDocument()
        document.append("assignee", ifPresent: assignee)
        if let claim { document.append("claim", document: claim.append) }
        if !notes.isEmpty {
            document.append("notes") { (array: inout BSONArray) in
                for note in notes { array.append(document: note.append) }
            }
        }
        if !decisions.isEmpty {
            document.append("decisions") { (array: inout BSONArray) in
                for decision in decisions { array.append(document: decision.append) }
            }
        }
        return document
    }
}

extension ReviewClaim {
    fileprivate func append(to document: inout BSONDocument) {
        document.append("by", by)
        document.append("token", token)
        document.append("until", date: until)
    }

    fileprivate init?(_ document: BSONDocument) {
        guard let by = document.string("by"), let token = document.string("token"),
            let until = document.time("until")
        else { return nil }
        self.init(by: by, token: token, until: until)
    }
}

extension ReviewNote {
    fileprivate func append(to document: inout BSONDocument) {
        document.append("by", by)
        document.append("at", date: at)
        document.append("text", text)
    }

    fileprivate init?(_ document: BSONDocument) {
        guard let by = document.string("by"), let at = document.time("at"), let text = document.string("text") else {
            return nil
        }
        self.init(by: by, at: at, text: text)
    }
}

extension ReviewDecision {
    fileprivate func append(to document: inout BSONDocument) {
        document.append("number", number)
        document.append("action", action.rawValue)
        document.append("by", by)
        document.append("key", keyID)
        document.append("at", date: at)
        document.append("reason", ifPresent: reason)
        if let isSpam { document.append("spam", isSpam) }
        document.append("removal", ifPresent: removal?.rawValue)
        if let ban {
            document.append("ban") {
                $0.append("cid", ifPresent: ban.cid)
                $0.append("shadow", ban.isShadow)
                $0.append("until", date: ban.until)
            }
        }
        document.append("effects", ifAny: effects)
        document.append("already_gone", ifTrue: wasGone)
        document.append("claim", ifPresent: claim)
    }

    fileprivate init?(_ document: BSONDocument) {
        guard let number = document.int64("number"), let action = document.string("action").flatMap(Action.init),
            let by = document.string("by"), let at = document.time("at")
        else { return nil }
        self.init(
            number: number,
            action: action,
            by: by,
            keyID: document.string("key") ?? "",
            at: at,
            reason: document.string("reason")
        )
        isSpam = document.bool("spam")
        removal = document.string("removal").flatMap(Removal.init)
        ban = document.document("ban").map { stored in
            Ban(cid: stored.string("cid"), isShadow: stored.bool("shadow") ?? false, until: stored.time("until"))
        }
        effects = document.strings("effects")
        wasGone = document.bool("already_gone") ?? false
        claim = document.string("claim")
    }
}
