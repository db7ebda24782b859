import Chat
import TestSupport

@testable import History

/// What the user left.
extension ErasureTests {
    static func story(_ events: inout SignedEvents) throws -> [ReceivedEvent] {
        let owner = "\"custom\":{\"owner\":\"\(user)\"}"
        let by = "\"user\":{\"id\":\"\(user)\",\"name\":\"\(name)\",\"referrer\":\"x\"}"
        return [
            try events.event(
                "channel.created",
                at: 1,
                """
                "cid":"\(channel)","channel":{"cid":"\(channel)","listing_id":"L1","seller_id":"\(user)",\
                "created_by":{"id":"\(user)"},\(owner)},\(by)
                """
            ),
            try events.message("message.new", "m1", by: user, in: channel, at: 100, text: texts[0]),
            try events.message("message.updated", "m1", by: user, in: channel, at: 110, text: texts[1]),
            try events.message("message.new", "m2", by: user, in: channel, at: 120, text: texts[2], ",\(owner)"),
            try events.message(
                "message.new",
                "m3",
                by: "ben",
                in: channel,
                at: 130,
                text: "to somebody",
                ",\"mentioned_users\":[{\"id\":\"\(user)\"}],\"pinned\":true,\"pinned_by\":{\"id\":\"\(user)\"},\(owner)"
            ),
            try events.event(
                "reaction.new",
                at: 140,
                "\"cid\":\"\(channel)\",\"reaction\":{\"message_id\":\"m3\",\"user_id\":\"\(user)\",\"type\":\"like\"},\(by)"
            ),
            try events.event("message.read", at: 150, "\"cid\":\"\(channel)\",\(by),\"last_read_message_id\":\"m3\""),
            try events.event(
                "member.added",
                at: 160,
                "\"cid\":\"\(channel)\",\"member\":{\"user_id\":\"\(user)\",\"user\":{\"id\":\"\(user)\",\"name\":\"\(name)\"}}"
            ),
            try events.event("user.muted", at: 170, "\(by),\"target_user\":{\"id\":\"ben\"}"),
            try events.event("user.muted", at: 171, "\"user\":{\"id\":\"ben\"},\"target_user\":{\"id\":\"\(user)\"}"),
            try events.event(
                "user.banned",
                at: 180,
                "\"user\":{\"id\":\"ben\"},\"created_by\":{\"id\":\"\(user)\"},\"reason\":\"x\""
            ),
            try events.event(
                "user.banned",
                at: 181,
                "\"cid\":\"\(channel)\",\"user\":{\"id\":\"ben\"},\"created_by\":{\"id\":\"\(user)\"}"
            ),
            try events.event(
                "user.updated",
                at: 190,
                "\"user\":{\"id\":\"ben\",\"name\":\"Ben\",\(owner),\"referred_by\":\"\(user)\"}"
            ),
            try events.event(
                "message.flagged",
                at: 200,
                "\"cid\":\"\(channel)\",\"message\":{\"id\":\"m3\",\"user\":{\"id\":\"ben\"}},\(by)"
            ),
            try events.event(
                "message.flagged",
                at: 201,
                """
                "cid":"\(channel)","message_id":"m1","user":{"id":"ben"},\
                "reason":"\(name) is rude"
                """
            ),
            try events.event(
                "user.flagged",
                at: 202,
                "\"user\":{\"id\":\"ben\"},\"target_user\":{\"id\":\"\(user)\"},\"reason\":\"\(name) is rude\""
            ),
            try events.event(
                "review_queue_item.new",
                at: 210,
                """
                "review_queue_item":{"id":"r1","entity_type":"stream:user","entity_id":"\(user)",\
                "entity_creator_id":"\(user)","status":"reviewed"}
                """
            ),
            try events.event(
                "thread.updated",
                at: 220,
                "\"cid\":\"\(channel)\",\"thread\":{\"parent_message_id\":\"m3\",\"title\":\"t\",\(owner),\"created_by\":{\"id\":\"\(user)\"}}"
            ),
            try events.event(
                "user.messages.deleted",
                at: 90,
                "\"cid\":\"\(channel)\",\(by)"
            ),
            try events.event("price_drop", at: 230, "\"cid\":\"\(channel)\",\(by)"),
        ]
    }

    static func late(_ events: inout SignedEvents) throws -> [ReceivedEvent] {
        let by = "\"user\":{\"id\":\"\(user)\",\"name\":\"\(name)\"}"
        let message = "\"message\":{\"id\":\"m9\",\"cid\":\"\(channel)\",\"text\":\"\(texts[0])\",\(by)}"
        return [
            try events.message("message.new", "m8", by: user, in: channel, at: 600, text: texts[2]),
            try events.message("message.updated", "m1", by: user, in: channel, at: 610, text: texts[1]),
            try events.event(
                "reaction.new",
                at: 620,
                "\"cid\":\"\(channel)\",\(message),\"reaction\":{\"message_id\":\"m9\",\"user_id\":\"ben\",\"type\":\"like\"}"
            ),
            try events.event("user.updated", at: 630, by),
            try events.event(
                "member.added",
                at: 640,
                "\"cid\":\"\(channel)\",\"member\":{\"user_id\":\"\(user)\",\(by)}"
            ),
            try events.event(
                "message.flagged",
                at: 645,
                """
                "cid":"\(channel)","message_id":"m1","user":{"id":"cleo"},\
                "reason":"\(name) is rude"
                """
            ),
            try events.event(
                "user.flagged",
                at: 646,
                "\"user\":{\"id\":\"ben\"},\"target_user\":{\"id\":\"\(user)\"},\"reason\":\"\(name) is rude\""
            ),
            try events.event("user.muted", at: 650, "\(by),\"target_user\":{\"id\":\"ben\"}"),
            try events.event("user.banned", at: 660, "\"user\":{\"id\":\"ben\"},\"created_by\":{\"id\":\"\(user)\"}"),
            try events.event("message.read", at: 670, "\"cid\":\"\(channel)\",\(by),\"last_read_message_id\":\"m8\""),
            try events.event(
                "channel.updated",
                at: 680,
                "\"cid\":\"\(channel)\",\"channel\":{\"cid\":\"\(channel)\",\"seller_id\":\"\(user)\",\"created_by\":{\"id\":\"\(user)\"}}"
            ),
        ]
    }

    /// Three that name the user, in their ways, and one that does not.
    static func deadLetters(_ events: inout SignedEvents) -> [DeadLetter] {
        [
            "{\"type\":\"message.new\",\"user\":{\"id\":\"\(user)\"},\"text\":\"\(texts[0])\",\"n\":1e999}",
            "{\"type\":\"message.new\",\"user\":{\"id\":\"\\u0075-5c1f0e\"},\"text\":\"\(texts[1])",
            "{\"message\":{\"id\":\"m1\",\"text\":\"\(texts[1])\"},\"n\":1e999}",
            "{\"message\":{\"id\":\"m3\",\"text\":\"of someone else\"},\"n\":1e999}",
        ].enumerated().map { index, body in
            DeadLetter(
                id: EventID(bytes: [UInt8](repeating: UInt8(index + 1), count: 32)),
                type: "message.new",
                reason: index < 3 ? "\(user) 1e999" : "1e999",
                at: now,
                receivedAt: now,
                body: Array(body.utf8),
                signature: [],
                apiKey: nil,
                webhookID: nil,
                attempt: nil
            )
        }
    }
}
