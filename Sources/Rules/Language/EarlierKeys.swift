import Limits
import YAML

/// `earlier`, of a test.
enum EarlierKeys {
    struct Draft: Sendable {
        var text: String?
        var ago: Duration?
        var count = 1
        var user: String?
        var cid: String?
    }

    static let table = Keys<Draft>(
        noun: "key of an earlier message",
        keys: [
            Key("text", "Its text.", .text(), required: true) { $0.text = $1 },
            Key("ago", "How long before the tested one.", .duration, required: true) { $0.ago = $1 },
            Key("count", "This many, evenly spread over that time; left out: 1.", count) { $0.count = $1 },
            Key("user", "Another user who wrote it.", .id("a user's id")) { $0.user = $1 },
            Key("channel", "Another channel it was written in, as type:id.", channel) { $0.cid = $1 },
        ],
        also: ["times": "count", "sender": "user", "message": "text", "before": "ago", "cid": "channel"],
        example: "{ text: hi, ago: 20s }"
    )

    static let form = table.form(from: Draft()) { draft, _, _ -> RuleTest.Earlier? in
        guard let text = draft.text, let ago = draft.ago else { return nil }
        return RuleTest.Earlier(text: text, ago: ago, count: draft.count, user: draft.user, cid: draft.cid)
    }

    private static let count = Form<Int>(allowed: "a whole number from 1", schema: .integer(1...Int(Int32.max))) {
        node,
        reading in
        let most = reading.limits.earlierMessages
        if let count = node.integer, (1...most).contains(count) { return count }
        reading.refuse(node, allowed: "a whole number from 1 to \(most)")
        return nil
    }

    private static let channel = Form<String>.id("a channel as type:id, such as \"messaging:x\"").checked {
        cid,
        node,
        reading in
        let parts = cid.split(separator: ":", maxSplits: 1)
        if parts.count == 2 { return true }
        reading.refuse(node, allowed: "a channel as type:id, such as \"messaging:x\"")
        return false
    }
}
