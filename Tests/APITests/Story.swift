import TestSupport

/// Bodies of events as the provider sends them.
enum Story {
    static func message(
        _ id: String,
        _ text: String = "hello",
        by user: String = "ada",
        in cid: String = "messaging:listing_7_ada_bob",
        at time: String = "2026-05-08T10:00:00.000Z",
        more: String = "",
        event: String = "message.new",
        eventMore: String = "",
        updated: String? = nil
    ) -> String {
        """
        {"type":"\(event)","cid":"\(cid)","created_at":"\(updated ?? time)"\(eventMore),\
        "user":{"id":"\(user)","name":"Name of \(user)","image":"https://example.org/\(user).png"},\
        "message":{"id":"\(id)","text":"\(text)","type":"regular","cid":"\(cid)","created_at":"\(time)",\
        "updated_at":"\(updated ?? time)",\
        "user":{"id":"\(user)","name":"Name of \(user)","image":"https://example.org/\(user).png"}\(more)}}
        """
    }

    static func reaction(
        _ type: String,
        to message: String,
        by user: String,
        at time: String,
        event: String = "reaction.new"
    ) -> String {
        """
        {"type":"\(event)","cid":"messaging:listing_7_ada_bob","created_at":"\(time)","message_id":"\(message)",\
        "user":{"id":"\(user)"},"reaction":{"message_id":"\(message)","user_id":"\(user)","type":"\(type)","score":2,\
        "created_at":"\(time)","updated_at":"\(time)"}}
        """
    }

    static func read(_ message: String, by user: String, at time: String) -> String {
        """
        {"type":"message.read","cid":"messaging:listing_7_ada_bob","created_at":"\(time)",\
        "user":{"id":"\(user)"},"last_read_message_id":"\(message)"}
        """
    }

    /// An event of this type about a user, with other fields.
    static func event(_ type: String, user: String, at time: String, more: String = "") -> String {
        """
        {"type":"\(type)","created_at":"\(time)","user":{"id":"\(user)"}\(more)}
        """
    }
}
