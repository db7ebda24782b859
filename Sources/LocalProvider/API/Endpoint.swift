/// What can be asked for, named as the provider's rate limits name it.
enum Endpoint: String, Sendable, CaseIterable {
    case updateUsers = "UpdateUsers"
    case updateUsersPartial = "UpdateUsersPartial"
    case queryUsers = "QueryUsers"
    case deleteUser = "DeleteUser"
    case deleteUsers = "DeleteUsers"
    case deactivateUser = "DeactivateUser"
    case reactivateUser = "ReactivateUser"
    case ban = "Ban"
    case unban = "Unban"
    case queryBannedUsers = "QueryBannedUsers"
    case muteUser = "Mute"
    case unmuteUser = "Unmute"
    case flag = "Flag"
    case queryReviewQueue = "QueryReviewQueue"
    case submitAction = "SubmitAction"
    case getOrCreateChannel = "GetOrCreateChannel"
    case queryChannels = "QueryChannels"
    case updateChannel = "UpdateChannel"
    case updateChannelPartial = "UpdateChannelPartial"
    case deleteChannel = "DeleteChannel"
    case deleteChannels = "DeleteChannels"
    case updateChannelType = "UpdateChannelType"
    case queryMembers = "QueryMembers"
    case sendMessage = "SendMessage"
    case getMessage = "GetMessage"
    case getManyMessages = "GetManyMessages"
    case updateMessage = "UpdateMessage"
    case updateMessagePartial = "UpdateMessagePartial"
    case deleteMessage = "DeleteMessage"
    case undeleteMessage = "UndeleteMessage"
    case commitMessage = "CommitMessage"
    case markRead = "MarkRead"
    case markChannelsRead = "MarkChannelsRead"
    case getApp = "GetApp"
    case updateApp = "UpdateApp"
    case getTask = "GetTask"
    case getRateLimits = "GetRateLimits"

    /// Calls a minute of one app from its servers.
    ///
    /// Source: contract, "Rate limits"; what that does not name has 300.
    var callsPerMinute: Int {
        switch self {
        case .sendMessage, .deleteMessage, .updateMessage, .updateMessagePartial, .undeleteMessage, .getMessage,
            .getManyMessages, .queryUsers:
            1_000
        case .deleteUser, .deleteUsers, .deactivateUser, .reactivateUser, .deleteChannel, .deleteChannels, .updateApp:
            60
        case .queryChannels, .markRead, .markChannelsRead, .getOrCreateChannel, .getApp:
            10_000
        default:
            300
        }
    }

    /// It can change something.
    var isChange: Bool {
        switch self {
        case .queryUsers, .queryBannedUsers, .queryReviewQueue, .queryChannels, .queryMembers, .getMessage,
            .getManyMessages, .getApp,
            .getTask, .getRateLimits:
            false
        default: true
        }
    }

    /// A user's own token suffices.
    var isOpenToUsers: Bool {
        switch self {
        case .sendMessage, .getMessage, .getManyMessages, .updateMessage, .updateMessagePartial, .deleteMessage,
            .markRead, .markChannelsRead, .flag, .muteUser, .unmuteUser, .queryChannels, .queryMembers, .queryUsers,
            .getOrCreateChannel:
            true
        default: false
        }
    }
}
