/// Which endpoint a method and a path name, and what the path says besides.
struct Route: Sendable, Equatable {
    let endpoint: Endpoint
    /// The path's variable parts, in order.
    let parameters: [String]
    /// Of the newer API, whose POST calls carry what the older one sends otherwise.
    var isVersion2 = false

    init?(method: String, path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
        if parts.starts(with: ["api", "v2", "moderation"]), parts.count == 4, method == "POST",
            let found = Self.moderationVersion2[parts[3]]
        {
            (endpoint, parameters, isVersion2) = (found, [], true)
            return
        }
        guard let found = Self.find(method, parts) else { return nil }
        (endpoint, parameters) = found
    }

    private static let moderationVersion2: [String: Endpoint] = [
        "unban": .unban, "review_queue": .queryReviewQueue, "submit_action": .submitAction,
    ]

    private static func find(_ method: String, _ parts: [String]) -> (Endpoint, [String])? {
        switch parts.first {
        case "users": users(method, Array(parts.dropFirst()))
        case "channels": channels(method, Array(parts.dropFirst()))
        case "messages": messages(method, Array(parts.dropFirst()))
        case "moderation": parts.count == 2 ? moderation(method, parts[1]).map { ($0, []) } : nil
        case "channeltypes": method == "PUT" && parts.count == 2 ? (.updateChannelType, [parts[1]]) : nil
        case "tasks": method == "GET" && parts.count == 2 ? (.getTask, [parts[1]]) : nil
        default: parts.count == 1 ? other(method, parts[0]).map { ($0, []) } : nil
        }
    }

    private static func users(_ method: String, _ parts: [String]) -> (Endpoint, [String])? {
        switch (method, parts.count, parts.last) {
        case ("POST", 0, _): (.updateUsers, [])
        case ("PATCH", 0, _): (.updateUsersPartial, [])
        case ("GET", 0, _): (.queryUsers, [])
        case ("POST", 1, "delete"): (.deleteUsers, [])
        case ("DELETE", 1, _): (.deleteUser, parts)
        case ("POST", 2, "deactivate"): (.deactivateUser, [parts[0]])
        case ("POST", 2, "reactivate"): (.reactivateUser, [parts[0]])
        default: nil
        }
    }

    private static func channels(_ method: String, _ parts: [String]) -> (Endpoint, [String])? {
        switch (method, parts.count, parts.last) {
        case ("POST", 0, _): (.queryChannels, [])
        case ("POST", 1, "delete"): (.deleteChannels, [])
        case ("POST", 1, "read"): (.markChannelsRead, [])
        case ("POST", 2, "query"): (.getOrCreateChannel, [parts[0]])
        case ("POST", 2, _): (.updateChannel, parts)
        case ("PATCH", 2, _): (.updateChannelPartial, parts)
        case ("DELETE", 2, _): (.deleteChannel, parts)
        case ("POST", 3, "query"): (.getOrCreateChannel, [parts[0], parts[1]])
        case ("POST", 3, "message"): (.sendMessage, [parts[0], parts[1]])
        case ("POST", 3, "read"): (.markRead, [parts[0], parts[1]])
        case ("GET", 3, "messages"): (.getManyMessages, [parts[0], parts[1]])
        default: nil
        }
    }

    private static func messages(_ method: String, _ parts: [String]) -> (Endpoint, [String])? {
        switch (method, parts.count, parts.last) {
        case ("GET", 1, _): (.getMessage, parts)
        case ("POST", 1, _): (.updateMessage, parts)
        case ("PUT", 1, _): (.updateMessagePartial, parts)
        case ("DELETE", 1, _): (.deleteMessage, parts)
        case ("POST", 2, "undelete"): (.undeleteMessage, [parts[0]])
        case ("POST", 2, "commit"): (.commitMessage, [parts[0]])
        default: nil
        }
    }

    private static func moderation(_ method: String, _ action: String) -> Endpoint? {
        switch (method, action) {
        case ("POST", "ban"): .ban
        case ("DELETE", "ban"): .unban
        case ("POST", "mute"): .muteUser
        case ("POST", "unmute"): .unmuteUser
        case ("POST", "flag"): .flag
        default: nil
        }
    }

    private static func other(_ method: String, _ name: String) -> Endpoint? {
        switch (method, name) {
        case ("GET", "app"): .getApp
        case ("PATCH", "app"): .updateApp
        case ("GET", "members"): .queryMembers
        case ("GET", "query_banned_users"): .queryBannedUsers
        case ("GET", "rate_limits"): .getRateLimits
        default: nil
        }
    }
}
