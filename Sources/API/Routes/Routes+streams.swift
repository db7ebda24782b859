import Chat
import HTTPServer
import History
import Limits
import MongoDB
import Provider

extension Routes {
    /// What a live stream's own people may do there.
    static func streams(_ services: APIServices, _ database: Database) -> [Route] {
        let limits = services.limits
        let stream = Parameter.identifier(
            "streamId",
            in: .path,
            "The stream: its channel's id or `type:id`, or the event or artist that the channel is about."
        )
        let action = Parameter<StreamAction>.choice("action", in: .body, "What is to be done.")
        let target = Parameter.identifier("targetId", in: .body, "The message, or the user.")
        let moderator = Parameter.identifier(
            "moderator",
            in: .body,
            "The user who decides; left out: the one of the header `\(APIRequest.actingUserHeader)`."
        ).optional
        let duration = Parameter.integer(
            "duration",
            "For how long, in minutes; left out: a mute holds \(limits.standing.muteMinutes), a ban for good.",
            in: 1...limits.standing.minutesMost,
            place: .body
        ).optional
        let reason = Parameter.reason(limits.api).optional
        let key = Parameter<String?>.callKey
        return [
            Route(
                "POST",
                "/api/streams/{streamId}/moderate",
                access: .roles([.moderator, .service]),
                answers: .called,
                "Deletes a message of a live stream, or has a user keep silent there, for its creator and its moderators.",
                [stream, action, target, moderator, duration, reason, key]
            ) { request in
                let order = StreamOrder(
                    action: request[action],
                    target: request[target],
                    minutes: request[duration],
                    reason: request[reason]
                )
                guard order.action != .delete || order.minutes == nil else {
                    throw Problem.parameter("duration", "The body's field duration goes with mute and ban alone.")
                }
                guard let user = request.actingUser ?? request[moderator] else {
                    throw Problem.parameter(
                        "moderator",
                        "The body's field moderator is missing; it must be the user who decides."
                    )
                }
                guard request[moderator] ?? user == user else {
                    throw Problem.parameter(
                        "moderator",
                        "The body's field moderator must be the user of the header \(APIRequest.actingUserHeader)."
                    )
                }
                let channel = try await channel(request[stream], database)
                try await admit(user, to: channel, request, database)
                try await check(order, isIn: channel, database)
                let call = order.call(in: channel.cid, by: user, at: request.now, limits.standing)
                try check(call, services)
                let meaning = "\(channel.cid)/\(order)/\(user)"
                return try await write(call, key: request[key], meaning: meaning, request, services, database)
            }.audited("stream.moderate", .within) { request in
                let (action, target) = (request[action], request[target])
                let details: [String: String?] = [
                    "action": action.rawValue, "stream": request[stream], "minutes": request[duration].map(String.init),
                ]
                let kind = action == .delete ? "message" : AuditEntry.userKind
                return .init(kind, target, actor: request[moderator], details: details)
            }
        ]
    }

    /// - Throws: ``Problem``: 404 for no such stream, 409 when several channels could be meant.
    private static func channel(_ id: String, _ database: Database) async throws -> StreamChannel {
        let found = try await database.run { (queries) throws(MongoError) in
            try queries.streams(id, types: streamTypes, limit: 2)
        }
        guard let first = found.first else { throw Problem.notFound("stream") }
        guard found.count == 1 else {
            throw Problem(409, "Several channels are about it; name one by its cid `type:id`.", parameter: "streamId")
        }
        return first
    }

    /// - Throws: ``Problem`` of status 403.
    private static func admit(
        _ user: String,
        to channel: StreamChannel,
        _ request: APIRequest,
        _ database: Database
    ) async throws {
        guard request.caller?.role != .admin, channel.creator != user else { return }
        let mayDecide = try await database.run { (queries) throws(MongoError) in
            try queries.hasRole(user, everywhere: adminRoles, in: channel.cid, moderatorRoles)
        }
        guard !mayDecide else { return }
        throw Problem(
            403,
            "Only a stream's creator, its moderators and administrators may do this; the user is none of them."
        )
    }

    /// A message of another channel is not this stream's to delete.
    ///
    /// - Throws: ``Problem`` of status 404.
    private static func check(_ order: StreamOrder, isIn channel: StreamChannel, _ database: Database) async throws {
        guard order.action == .delete else { return }
        let message = try await database.run { (queries) throws(MongoError) in
            try queries.record(MessageState.self, order.target)
        }
        guard message?.record.cid == channel.cid else { throw Problem.notFound("message in this stream") }
    }

    /// The provider's own, those for streams first.
    ///
    /// Source: its documentation, "Channel types".
    private static let streamTypes = ["livestream", "gaming", "messaging", "commerce", "team"]
    /// Source: as above, "Default roles".
    private static let adminRoles: Set = ["admin", "global_admin", "global_moderator"]
    private static let moderatorRoles: Set = ["moderator", "channel_moderator", "owner", "admin"]
}

enum StreamAction: String, Sendable, CaseIterable { case delete, mute, ban }

/// What somebody wants done in a stream.
private struct StreamOrder: Sendable {
    let action: StreamAction
    /// A message, or a user.
    let target: String
    let minutes: Int?
    let reason: String?

    /// A mute is a ban from the channel that ends: who is muted by a moderator cannot write there for a while.
    func call(in cid: String, by user: String, at now: Timestamp, _ limits: Limits.Standing) -> ProviderCall {
        let minutes = action == .mute ? minutes ?? limits.muteMinutes : minutes
        return switch action {
        case .delete: .deleteMessage(MessageDeletion(cid: cid, id: target, isHard: false, by: user))
        case .mute, .ban:
            .ban(
                UserBan(
                    target: target,
                    by: user,
                    cid: cid,
                    until: minutes.map { now.later(byMinutes: $0) },
                    reason: reason
                )
            )
        }
    }
}
