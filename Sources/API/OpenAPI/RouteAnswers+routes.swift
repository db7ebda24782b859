import Hooks

// What each route answers: named as in the routes' declarations.

extension Schema {
    static let problem = Schema.named(
        "Problem",
        ["type": .string, "title": .string, "status": .integer, "detail": .string, "parameter?": .string]
    )
    static let person = Schema.named("Person", ["_id": .string, "display_name?": .string, "avatar?": .string])
    static let message = Schema.named(
        "Message",
        [
            "_id": .string, "stream_message_id": .string, "text?": .string, "sender_id?": .person, "createdAt?": .time,
            "type?": .string, "is_flagged": .boolean, "cid?": .string, "stream_channel_id?": .string,
            "listing_id?": .string, "buyer_id?": .string, "seller_id?": .string, "offer_id?": .string,
            "order_id?": .string, "message_type?": .string, "updatedAt?": .time, "parent_id?": .string,
            "quoted_message_id?": .string, "mentioned_user_ids?": .array(.string), "attachments?": .array(.any),
            "attachment_count?": .integer, "custom?": .any, "flag_reason?": .string, "flagged_by?": .string,
            "deletedAt?": .time, "deleted_by?": .string, "erased?": .boolean,
        ]
    )
    fileprivate static let messages: Schema = ["data": .array(.message), "total?": .integer, "next?": .string]
    fileprivate static let messageDetails = Schema.message.with([
        "edits": .array(["text": .string, "at": .time]),
        "reactions": .array(["user_id?": .string, "type?": .string, "score?": .integer, "createdAt?": .time]),
    ])
    fileprivate static let decision = Schema.named(
        "ReviewDecision",
        [
            "number": .integer, "action": .string, "by": .string, "at": .time, "reason?": .string, "spam?": .boolean,
            "already_gone?": .boolean, "deleted?": .string,
            "ban?": ["cid?": .string, "shadow?": .boolean, "until?": .time], "effects": .array(.string),
        ]
    )
    fileprivate static let source: Schema = [
        "kind": .string, "by?": .string, "at": .time, "severity": .string, "reason?": .string,
        "labels": .array(.string), "decided": .boolean,
    ]
    fileprivate static let reviewSummary = Schema.named(
        "Review",
        [
            "_id": .string, "message_id?": .string, "user_id?": .string, "cid?": .string, "place?": .string,
            "status": .choice(["open", "claimed", "decided", "undecided", "any"]), "severity": .string,
            "labels": .array(.string), "complaints": .integer, "since?": .time, "first_at?": .time, "last_at?": .time,
            "sources": .array(.source), "assignee?": .string, "claim?": ["by": .string, "until": .time],
        ]
    )
    fileprivate static let review = Schema.reviewSummary.with([
        "notes?": .array(["by": .string, "at": .time, "text": .string]), "decisions?": .array(.decision),
    ])
    fileprivate static let user: Schema = [
        "_id?": .string, "name?": .string, "image?": .string, "role?": .string, "last_message_at?": .time,
        "last_activity?": .time, "total_messages_sent?": .integer, "total_reactions?": .integer,
        "total_reads?": .integer, "engagement_score?": .number, "message_count?": .integer,
        "bans?": .array(["cid?": .string, "shadow": .boolean, "reason?": .string, "by?": .string, "expires?": .time]),
        "mutes?": .array(["target_user_id?": .string, "target_cid?": .string, "expires?": .time]),
        "sync?": .map(.any),
    ]
    fileprivate static let refused: Schema = .array(["_id?": .string, "parameter?": .string, "detail": .string])
    fileprivate static let effect = Schema.named(
        "Effect",
        [
            "_id": .string, "destination": .string, "lane": .string, "action": .string, "cause?": .string,
            "cause_id?": .string, "event_at?": .time, "created": .time, "state": .string, "attempts?": .integer,
            "node?": .string, "answer?": .string, "finished?": .time,
        ]
    )
    fileprivate static let called: Schema = ["_id": .string, "effects": .string]
    fileprivate static let channelState: Schema = [
        "kind?": .string, "object_id?": .string, "cid": .string, "state": .string, "sent?": .boolean,
        "version?": .integer, "member_count?": .integer, "mode?": .string, "effects?": .array(.string),
    ]
    fileprivate static let letter: Schema = [
        "_id": .string, "type?": .string, "reason": .string, "at": .time, "received": .time, "api_key?": .string,
        "webhook_id?": .string, "attempt?": .integer, "bytes": .integer,
    ]
    fileprivate static let rule: Schema = ["rule": .string, "mode?": .string]
    fileprivate static let ruleDecision = Schema.named(
        "RuleDecision",
        [
            "_id": .string, "event": .string, "type": .string, "at": .time, "message_id?": .string, "cid?": .string,
            "user_id?": .string, "rule_set": .string, "verdict?": .string, "score?": .number,
            "labels?": .array(.string), "shadow?": .map(.any), "fired?": .array(.rule),
            "inputs?": .array(["name": .string]), "actions?": .array(["rule": .string, "action": .string]),
            "decidedAt": .time, "late?": .boolean,
        ]
    )
    fileprivate static let key = Schema.named(
        "Key",
        [
            "_id": .string, "name": .string, "role": .string, "created": .time, "revoked?": .time, "last_used?": .time,
        ]
    )
    fileprivate static let profile: Schema = [
        "name?": .string, "image?": .string, "role?": .string, "language?": .string,
    ]
    fileprivate static let form: Schema = [
        "action": .string, "moderator": .string, "reason?": .string, "delete?": .string, "mask?": .any,
        "minutes?": .integer, "of?": .string, "shadow?": .boolean, "spam?": .boolean,
    ]
}

