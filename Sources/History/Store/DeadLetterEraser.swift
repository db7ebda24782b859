import MongoDB

/// The stage of an erasure that empties dead letters, found by the ids of the user and of erased messages.
struct DeadLetterEraser {
    private let eraser: UserEraser

    init(_ eraser: UserEraser) { self.eraser = eraser }

    func step(after: BSONDocument?, limit: Int) throws(MongoError) -> UserEraser.Progress {
        let content = ErasedContent(eraser.sweeper)
        return try eraser.change(.deadLetters, BSONDocument(), .only("raw"), after: after, limit, as: .deadLetters) {
            (document: BSONDocument, itself: BSONDocument) throws(MongoError) in
            guard let body = document.binary("raw"), try content.isNamed(in: body) else { return nil }
            return MongoUpdate(filter: itself, update: DeadLetter.erasing)
        }
    }
}

extension DeadLetter {
    /// Leaves id, type and times: no body, and no reason, which may quote it.
    fileprivate static var erasing: BSONDocument {
        var change = BSONDocument()
        change.append("$set") {
            $0.append("erased", true)
            $0.append("reason", erasedReason)
        }
        change.append("$unset") {
            $0.append("raw", Int32(1))
            $0.append("signature", Int32(1))
        }
        return change
    }
}
