import YAML

/// `notify`.
enum NotifyKeys {
    struct Draft: Sendable {
        var who: NotifyOrder.Recipient?
        var template: String?
        var channel: NotifyOrder.Channel?
    }

    static let table = Keys<Draft>(
        noun: "key of a notification",
        keys: [
            Key(
                "who",
                "Who is told: moderators, seller, buyer, sender, user:ID or destination.",
                recipient,
                required: true
            ) {
                $0.who = $1
            },
            Key("template", "The template of the notification.", template, required: true) { $0.template = $1 },
            Key(
                "by",
                "The way: email, slack or webhook.",
                .choice(also: ["mail": .email, "e-mail": .email]),
                required: true
            ) {
                $0.channel = $1
            },
        ],
        also: ["to": "who", "recipient": "who", "channel": "by", "via": "by", "with": "template"],
        example: "{ who: moderators, template: rule-fired, by: email }"
    )

    static let form = table.form(from: Draft()) { draft, node, reading -> NotifyOrder? in
        guard let who = draft.who, let template = draft.template, let channel = draft.channel else { return nil }
        if who == .destination, channel == .email {
            reading.refuse(
                node.position,
                "\(reading.key): a destination has no e-mail address; allowed: by: slack or webhook, or another who"
            )
            return nil
        }
        return NotifyOrder(who, template: template, by: channel)
    }

    private static let recipient: Form<NotifyOrder.Recipient> = {
        let party = Form<Party>.party
        let allowed = "moderators, \(party.allowed), destination"
        let schema = Schema.text(pattern: "^(moderators|destination|sender|seller|buyer|user:.+)$")
        return Form(allowed: allowed, schema: schema) { node, reading in
            switch node.written {
            case "moderators": return .moderators
            case "destination": return .destination
            case let text?:
                if let party = Party(written: text) { return .party(party) }
                let names = ["moderators", "destination"] + Party.names
                reading.refuse(
                    node.position,
                    "\(reading.key): found \(node.inWords)\(Wording.allowed(names + ["user:ID"], for: text, also: Party.confused))"
                )
            case nil: reading.refuse(node, allowed: allowed)
            }
            return nil
        }
    }()

    private static let template = Form<String>.name("the name of a template of notifications").checked {
        name,
        node,
        reading in
        guard let known = reading.checks.notifications, !known.contains(name) else { return true }
        reading.refuse(
            node.position,
            "\(reading.key): no notification has the template \(Wording.quoted(name))\(Wording.allowed(known, for: name))"
        )
        return false
    }
}
