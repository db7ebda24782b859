import Chat
import HTTPServer
import History
import JSON
import Limits
import MongoDB
import Provider

extension Routes {
    /// Who may not write, and whom users do not want to see.
    static func bans(_ services: APIServices, _ database: Database) -> [Route] {
        banList(services, database) + banChanges(services, database) + muteList(services, database)
            + muteChanges(services, database)
    }

    // MARK: Bans

    private static func banList(_ services: APIServices, _ database: Database) -> [Route] {
        let common = StandingParameters(services.limits)
        let user = Parameter.identifier("user", in: .query, "Who is banned.").optional
        let channel = Parameter.identifier("channel", in: .query, "Only bans from this channel: `type:id`.").optional
        let by = Parameter.identifier("by", in: .query, "Who banned them.").optional
        let shadow = Parameter.flag("shadow", "Whether they are kept from noticing.").optional
        return [
            Route(
                "GET",
                bansPath,
                access: .roles([.moderator, .service]),
                answers: .bans,
                "Bans in force, latest first: everywhere and from single channels, as the provider has told of them.",
                [user, channel, by, shadow] + common.all(.bans)
            ) { request in
                var filter = common.filter(request)
                (filter.user, filter.channel) = (request[user], request[channel])
                (filter.by, filter.shadow) = (request[by], request[shadow])
                let (wanted, position, limit) = (filter, request[common.cursor(.bans)], request[common.limit])
                let page = try await database.run { (queries) throws(MongoError) in
                    try queries.bans(wanted, after: position, limit: limit)
                }
                return .page(page.rows, next: page.next?.cursor(.bans)) { write($0, to: &$1) }
            }
        ]
    }

    private static func write(_ ban: ListedBan, to writer: inout JSONWriter) {
        writer.field("user", ban.user)
        writer.field("channel", ban.cid)
        writer.field("shadow", ban.state.isShadow)
        writer.field("reason", ban.state.reason)
        writer.field("by", ban.state.by)
        writer.field("since", ban.since)
        writer.field("expires", ban.state.expires)
    }

    private static func banChanges(_ services: APIServices, _ database: Database) -> [Route] {
        let (limits, key) = (services.limits, Parameter<String?>.callKey)
        let user = Parameter.identifier("user", in: .body, "Who is to be banned.")
        let moderator = Parameter.identifier("moderator", in: .body, "The user who decides.")
        let channel = Parameter.identifier("channel", in: .body, "From this channel; left out: everywhere.").optional
        let minutes = Parameter.minutes(limits.standing).optional
        let reason = Parameter.reason(limits.api).optional
        let shadow = Parameter.flag("shadow", in: .body, "The user goes on writing and nobody else sees it.")
            .defaulting(to: false, shown: "false")
        let whom = Parameter.identifier("user", in: .query, "Whose ban ends.")
        let place = Parameter.identifier("channel", in: .query, "The ban from this channel; left out: everywhere.")
            .optional
        let isShadow = Parameter.flag("shadow", "Ends a shadow ban, not an open one.")
            .defaulting(to: false, shown: "false")
        return [
            Route(
                "POST",
                bansPath,
                access: .roles([.moderator, .service]),
                answers: .called,
                "Has the provider ban a user.",
                [user, moderator, channel, minutes, reason, shadow, key]
            ) { request in
                let ban = UserBan(
                    target: request[user],
                    by: request[moderator],
                    cid: request[channel],
                    isShadow: request[shadow],
                    until: request[minutes].map { request.now.later(byMinutes: $0) },
                    reason: request[reason]
                )
                try check(.ban(ban), services)
                // The end differs each time that it is asked for.
                let meaning = "\(ProviderCall.ban(ban.endless).json)\(request[minutes] ?? 0)"
                return try await write(.ban(ban), key: request[key], meaning: meaning, request, services, database)
            }.audited("user.ban", .within) {
                let (minutes, place) = ($0[minutes].map(String.init), $0[channel])
                let details = ["channel": place, "minutes": minutes, "shadow": $0[shadow] ? "true" : nil]
                return .init("user", $0[user], actor: $0[moderator], details: details)
            },
            Route(
                "DELETE",
                bansPath,
                access: .roles([.moderator, .service]),
                answers: .called,
                "Has the provider end a ban.",
                [whom, place, isShadow, key]
            ) { request in
                let unban = UserUnban(target: request[whom], cid: request[place], isShadow: request[isShadow])
                try check(.unban(unban), services)
                return try await write(.unban(unban), key: request[key], request, services, database)
            }.audited("user.unban", .within) { .init("user", $0[whom], details: ["channel": $0[place]]) },
        ]
    }

    // MARK: Mutes

    private static func muteList(_ services: APIServices, _ database: Database) -> [Route] {
        let common = StandingParameters(services.limits)
        let user = Parameter.identifier("user", in: .query, "Who does not want to see.").optional
        let target = Parameter.identifier("target", in: .query, "The user who is not to be seen.").optional
        let channel = Parameter.identifier("channel", in: .query, "The channel that is not to be heard of.").optional
        return [
            Route(
                "GET",
                mutesPath,
                access: .roles([.moderator, .service]),
                answers: .mutes,
                "Mutes in force, latest first: users and channels that single users do not want to see.",
                [user, target, channel] + common.all(.mutes)
            ) { request in
                var filter = common.filter(request)
                (filter.user, filter.target, filter.channel) = (request[user], request[target], request[channel])
                let (wanted, position, limit) = (filter, request[common.cursor(.mutes)], request[common.limit])
                let page = try await database.run { (queries) throws(MongoError) in
                    try queries.mutes(wanted, after: position, limit: limit)
                }
                return .page(page.rows, next: page.next?.cursor(.mutes)) { write($0, to: &$1) }
            }
        ]
    }

