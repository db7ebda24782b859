import JSON

/// What was read back from the provider's API, as the body of an event that nobody sent: it takes the same way through
/// decoding and merging as an event, and its type says what it is.
///
/// A body is a pure function of what was read, so reading the same again gives the same id. Its time is that of the state
/// read, never that of reading. No signature belongs to it.
package enum BackfilledEvent {
    static let channel = "backfill.channel"
    static let member = "backfill.member"
    static let message = "backfill.message"
    static let ban = "backfill.ban"

    /// `nil` for a channel without a time, which nothing could be ordered by.
    package static func body(of channel: Channel, json: String) -> [UInt8]? {
        guard let time = channel.updatedAt ?? channel.createdAt else { return nil }
        return body(Self.channel, at: time, in: channel.cid) { $0.field("channel", raw: json) }
    }

    /// `nil` as for a channel.
    package static func body(of member: Fetched<Member>, in cid: String) -> [UInt8]? {
        guard let time = member.value.updatedAt ?? member.value.createdAt else { return nil }
        return body(Self.member, at: time, in: cid) { $0.field("member", raw: member.json) }
    }

    /// `nil` as for a channel.
    package static func body(of message: Fetched<Message>, in cid: String) -> [UInt8]? {
        guard let created = message.value.createdAt else { return nil }
        return body(Self.message, at: message.value.updatedAt ?? created, in: cid) {
            $0.field("message_id", message.value.id)
            $0.field("message", raw: message.json)
        }
    }

    /// In the words of `user.banned`; `nil` as for a channel.
    package static func body(of standing: StandingBan) -> [UInt8]? {
        guard let time = standing.createdAt else { return nil }
        let ban = standing.ban
        return body(Self.ban, at: time, in: standing.cid) {
            $0.field("user", raw: standing.user)
            if let by = ban.by { $0.field("created_by_id", by) }
            if let reason = ban.reason { $0.field("reason", reason) }
            $0.field("shadow", ban.shadow)
            if let expires = ban.expires { $0.field("expiration", expires.rfc3339) }
        }
    }

    private static func body(
        _ type: String,
        at time: Timestamp,
        in cid: String?,
        _ rest: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        var writer = JSONWriter(capacity: 1_024)
        writer.object {
            $0.field("type", type)
            $0.field("created_at", time.rfc3339)
            if let cid { $0.field("cid", cid) }
            rest(&$0)
        }
        return writer.bytes
    }
}

extension EventType {
    /// Read back from the provider's API, not sent by it.
    package var isBackfilled: Bool { rawValue.hasPrefix("backfill.") }
}
