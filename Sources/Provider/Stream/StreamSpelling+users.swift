import Chat
import JSON
import Limits

extension StreamSpelling {
    func upsert(_ users: [UserProfile], _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        let ids = try check.ids(users.map(\.id), "users", most: limits.usersPerCall)
        guard Set(ids).count == ids.count else { throw check.refusal("a user is named twice") }
        return StreamRequest(check.endpoint, "POST", ["users"]) {
            $0.field("users") { $0.object { for user in users { user.spell(in: &$0) } } }
        }
    }

    func update(_ changes: [UserChange], _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        _ = try check.ids(changes.map(\.id), "users", most: limits.usersPerCall)
        for change in changes { try check.change(change.set, change.unset) }
        return StreamRequest(check.endpoint, "PATCH", ["users"]) {
            $0.field("users") {
                $0.array {
                    for change in changes {
                        $0.object {
                            $0.field("id", change.id)
                            $0.change(change.set, change.unset)
                        }
                    }
                }
            }
        }
    }

    func deactivate(_ call: UserDeactivation, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        StreamRequest(check.endpoint, "POST", ["users", try check.id(call.id, "the user's id"), "deactivate"]) {
            $0.present("created_by_id", call.by)
            $0.set("mark_messages_deleted", if: call.deletesMessages)
        }
    }

    func reactivate(_ call: UserReactivation, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        StreamRequest(check.endpoint, "POST", ["users", try check.id(call.id, "the user's id"), "reactivate"]) {
            $0.present("created_by_id", call.by)
            $0.present("name", call.name)
            $0.set("restore_messages", if: call.restoresMessages)
        }
    }

    func delete(_ call: UserDeletion, _ check: StreamCheck) throws(ProviderFailure) -> StreamRequest {
        let ids = try check.ids(call.ids, "users", most: limits.usersPerCall)
        guard call.users != .hard || (call.messages == .hard && call.conversations == .hard) else {
            throw check.refusal("users deleted hard take their messages and conversations with them: ask for both")
        }
        guard call.conversations != .pruning else { throw check.refusal("conversations cannot be pruned") }
        return StreamRequest(check.endpoint, "POST", ["users", "delete"]) {
            $0.field("user_ids", ids)
            $0.field("user", call.users.rawValue)
            $0.present("messages", call.messages?.rawValue)
            $0.present("conversations", call.conversations?.rawValue)
            $0.present("new_channel_owner_id", call.newChannelOwner)
        }
    }
}

extension UserProfile {
    fileprivate func spell(in users: inout JSONWriter) {
        users.field(id) {
            $0.object {
                $0.field("id", id)
                $0.present("name", name)
                $0.present("image", image)
                $0.present("role", role)
                $0.present("language", language)
                $0.present("teams", teams)
                $0.flattened(custom, of: .user)
            }
        }
    }
}
