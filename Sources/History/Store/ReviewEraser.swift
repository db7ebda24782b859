import Chat
import MongoDB

/// The stage of an erasure that takes the user out of the review queue: the item about the user goes, and a pseudonym
/// stands where others name the user as author, reporter or moderator.
///
/// Without an index on all whom an item names: the collection is small beside the others, and erasures are rare.
struct ReviewEraser {
    private let eraser: UserEraser

    init(_ eraser: UserEraser) { self.eraser = eraser }

    func step(after: BSONDocument?, limit: Int) throws(MongoError) -> UserEraser.Progress {
        let own = BSONDocument.id(ReviewCaseRecord.Subject.user(eraser.user).id)
        let removed = try eraser.remove(own, from: .reviewQueue, limit)
        if removed > 0 { try ErasureLedger(eraser.sweeper).add([.mentions: removed], of: eraser.user) }
        return try eraser.change(.reviewQueue, naming, BSONDocument(), after: after, limit, as: .mentions) {
            (document: BSONDocument, itself: BSONDocument) throws(MongoError) in
            StoredReview(document).flatMap { change($0, of: itself) }
        }
    }

    private var naming: BSONDocument {
        var filter = BSONDocument()
        filter.append("$or") { (either: inout BSONArray) in
            for field in ["user_id", "sources.by", "assignee", "claim.by", "notes.by", "decisions.by"] {
                either.append(.matching(field, eraser.user))
            }
            // A batch may have put the pseudonym there already; what moderators wrote still stands.
            either.append(.matching("user_id", eraser.erasure.pseudonym))
        }
        return filter
    }

    /// - Returns: `nil` where nothing is left to do.
    private func change(_ before: StoredReview, of itself: BSONDocument) -> MongoUpdate? {
        var after = before
        after.record.replaceUsers(eraser.erasure.name)
        after.desk.replaceUsers(eraser.erasure.name)
        if after.record.author.map(Pseudonym.isPseudonym) ?? false { after.desk.forgetTexts() }
        guard after != before else { return nil }
        var change = BSONDocument()
        change.appendDifference(from: before.document, to: after.document)
        return change.isEmpty ? nil : MongoUpdate(filter: itself, update: change)
    }
}
