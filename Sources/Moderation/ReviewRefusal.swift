package import Chat

/// Why something was not done about an item of the review queue: nothing has changed then.
package enum ReviewRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    case unknown
    /// Another moderator is deciding about it.
    case claimed(by: String, until: Timestamp)
    /// The claim that was shown is over.
    case claimEnded(until: Timestamp)
    /// The claim that was shown is none of this item.
    case claimUnknown
    /// `nil`: by the provider's moderators.
    case decided(ReviewDecision?)
    case nothingToRestore
    /// The item is about a user, and this is done to messages.
    case notAMessage(ReviewDecision.Action)
    /// No event has told of the message itself, so that it is not known where it is or whose.
    case messageNotKnown
    case authorNotKnown
    /// The text holds nothing of what was to be masked.
    case nothingToMask
    /// The provider would not take the call.
    case impossible(String)
    case tooManyNotes(Int)

    /// Whether the item is missing, rather than in another state than was thought.
    package var isUnknown: Bool { self == .unknown }

    package var description: String {
        switch self {
        case .unknown: "There is no such item."
        case .claimed(let moderator, let until):
            "\(moderator) has claimed the item until \(until.rfc3339). Nothing was done; take another, or wait."
        case .claimEnded(let until):
            "The claim ended at \(until.rfc3339), before the decision came. Nothing was done; claim the item again."
        case .claimUnknown:
            "The claim is not the one that holds for this item. Nothing was done; claim the item again."
        case .decided(let decision?):
            "\(decision.by) has decided it: \(decision.action.rawValue), at \(decision.at.rfc3339). Nothing was done; "
                + "restore it, or reopen it to decide otherwise."
        case .decided(nil):
            "The provider's moderators have decided it. Nothing was done; reopen it to decide otherwise."
        case .nothingToRestore:
            "There is nothing to restore: the message is not deleted, and no ban was decided with this item."
        case .notAMessage(let action):
            "The item is about a user, and \(action.rawValue) is done to messages. Nothing was done."
        case .messageNotKnown:
            "No event has told of the message itself yet, so it is not known where it is. Nothing was done; it may be "
                + "on its way: try again in a minute."
        case .authorNotKnown: "It is not known who wrote the message, or the author is erased. Nothing was done."
        case .nothingToMask: "The text holds nothing of what is to be masked. Nothing was done."
        case .impossible(let reason): "The provider would not take it: \(reason). Nothing was done."
        case .tooManyNotes(let most): "The item has \(most) notes already, which is the most."
        }
    }
}
