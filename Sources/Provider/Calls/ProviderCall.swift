/// One thing to be done at the chat provider, as a value that can be stored and performed hours later.
///
/// Performing it twice is the same as once. Times are absolute: what is left of them is computed when the call is sent.
package enum ProviderCall: Sendable, Equatable {
    /// At most 100.
    case upsertUsers([UserProfile])
    /// At most 100.
    case updateUsersPartially([UserChange])
    case deactivateUser(UserDeactivation)
    case reactivateUser(UserReactivation)
    /// At most 100.
    case deleteUsers(UserDeletion)

    case ban(UserBan)
    case unban(UserUnban)
    case mute(UserMute)
    case unmute(UserUnmute)
    case flagMessage(MessageFlag)
    /// Takes an item off the provider's review queue.
    case markReviewed(ReviewedItem)

    case createChannel(NewChannel)
    case updateChannelPartially(ChannelChange)
    /// At most 100.
    case addMembers(MembersChange)
    /// At most 100.
    case removeMembers(MembersChange)
    case deleteChannel(ChannelDeletion)
    case markRead(ChannelRead)

    case sendMessage(NewMessage)
    case updateMessagePartially(MessageChange)
    case pinMessage(MessagePin)
    case unpinMessage(MessageReference)
    case deleteMessage(MessageDeletion)
    case undeleteMessage(MessageReference)
    /// Lets a pending message through.
    case commitMessage(MessageReference)
}

extension ProviderCall {
    /// The lane of calls that concern several users at once.
    package static let usersLane = "users"

    /// Calls of one lane are performed in order: the channel's `cid`, else the user's id, else ``usersLane``.
    ///
    /// No user's id holds the colon of a `cid`.
    package var lane: String {
        switch self {
        case .upsertUsers(let users): Self.lane(ofUsers: users.map(\.id))
        case .updateUsersPartially(let changes): Self.lane(ofUsers: changes.map(\.id))
        case .deactivateUser(let deactivation): deactivation.id
        case .reactivateUser(let reactivation): reactivation.id
        case .deleteUsers(let deletion): Self.lane(ofUsers: deletion.ids)
        case .ban(let ban): ban.cid ?? ban.target
        case .unban(let unban): unban.cid ?? unban.target
        case .mute(let mute): mute.target
        case .unmute(let unmute): unmute.target
        case .flagMessage(let flag): flag.cid
        case .markReviewed(let reviewed): reviewed.cid ?? reviewed.user ?? reviewed.item
        case .createChannel(let channel): channel.cid
        case .updateChannelPartially(let change): change.cid
        case .addMembers(let change), .removeMembers(let change): change.cid
        case .deleteChannel(let deletion): deletion.cid
        case .markRead(let read): read.cid
        case .sendMessage(let message): message.cid
        case .updateMessagePartially(let change): change.cid
        case .pinMessage(let pin): pin.cid
        case .unpinMessage(let message), .undeleteMessage(let message), .commitMessage(let message): message.cid
        case .deleteMessage(let deletion): deletion.cid
        }
    }

    private static func lane(ofUsers ids: [String]) -> String {
        guard let first = ids.first, ids.allSatisfy({ $0 == first }) else { return usersLane }
        return first
    }

    /// The one user whose standing or profile it is about, if it is about one.
    package var user: String? {
        switch self {
        case .ban(let ban): ban.target
        case .unban(let unban): unban.target
        case .mute(let mute): mute.target
        case .unmute(let unmute): unmute.target
        case .markReviewed(let reviewed): reviewed.user
        default: lane == Self.usersLane || lane.contains(":") ? nil : lane
        }
    }

    /// What the provider counts the call under.
    package var endpoint: ProviderEndpoint {
        switch self {
        case .upsertUsers: .updateUsers
        case .updateUsersPartially: .updateUsersPartial
        case .deactivateUser: .deactivateUser
        case .reactivateUser: .reactivateUser
        case .deleteUsers: .deleteUsers
        case .ban: .ban
        case .unban: .unban
        case .mute: .mute
        case .unmute: .unmute
        case .flagMessage: .flag
        case .markReviewed: .submitAction
        case .createChannel: .getOrCreateChannel
        case .updateChannelPartially: .updateChannelPartial
        case .addMembers, .removeMembers: .updateChannel
        case .deleteChannel: .deleteChannel
        case .markRead: .markRead
        case .sendMessage: .sendMessage
        case .updateMessagePartially, .pinMessage, .unpinMessage: .updateMessagePartial
        case .deleteMessage: .deleteMessage
        case .undeleteMessage: .undeleteMessage
        case .commitMessage: .commitMessage
        }
    }
}

extension ProviderCall {
    /// What moderators do: it concerns single messages and the standing of users, and can be taken back or is theirs to decide.
    package var isModeration: Bool { Self.isModeration(name) }

    /// The same by the call's name, which is the effect's action.
    package static func isModeration(_ name: String) -> Bool { moderation.contains(name) }

    private static let moderation: Set = [
        "ban", "unban", "mute", "unmute", "flagMessage", "deleteMessage", "undeleteMessage", "pinMessage",
        "unpinMessage", "commitMessage", "markReviewed",
    ]
}
