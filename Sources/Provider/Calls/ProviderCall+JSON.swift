package import JSON

/// How a call is stored: `{"call": its name, …}`, times in nanoseconds since 1970.
///
/// Fields may be added; their absence must go on meaning what it means today.
extension ProviderCall {
    package var json: String {
        var writer = JSONWriter(capacity: 256)
        writer.object {
            $0.field("call", name)
            write(to: &$0)
        }
        return writer.text
    }

    package init(json: String, parser: JSONParser = JSONParser()) throws(ProviderCallError) {
        let value: JSONValue
        do throws(JSONError) { value = try parser.parse(Array(json.utf8)) } catch { throw .notJSON(error) }
        let name = value["call"]?.string ?? ""
        let fields = try StoredFields(value, of: name)
        guard value["call"] != nil else { throw .missing(call: "it", field: "call") }
        guard let read = Self.readers[name] else { throw .unknownCall(name) }
        self = try read(fields)
    }

    /// The stored name, which must never change.
    package var name: String {
        switch self {
        case .upsertUsers: "upsertUsers"
        case .updateUsersPartially: "updateUsersPartially"
        case .deactivateUser: "deactivateUser"
        case .reactivateUser: "reactivateUser"
        case .deleteUsers: "deleteUsers"
        case .ban: "ban"
        case .unban: "unban"
        case .mute: "mute"
        case .unmute: "unmute"
        case .flagMessage: "flagMessage"
        case .markReviewed: "markReviewed"
        case .createChannel: "createChannel"
        case .updateChannelPartially: "updateChannelPartially"
        case .addMembers: "addMembers"
        case .removeMembers: "removeMembers"
        case .deleteChannel: "deleteChannel"
        case .markRead: "markRead"
        case .sendMessage: "sendMessage"
        case .updateMessagePartially: "updateMessagePartially"
        case .pinMessage: "pinMessage"
        case .unpinMessage: "unpinMessage"
        case .deleteMessage: "deleteMessage"
        case .undeleteMessage: "undeleteMessage"
        case .commitMessage: "commitMessage"
        }
    }

    static var storedNames: [String] { Array(readers.keys) }

    private typealias Reader = @Sendable (StoredFields) throws(ProviderCallError) -> ProviderCall

    private static let readers: [String: Reader] = [
        "upsertUsers": { fields throws(ProviderCallError) in
            .upsertUsers(try fields.objects("users") { user throws(ProviderCallError) in try UserProfile(user) })
        },
        "updateUsersPartially": { fields throws(ProviderCallError) in
            .updateUsersPartially(
                try fields.objects("users") { user throws(ProviderCallError) in try UserChange(user) }
            )
        },
        "deactivateUser": { fields throws(ProviderCallError) in .deactivateUser(try UserDeactivation(fields)) },
        "reactivateUser": { fields throws(ProviderCallError) in .reactivateUser(try UserReactivation(fields)) },
        "deleteUsers": { fields throws(ProviderCallError) in .deleteUsers(try UserDeletion(fields)) },
        "ban": { fields throws(ProviderCallError) in .ban(try UserBan(fields)) },
        "unban": { fields throws(ProviderCallError) in .unban(try UserUnban(fields)) },
        "mute": { fields throws(ProviderCallError) in .mute(try UserMute(fields)) },
        "unmute": { fields throws(ProviderCallError) in .unmute(try UserUnmute(fields)) },
        "flagMessage": { fields throws(ProviderCallError) in .flagMessage(try MessageFlag(fields)) },
        "markReviewed": { fields throws(ProviderCallError) in .markReviewed(try ReviewedItem(fields)) },
        "createChannel": { fields throws(ProviderCallError) in .createChannel(try NewChannel(fields)) },
        "updateChannelPartially": { fields throws(ProviderCallError) in
            .updateChannelPartially(try ChannelChange(fields))
        },
        "addMembers": { fields throws(ProviderCallError) in .addMembers(try MembersChange(fields)) },
        "removeMembers": { fields throws(ProviderCallError) in .removeMembers(try MembersChange(fields)) },
        "deleteChannel": { fields throws(ProviderCallError) in .deleteChannel(try ChannelDeletion(fields)) },
        "markRead": { fields throws(ProviderCallError) in .markRead(try ChannelRead(fields)) },
        "sendMessage": { fields throws(ProviderCallError) in .sendMessage(try NewMessage(fields)) },
        "updateMessagePartially": { fields throws(ProviderCallError) in
            .updateMessagePartially(try MessageChange(fields))
        },
        "pinMessage": { fields throws(ProviderCallError) in .pinMessage(try MessagePin(fields)) },
        "unpinMessage": { fields throws(ProviderCallError) in .unpinMessage(try MessageReference(fields)) },
        "deleteMessage": { fields throws(ProviderCallError) in .deleteMessage(try MessageDeletion(fields)) },
        "undeleteMessage": { fields throws(ProviderCallError) in .undeleteMessage(try MessageReference(fields)) },
        "commitMessage": { fields throws(ProviderCallError) in .commitMessage(try MessageReference(fields)) },
    ]

    private func write(to writer: inout JSONWriter) {
        switch self {
        case .upsertUsers(let users):
            writer.field("users") { $0.array { for user in users { $0.object { user.write(to: &$0) } } } }
        case .updateUsersPartially(let changes):
            writer.field("users") { $0.array { for change in changes { $0.object { change.write(to: &$0) } } } }
        case .deactivateUser(let call): call.write(to: &writer)
        case .reactivateUser(let call): call.write(to: &writer)
        case .deleteUsers(let call): call.write(to: &writer)
        case .ban(let call): call.write(to: &writer)
        case .unban(let call): call.write(to: &writer)
        case .mute(let call): call.write(to: &writer)
        case .unmute(let call): call.write(to: &writer)
        case .flagMessage(let call): call.write(to: &writer)
        case .markReviewed(let call): call.write(to: &writer)
        case .createChannel(let call): call.write(to: &writer)
        case .updateChannelPartially(let call): call.write(to: &writer)
        case .addMembers(let call), .removeMembers(let call): call.write(to: &writer)
        case .deleteChannel(let call): call.write(to: &writer)
        case .markRead(let call): call.write(to: &writer)
        case .sendMessage(let call): call.write(to: &writer)
        case .updateMessagePartially(let call): call.write(to: &writer)
        case .pinMessage(let call): call.write(to: &writer)
        case .unpinMessage(let call), .undeleteMessage(let call), .commitMessage(let call): call.write(to: &writer)
        case .deleteMessage(let call): call.write(to: &writer)
        }
    }
}
