import Chat
import JSON
import Limits

/// Queries as the provider's requests, held to its largest pages.
struct StreamQueries: Sendable {
    let limits: Limits.Provider

    func appSettings() -> StreamRequest { StreamRequest(.getApp, "GET", ["app"]) }

    func write(_ plan: HookPlan) -> StreamRequest {
        StreamRequest(.updateApp, "PATCH", ["app"], json: plan.json)
    }

    func channels(_ query: ChannelQuery) -> StreamRequest {
        StreamRequest(.queryChannels, "POST", ["channels"]) {
            $0.field("filter_conditions", raw: query.filter.text)
            $0.sort(query.order)
            $0.field("limit", min(query.limit, limits.channelsPerPage))
            $0.field("offset", query.offset)
            $0.field("message_limit", min(query.messages, limits.messagesPerPage))
            $0.field("member_limit", min(query.members, limits.membersPerPage))
            $0.field("state", true)
        }
    }

    func state(
        of cid: String,
        by creator: String,
        messages: MessagePage,
        members: OffsetPage
    ) throws(ProviderFailure) -> StreamRequest {
        let check = StreamCheck(endpoint: .getOrCreateChannel, limits: limits)
        let (type, id) = try check.channel(cid)
        return StreamRequest(.getOrCreateChannel, "POST", ["channels", type, id, "query"]) {
            $0.field("data") { $0.object { $0.field("created_by_id", creator) } }
            $0.field("state", true)
            $0.field("messages") { $0.object { $0.page(messages, most: limits.messagesPerPage) } }
            $0.field("members") { $0.object { $0.page(members, most: limits.membersPerPage) } }
        }
    }

    /// Also those who are deactivated.
    func users(ids: [String]) throws(ProviderFailure) -> StreamRequest {
        let check = StreamCheck(endpoint: .queryUsers, limits: limits)
        let ids = try check.ids(ids, "users", most: limits.usersPerPage)
        return .get(.queryUsers, "users") {
            $0.field("filter_conditions") { $0.object { $0.field("id") { $0.object { $0.field("$in", ids) } } } }
            $0.field("limit", ids.count)
            $0.field("include_deactivated_users", true)
        }
    }

    func bans(in cid: String?, since: Timestamp, _ page: OffsetPage) -> StreamRequest {
        .get(.queryBannedUsers, "query_banned_users") {
            $0.field("filter_conditions") {
                $0.object {
                    $0.field("created_at") { $0.object { $0.field("$gte", since.rfc3339) } }
                    $0.present("channel_cid", cid)
                }
            }
            $0.sort([.init("created_at", isAscending: true)])
            $0.page(page, most: limits.usersPerPage)
        }
    }
}

extension StreamRequest {
    init(_ endpoint: ProviderEndpoint, _ method: String, _ path: [String], json: String) {
        self.init(endpoint, method, path)
        body = json
    }

    /// A query whose object goes into the address.
    fileprivate static func get(
        _ endpoint: ProviderEndpoint,
        _ path: String,
        payload: (inout JSONWriter) -> Void
    ) -> StreamRequest {
        var writer = JSONWriter(capacity: 512)
        writer.object(payload)
        return StreamRequest(endpoint, "GET", [path], query: [("payload", writer.text)])
    }
}

extension JSONWriter {
    fileprivate mutating func sort(_ order: [ChannelQuery.Order]) {
        guard !order.isEmpty else { return }
        field("sort") {
            $0.array {
                for part in order {
                    $0.object {
                        $0.field("field", part.field)
                        $0.field("direction", part.isAscending ? 1 : -1)
                    }
                }
            }
        }
    }

    fileprivate mutating func page(_ page: MessagePage, most: Int) {
        field("limit", min(page.limit, most))
        switch page.position {
        case .newest: break
        case .before(let id): field("id_lt", id)
        case .after(let id): field("id_gt", id)
        case .since(let time): field("created_at_after", time)
        }
    }

    fileprivate mutating func page(_ page: OffsetPage, most: Int) {
        field("limit", min(page.limit, most))
        field("offset", page.offset)
    }
}