// MARK: Messages, moderation

extension RouteAnswers {
    static let delivery = json(["success": .boolean]).refusing(405, 411)
    static let messages = json(.messages).or("text/csv").or("application/x-ndjson")
    static let messageDetails = json(.messageDetails)
    static let flagged = json(.message).refusing(409)
    static let report = json(["_id": .string, "counted": .boolean, "complaints": .integer]).or(202)
        .refusing(404, 409, 429)
    static let reviews = json(.page(.reviewSummary))
    static let review = json(
        Schema.review.with([
            "message?": .message, "before": .array(.message), "after": .array(.message), "user?": .user,
            "other_items": .array(.reviewSummary), "rule_decisions": .array(.any), "effects": .array(.any),
        ])
    )
    static let claimed = json(["_id": .string, "claim": .string, "by": .string, "until": .time]).refusing(409)
    static let reviewChanged = json(.review).refusing(409)
    static let reviewed = json(.review).refusing(409).taking(Schema.form.with(["claim?": .string]))
    static let reviewedSeveral = json([
        "mode?": .string, "data": .array(["_id": .string, "status": .integer, "decision?": .decision]),
    ]).or(207).refusing(409).taking(Schema.form.with(["items": .array(.any)]))
    static let bans = json(
        .page([
            "user": .string, "channel?": .string, "shadow": .boolean, "reason?": .string, "by?": .string,
            "since?": .time, "expires?": .time,
        ])
    )
    static let mutes = json(.page(["user": .string, "target?": .string, "since?": .time, "expires?": .time]))
    static let blocks = json(.page(["blocker": .string, "blocked": .string, "at": .time]))
    static let block = json(["blocker": .string, "blocked": .string], 201).or(200).refusing(409)
    static let unblocked = json(["blocker": .string, "blocked": .string, "deleted": .boolean])
    static let called = json(.called, 202).refusing(404, 409, 501)
    static let calledFor = called.taking(["call": .string])
}

// MARK: Things and people

extension RouteAnswers {
    static let figures = json([
        "total_messages": .integer, "unique_users": .integer,
        "messages_by_type": .array(["_id?": .string, "count": .integer]), "avg_messages_per_day": .number,
        "peak_hours": .array(["hour": .integer, "count": .integer]),
        "range": ["from": .time, "to": .time, "time_zone": .string, "days": .integer],
    ])
    static let channel = json([
        "_id": .string, "type?": .string, "id?": .string, "name?": .string, "createdAt?": .time,
        "last_message_at?": .time, "listing_id?": .string, "seller_id?": .string, "buyer_id?": .string,
        "message_count": .integer, "read_count": .integer,
    ])
    static let user = json(.user)
    static let listing = json([
        "_id": .string, "last_message_at?": .time, "message_count": .integer, "engagement_score": .number,
    ])
    static let seller = json([
        "_id": .string, "seller_metrics": ["avg_response_time?": .number, "read_count": .integer], "user?": .user,
    ])
    static let erasure = json(.map(.any)).or(202)
    static let users = json(.any).or(202).or(207).refusing(404, 409, 501).taking(.any)
    static let userEnded = json(.any).or(202).refusing(404, 409, 501)
    static let token = json([
        "token": .string,
        "user": ["id": .string, "name?": .string, "image?": .string, "role?": .string], "api_key": .string,
        "expires_at": .time,
    ]).refusing(403, 409, 413, 429, 501, 502, 504)
    static let tokenByBody = token.taking(["token?": .string])
    static let facts = json([
        "kind": .string, "_id": .string, "fields": .map(.any), "sources?": .map(.string), "unavailable?": .array(.any),
    ])
    static let factsTold = facts.taking(.map(.any))
    static let factsStored = json(["stored": .integer, "refused": .refused]).or(207).refusing(409).taking(.map(.any))
    static let factsDeleted = json(["kind": .string, "_id": .string, "deleted": .boolean])
    static let channelsOfObject = json(["kind": .string, "object_id": .string, "data": .array(.map(.any))])
    static let channelState = json(.channelState).or(202).refusing(404, 409, 501)
    static let channelPut = channelState.taking(.map(.any))
    static let channelMessage = json([
        "cid": .string, "message_id": .string, "effect": .string, "mode": .string, "written": .boolean,
    ]).or(202).refusing(404, 409, 501).taking(.map(.any))
    static let preferences = json(["_id": .string])
    static let preferencesPut = preferences.taking(.map(.boolean)).refusing(404, 409)
}

