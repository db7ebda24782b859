package import Chat
package import Rules

/// What a moderator wants done about an item.
package struct ReviewOrder: Sendable, Equatable {
    package var action: ReviewDecision.Action
    package var moderator: String
    /// Of the API key that is used.
    package var keyID: String
    /// ``ReviewClaim/token``; `nil` takes an item that nobody else holds.
    package var claim: String?
    package var reason: String?
    /// How a message is to go; with a mute or ban `nil` leaves it where it is.
    package var removal: ReviewDecision.Removal?
    package var mask: Set<Masked>
    /// How long a mute or ban holds; `nil` is the usual time of a mute, and a ban for good.
    package var minutes: Int?
    /// Of the message's channel alone, or everywhere; `nil` is the channel for mutes and everywhere for bans.
    package var isOfChannel: Bool?
    package var isShadow: Bool
    /// What it is to teach; `nil` follows from the action.
    package var isSpam: Bool?

    package init(
        _ action: ReviewDecision.Action,
        by moderator: String,
        keyID: String,
        claim: String? = nil,
        reason: String? = nil,
        removal: ReviewDecision.Removal? = nil,
        mask: Set<Masked> = [],
        minutes: Int? = nil,
        isOfChannel: Bool? = nil,
        isShadow: Bool = false,
        isSpam: Bool? = nil
    ) {
        (self.action, self.moderator, self.keyID, self.claim) = (action, moderator, keyID, claim)
        (self.reason, self.removal, self.mask, self.minutes) = (reason, removal, mask, minutes)
        (self.isOfChannel, self.isShadow, self.isSpam) = (isOfChannel, isShadow, isSpam)
    }
}
