/// Points that count towards `engagement_score`.
package struct EngagementWeights: Sendable, Equatable {
    /// For the sender of a message (`ENGAGEMENT_MESSAGE`).
    package var message: Int64 = 5
    /// For whoever reacts (`ENGAGEMENT_REACTION`).
    package var reaction: Int64 = 1
    /// For whoever reads up to a message for the first time (`ENGAGEMENT_READ`).
    package var read: Int64 = 0
    /// For the listing a message is about (`ENGAGEMENT_LISTING_MESSAGE`).
    package var listingMessage: Int64 = 1

    package init() {}
}