// MARK: The service itself

extension RouteAnswers {
    static let rejections = json(["data": .array(.map(.any))])
    static let letters = json(["data": .array(.letter), "total?": .integer, "next?": .string])
    static let letter = json(Schema.letter.with(["signature?": .string, "raw_base64": .string, "text?": .string]))
    static let letterRetried = json(["_id": .string, "state": .string], 202).or(200).refusing(409)
    static let effects = json(.page(.effect))
    static let effect = json(Schema.effect.with(["timeline?": .array(.any), "payload?": .any])).refusing(409)
    static let destinations = json([
        "mode": .string,
        "data": .array([
            "name": .string, "paused": .boolean, "scheduled": .integer, "waiting": .integer, "running": .integer,
            "dead": .integer,
        ]),
    ])
    static let rules = json([
        "version?": .string, "since?": .time, "faults": .array(.any), "warnings": .array(.any),
        "data": .array(["_id": .string, "phase?": .string, "mode?": .string, "on?": .array(.string)]),
    ]).refusing(409)
    static let explanation = json(.map(.any)).refusing(404, 409)
    static let explanationOfText = explanation.taking(["text?": .string, "event?": .any, "given?": .any])
    static let decisions = json(.page(.ruleDecision))
    static let decision = json(Schema.ruleDecision.with(["superseded?": .array(.any)]))
    static let spam = json(["version?": .string, "learned?": .integer, "versions?": .array(.any)]).refusing(404, 409)
    static let spamOfMessage = json([
        "message_id": .string, "model?": .string, "probability?": .number, "advice?": .string, "language?": .string,
        "reasons?": .array(["words?": .string, "weight": .number]), "verdict?": .map(.any),
    ]).refusing(409)
    static let audit = json(
        .page([
            "_id": .integer, "at": .time, "action": .string, "key?": .string, "role?": .string, "actor?": .string,
            "subject": ["kind": .string, "id?": .string], "user?": .string, "details?": .map(.any),
            "erased?": .array(.any), "hash": .string,
        ])
    )
    static let live = other("text/event-stream")
    static let keys = json(["data": .array(.key)])
    static let keyMade = json(["_id": .string, "key": .string, "name": .string, "role": .string], 201).refusing(409)
    static let keyRevoked = json(["_id": .string, "revoked": .boolean])
    static let index = json(["name": .string, "version": .string, "links": .map(.string)])
    static let health = json(["status": .string])
    static let readiness = json([
        "accepting": .boolean, "detail?": .string,
        "queue": ["rows": .integer, "bytes": .integer, "oldest_seconds?": .number, "parked": .integer],
        "mongodb": ["state": .choice(["up", "down", "refused"]), "detail?": .string],
    ]).or(503)
    static let system = json([
        "at": .time, "over_seconds": .number,
        "ingest": ["accepted": .integer, "accepted_per_second?": .number, "refused": .integer, "rejected": .integer],
        "acknowledgement": [
            "p50_seconds?": .number, "p99_seconds?": .number, "limit_seconds": .number, "head_room_seconds?": .number,
        ],
        "queue": ["rows": .integer, "bytes": .integer, "oldest_seconds?": .number, "parked": .integer],
        "stored": ["events": .integer, "events_per_second?": .number],
        "outbox?": .array(["destination": .string, "state": .string, "count": .integer]),
        "mongodb": ["reachable": .boolean, "ping_seconds?": .number], "live_readers": .integer,
        "provider_limits": .array([
            "endpoint": .string, "limit?": .integer, "remaining?": .integer, "resets?": .time, "confirmed": .boolean,
            "under_way": .integer, "paused_until?": .time,
        ]),
        "provider_calls": .map(.integer),
        "failures": [
            "rejected_by_cause": .map(.integer), "dead_letters": .integer, "effects_by_outcome": .map(.integer),
        ],
    ])
    static let metrics = other("text/plain")
    static let document = json([
        "openapi": .string, "info": .map(.any), "paths": .map(.any), "components": .map(.any),
    ])
    static let page = other("text/html")
    static let script = other("text/javascript")
    static let style = other("text/css")
}

extension HookKind {
    var answers: RouteAnswers { .other("").refusing(405, 411) }
}
