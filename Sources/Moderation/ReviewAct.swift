package import Chat
package import History
package import MongoDB

/// A decision that was made, for whoever else writes something of it in its transaction.
package struct ReviewAct: Sendable {
    /// As the decision leaves it.
    package let review: StoredReview
    package let decision: ReviewDecision
    /// As it was when it was decided about.
    package let message: MessageState?
}

/// What else is written in the transaction of a decision, such as what it teaches and that it was made.
package typealias ReviewWrites = @Sendable (ReviewAct) -> [(collection: Collection, update: MongoUpdate)]

extension ReviewAct {
    /// What the spam model is to learn of it.
    package var lessons: [(collection: Collection, update: MongoUpdate)] {
        guard let isSpam = decision.isSpam, let message, message.record.created != nil else { return [] }
        let kinds = review.record.sources.map(\.kind)
        let label = SpamLabel(
            messageID: message.record.id,
            isSpam: isSpam,
            by: decision.by,
            at: decision.at,
            version: message.record.content?.value.textUpdatedAt?.nanoseconds ?? 0,
            origin: !kinds.isEmpty && kinds.allSatisfy { $0 == .audit } ? .audit : .moderator,
            place: message.record.cid.map { Channel.parts(ofCID: $0).type }
        )
        return [(.spamLabels, label.update)]
    }
}