    private static func write(_ mute: ListedMute, to writer: inout JSONWriter) {
        writer.field("user", mute.user)
        switch mute.target {
        case .user(let id): writer.field("target", id)
        case .channel(let cid): writer.field("channel", cid)
        }
        writer.field("since", mute.since)
        writer.field("expires", mute.expires)
    }

    private static func muteChanges(_ services: APIServices, _ database: Database) -> [Route] {
        let key = Parameter<String?>.callKey
        let user = Parameter.identifier("user", in: .body, "Who is no longer to see the other.")
        let target = Parameter.identifier("target", in: .body, "The user who is not to be seen.")
        let minutes = Parameter.minutes(services.limits.standing).optional
        let who = Parameter.identifier("user", in: .query, "Who is to see the other again.")
        let whom = Parameter.identifier("target", in: .query, "The user who is to be seen again.")
        return [
            Route(
                "POST",
                mutesPath,
                access: .roles([.moderator, .service]),
                answers: .called,
                "Has the provider hide one user's messages from another.",
                [user, target, minutes, key]
            ) { request in
                var mute = UserMute(target: request[target], by: request[user])
                let meaning = "\(ProviderCall.mute(mute).json)\(request[minutes] ?? 0)"
                mute.until = request[minutes].map { request.now.later(byMinutes: $0) }
                try check(.mute(mute), services)
                return try await write(.mute(mute), key: request[key], meaning: meaning, request, services, database)
            }.audited("user.mute", .within) {
                .init("user", $0[target], details: ["for": $0[user], "minutes": $0[minutes].map(String.init)])
            },
            Route(
                "DELETE",
                mutesPath,
                access: .roles([.moderator, .service]),
                answers: .called,
                "Has the provider show them again.",
                [who, whom, key]
            ) { request in
                let unmute = UserUnmute(target: request[whom], by: request[who])
                try check(.unmute(unmute), services)
                return try await write(.unmute(unmute), key: request[key], request, services, database)
            }.audited("user.unmute", .within) { .init("user", $0[whom], details: ["for": $0[who]]) },
        ]
    }

    private static let bansPath = "/api/v1/bans"
    private static let mutesPath = "/api/v1/mutes"
}

/// What lists of bans and of mutes both take.
private struct StandingParameters: Sendable {
    let at = Parameter.instant(
        "at",
        "Those in force at that time, as far as no later word has taken their place; left out: now."
    )
    .optional
    let expired = Parameter.flag("expired", "Those whose time is over, too.").defaulting(to: false, shown: "false")
    let limit: Parameter<Int>

    init(_ limits: Limits) {
        limit = .pageSize("How many on a page.", limits.query)
    }

    func cursor(_ walk: Cursor.Walk) -> Parameter<StandingPosition?> {
        Parameter<StandingPosition>.cursor { StandingPosition(cursor: $0, walk) }.optional
    }

    func all(_ walk: Cursor.Walk) -> [any ParameterDeclaration] { [at, expired, limit, cursor(walk)] }

    func filter(_ request: APIRequest) -> StandingFilter {
        var filter = StandingFilter()
        filter.at = request[expired] ? request[at] : request[at] ?? request.now
        filter.isWithExpired = request[expired]
        return filter
    }
}

extension StandingPosition {
    /// Nanoseconds tell apart what a cursor's milliseconds do not.
    fileprivate init?(cursor text: String, _ walk: Cursor.Walk) {
        guard let cursor = Cursor.decode(text), cursor.walk == walk else { return nil }
        let parts = cursor.id.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let nanoseconds = Int64(parts[0]) else { return nil }
        self.init(since: Timestamp(nanoseconds: nanoseconds), id: String(parts[1]))
    }

    fileprivate func cursor(_ walk: Cursor.Walk) -> String { Cursor.encode(walk, since, "\(since.nanoseconds):\(id)") }
}

extension UserBan {
    fileprivate var endless: UserBan {
        var ban = self
        ban.until = nil
        return ban
    }
}

extension Timestamp {
    func later(byMinutes minutes: Int) -> Timestamp { Timestamp(milliseconds: milliseconds + Int64(minutes) * 60_000) }
}

extension Parameter where Value == Int {
    /// For how long; without it for good.
    static func minutes(_ limits: Limits.Standing, _ name: String = "minutes") -> Self {
        .integer(name, "For how long, in minutes; left out: for good.", in: 1...limits.minutesMost, place: .body)
    }
}

extension Parameter where Value == String? {
    /// Of routes that have the provider do something.
    static var callKey: Self {
        Parameter<String>.identifier(
            "key",
            in: .query,
            "What makes repeated requests one: with the same key the same call acts once."
        ).optional
    }
}
