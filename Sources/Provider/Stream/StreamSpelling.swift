import Chat
import JSON
import Limits

/// Calls as the provider's requests: pure, the moment of sending is a parameter.
struct StreamSpelling: Sendable {
    let limits: Limits.Provider

    enum Result: Sendable, Equatable {
        case request(StreamRequest)
        /// There is nothing left to ask for.
        case over
    }

    /// - Throws: what can never be sent as it is.
    func request(for call: ProviderCall, at now: Timestamp) throws(ProviderFailure) -> Result {
        let check = StreamCheck(endpoint: call.endpoint, limits: limits)
        let request: StreamRequest
        switch call {
        case .upsertUsers(let users): request = try upsert(users, check)
        case .updateUsersPartially(let changes): request = try update(changes, check)
        case .deactivateUser(let deactivation): request = try deactivate(deactivation, check)
        case .reactivateUser(let reactivation): request = try reactivate(reactivation, check)
        case .deleteUsers(let deletion): request = try delete(deletion, check)
        case .ban(let ban):
            guard !isOver(ban.until, at: now) else { return .over }
            request = try self.ban(ban, at: now, check)
        case .unban(let unban): request = try self.unban(unban, check)
        case .mute(let mute):
            guard !isOver(mute.until, at: now) else { return .over }
            request = try self.mute(mute, at: now, check)
        case .unmute(let unmute): request = try self.unmute(unmute, check)
        case .flagMessage(let flag): request = try self.flag(flag, check)
        case .markReviewed(let reviewed): request = try markReviewed(reviewed, check)
        case .createChannel(let channel): request = try create(channel, check)
        case .updateChannelPartially(let change): request = try update(change, check)
        case .addMembers(let change): request = try members(change, "add_members", check)
        case .removeMembers(let change): request = try members(change, "remove_members", check)
        case .deleteChannel(let deletion): request = try delete(deletion, check)
        case .markRead(let read): request = try markRead(read, check)
        case .sendMessage(let message): request = try send(message, check)
        case .updateMessagePartially(let change): request = try update(change, check)
        case .pinMessage(let pin):
            guard !isOver(pin.until, at: now) else { return .over }
            request = try self.pin(pin, check)
        case .unpinMessage(let message): request = try unpin(message, check)
        case .deleteMessage(let deletion): request = try delete(deletion, check)
        case .undeleteMessage(let message): request = try undelete(message, check)
        case .commitMessage(let message): request = try commit(message, check)
        }
        try check.size(of: request)
        return .request(request)
    }

    private func isOver(_ until: Timestamp?, at now: Timestamp) -> Bool { until.map { $0 <= now } ?? false }

    /// What is left in whole minutes, rounded up: never shorter than it was decided.
    func minutes(until: Timestamp, at now: Timestamp) -> Int64 {
        let minute: Int64 = 60_000_000_000
        let (left, overflow) = until.nanoseconds.subtractingReportingOverflow(now.nanoseconds)
        guard !overflow else { return .max / minute }
        return left / minute + (left % minute > 0 ? 1 : 0)
    }
}

/// What the provider takes as identifiers and in one call; failures name fields, never what they hold.
struct StreamCheck: Sendable {
    let endpoint: ProviderEndpoint
    let limits: Limits.Provider

    func id(_ id: String, _ field: String) throws(ProviderFailure) -> String {
        guard !id.isEmpty, id.utf8.count <= limits.identifierBytes else {
            throw refusal("\(field) is empty or longer than \(limits.identifierBytes) bytes")
        }
        // The path's `..` would leave out what is before it: another request.
        guard id != ".", id != ".." else { throw refusal("\(field) is a path of dots") }
        return id
    }

    func ids(_ ids: [String], _ field: String, most: Int) throws(ProviderFailure) -> [String] {
        guard !ids.isEmpty, ids.count <= most else {
            throw refusal("\(ids.count) \(field), where 1 to \(most) are taken; split the call")
        }
        for id in ids { _ = try self.id(id, field) }
        return ids
    }

    func channel(_ cid: String) throws(ProviderFailure) -> (type: String, id: String) {
        let parts = Channel.parts(ofCID: cid)
        return (try id(parts.type, "the channel's type"), try id(parts.id, "the channel's id"))
    }

    func messageID(_ id: String) throws(ProviderFailure) -> String {
        guard id.utf8.count <= limits.messageIDBytes, !id.utf8.contains(where: { ",%".utf8.contains($0) }) else {
            throw refusal(
                "the message's id is longer than \(limits.messageIDBytes) bytes or holds a comma or percent sign"
            )
        }
        return try self.id(id, "the message's id")
    }

    func change(_ set: JSONObjectText, _ unset: [String]) throws(ProviderFailure) {
        guard !set.isEmpty || !unset.isEmpty else { throw refusal("no field is set or unset") }
    }

    func size(of request: StreamRequest) throws(ProviderFailure) {
        guard (request.body?.utf8.count ?? 0) <= limits.bodyBytes else {
            throw refusal("the request is larger than \(limits.bodyBytes) bytes")
        }
    }

    func refusal(_ reason: String) -> ProviderFailure {
        ProviderFailure(endpoint, reason: "\(reason). Nothing was sent.")
    }
}

extension JSONWriter {
    /// Custom data beside the provider's fields, as the v1 API has it; a field named like one of those is left out.
    mutating func flattened(_ custom: JSONObjectText, of owner: StreamProvider.CustomOwner) {
        for (name, json) in custom.fields where !StreamProvider.defines(name, of: owner) { field(name, raw: json) }
    }

    mutating func change(_ set: JSONObjectText, _ unset: [String]) {
        field("set", raw: set.text)
        field("unset", unset)
    }
}
