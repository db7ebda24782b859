import YAML

/// `reply`.
enum ReplyKeys {
    static let table = Keys<Reply>(
        noun: "key of a reply",
        keys: [
            Key("template", "The template that gives the text.", .templateName, required: true) { $0.template = $1 },
            Key(
                "by",
                "The user under whose name it is written; left out: the one that is configured.",
                .id("a user's id")
            ) {
                $0.by = $1
            },
            Key("delay", "How long to wait; then the conditions are checked again.", .duration) { $0.delay = $1 },
            Key("once", "How often at most.", OccasionKeys.form) { $0.once = $1 },
            Key("thread", "Write it into the thread of the message.", .flag) { $0.isInThread = $1 },
            Key("quote", "Quote the message.", .flag) { $0.isQuoting = $1 },
            Key("private", "Only the sender sees it.", .flag) { $0.isPrivate = $1 },
            Key("machines", "Also answer bots, the system and messages that a server sent; never its own.", .flag) {
                $0.answersMachines = $1
            },
        ],
        also: [
            "text": "template", "after": "delay", "wait": "delay", "user": "by", "from": "by", "once_per": "once",
            "cooldown": "once", "bots": "machines",
        ]
    )

    static let form: Form<Reply> = {
        let mapping = table.form(from: Reply(template: "")) { draft, _, _ in draft }
        let name = Form<String>.templateName
        let allowed = "the name of a template, or a mapping of \(Wording.listed(table.names))"
        return Form(allowed: allowed, schema: .either([name.schema, mapping.schema])) { node, reading in
            if node.mapping != nil { return mapping.read(node, &reading) }
            guard node.sequence == nil, !node.isNull else {
                reading.refuse(node, allowed: allowed)
                return nil
            }
            return name.read(node, &reading).map { Reply(template: $0) }
        }
    }()
}
