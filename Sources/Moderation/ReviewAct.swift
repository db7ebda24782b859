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
