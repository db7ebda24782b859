/// A group of calls that share one rate limit, by the provider's name for it.
package struct ProviderEndpoint: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }

    package static let updateUsers = Self(rawValue: "UpdateUsers")
    package static let updateUsersPartial = Self(rawValue: "UpdateUsersPartial")
    package static let deactivateUser = Self(rawValue: "DeactivateUser")
    package static let reactivateUser = Self(rawValue: "ReactivateUser")
    package static let deleteUsers = Self(rawValue: "DeleteUsers")
    package static let queryUsers = Self(rawValue: "QueryUsers")
    package static let queryBannedUsers = Self(rawValue: "QueryBannedUsers")
    package static let ban = Self(rawValue: "Ban")
    package static let unban = Self(rawValue: "Unban")
    package static let mute = Self(rawValue: "Mute")
    package static let unmute = Self(rawValue: "Unmute")
    package static let flag = Self(rawValue: "Flag")
    package static let submitAction = Self(rawValue: "SubmitAction")
    package static let getOrCreateChannel = Self(rawValue: "GetOrCreateChannel")
    package static let updateChannel = Self(rawValue: "UpdateChannel")
    package static let updateChannelPartial = Self(rawValue: "UpdateChannelPartial")
    package static let deleteChannel = Self(rawValue: "DeleteChannel")
    package static let queryChannels = Self(rawValue: "QueryChannels")
    package static let markRead = Self(rawValue: "MarkRead")
    package static let sendMessage = Self(rawValue: "SendMessage")
    package static let updateMessagePartial = Self(rawValue: "UpdateMessagePartial")
    package static let deleteMessage = Self(rawValue: "DeleteMessage")
    package static let undeleteMessage = Self(rawValue: "UndeleteMessage")
    package static let commitMessage = Self(rawValue: "CommitMessage")
    package static let getApp = Self(rawValue: "GetApp")
    package static let updateApp = Self(rawValue: "UpdateApp")

    /// What the provider grants from the start, in calls a minute, until an answer says better; `nil` where it does not say.
    ///
    /// Source: the provider's "Rate limits" page, self-serve plans.
    package var documentedPerMinute: Int? {
        switch self {
        case .sendMessage, .deleteMessage, .updateMessagePartial, .queryUsers: 1_000
        case .ban, .unban, .flag, .mute, .updateChannel, .updateChannelPartial, .updateUsers, .updateUsersPartial: 300
        case .deleteUsers, .deactivateUser, .deleteChannel, .updateApp: 60
        case .queryChannels, .markRead, .getOrCreateChannel, .getApp: 10_000
        default: nil
        }
    }
}
