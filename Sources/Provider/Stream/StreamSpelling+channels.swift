import Chat
import JSON
import Limits

extension StreamSpelling {
    func create(_ channel: NewChannel, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        let (type, id) = try check.channel(channel.cid)
        let members =
            channel.members.isEmpty ? [] : try check.ids(channel.members, "members", most: limits.membersPerCall)
        return StreamRequest(check.endpoint, "POST", ["channels", type, id, "query"]) {
            $0.field("data") {
                $0.object {
                    $0.field("created_by_id", channel.createdBy)
                    $0.present("name", channel.name)
                    $0.present("image", channel.image)
                    $0.present("team", channel.team)
                    $0.present("members", members)
                    $0.flattened(channel.custom, of: .channel)
                }
            }
            $0.field("state", false)
        }
    }

    func update(_ change: ChannelChange, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        let (type, id) = try check.channel(change.cid)
        try check.change(change.set, change.unset)
        return StreamRequest(check.endpoint, "PATCH", ["channels", type, id]) {
            $0.change(change.set, change.unset)
            $0.present("user_id", change.by)
        }
    }

    func members(
        _ change: MembersChange,
        _ field: String,
        _ check: StreamCheck
    ) throws(ProviderFailure) -> StreamRequest {
        let (type, id) = try check.channel(change.cid)
        let users = try check.ids(change.userIDs, "members", most: limits.membersPerCall)
        return StreamRequest(check.endpoint, "POST", ["channels", type, id]) {
            $0.field(field, users)
            $0.set("hide_history", if: change.hidesHistory)
            $0.present("user_id", change.by)
        }
    }

    func delete(_ deletion: ChannelDeletion, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        let (type, id) = try check.channel(deletion.cid)
        let hard = deletion.isHard ? "true" : nil
        return StreamRequest(check.endpoint, "DELETE", ["channels", type, id], query: [("hard_delete", hard)])
    }

    func markRead(_ read: ChannelRead, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        let (type, id) = try check.channel(read.cid)
        return StreamRequest(check.endpoint, "POST", ["channels", type, id, "read"]) {
            $0.field("user_id", read.by)
            $0.present("message_id", read.messageID)
        }
    }
}
