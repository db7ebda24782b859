extension Claims {
    /// A user told the provider of a message, or else of a user.
    mutating func addComplaint(of event: ChatEvent) {
        guard let flag = event.flag else { return }
        let message = (flag.messageID ?? event.messageID).map(ReviewCaseRecord.Subject.message)
        guard let subject = message ?? flag.targetUserID.map(ReviewCaseRecord.Subject.user) else { return }
        let by = flag.by ?? event.user?.id ?? ""
        changeReview(subject) { $0.add(ReviewSource(.flag, by: by, at: event.stamp, reason: flag.reason)) }
    }

    mutating func addClearance(of event: ChatEvent) {
        guard let id = event.message?.id ?? event.messageID else { return }
        changeReview(.message(id)) { $0.resolve(through: event.time) }
    }

    /// An item of the provider's review queue gives reason to look from when it was made; that it changes later does not.
    mutating func addProviderReview(of event: ChatEvent) {
        guard let item = event.reviewItem, !item.isCheckOnly, let subject = item.subject else { return }
        let stamp = event.stamp(item.updatedAt)
        changeReview(subject) { review in
            let reviewedAt = item.reviewedAt ?? (item.isReviewed ? stamp.time : nil)
            let isMark = item.latestAction == "mark_reviewed" && item.recommendedAction != "keep"
            if let reviewedAt, !isMark { review.resolve(through: reviewedAt) }
            guard item.recommendedAction != "keep" else { return }
            var source = ReviewSource(
                .provider,
                by: item.id,
                at: stamp,
                time: item.createdAt,
                labels: item.labels,
                severity: item.severity.map(Severity.init(percent:))
            )
            if isMark { source.markedAt = reviewedAt }
            review.add(source)
        }
    }
}

extension ReviewItem {
    /// What it is about, as far as that has an item here.
    package var subject: ReviewCaseRecord.Subject? {
        if let messageID { return .message(messageID) }
        guard let entityType, let entityID, StreamUserIDs.isUser(entityType: entityType) else { return nil }
        return .user(entityID)
    }

    /// Whether the provider's moderators are done with it.
    ///
    /// Source: the provider's moderation documentation, "Query review queue".
    package var isReviewed: Bool { ["reviewed", "complete", "completed"].contains(status) }
}
