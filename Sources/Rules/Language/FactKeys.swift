import Chat
import YAML

/// `set`.
enum FactKeys {
    struct Draft: Sendable {
        var fact: ValuePath?
        var to: RuleValue?
        var from: ValuePath?
        var allowed: Located<[String]>?
    }

    static let table = Keys<Draft>(
        noun: "key of set",
        keys: [
            Key("fact", "What is set, such as order.status or user.verified.", fact, required: true) { $0.fact = $1 },
            Key("to", "The value it gets.", .value) { $0.to = $1 },
            Key("from", "Where its value is taken from, such as command.word.", source) { $0.from = $1 },
            Key("allowed", "The only values that are taken from there.", Form<String>.text().oneOrMany.located) {
                $0.allowed = $1
            },
        ],
        also: ["path": "fact", "field": "fact", "value": "to", "values": "allowed", "of": "fact"],
        example: "{ fact: order.status, to: shipped }"
    )

    static let form = table.form(from: Draft()) { draft, node, reading -> FactOrder? in
        guard let fact = draft.fact else { return nil }
        if let allowed = draft.allowed, draft.from == nil {
            reading.refuse(allowed.position, "allowed: says which values are taken; it needs from beside it")
            return nil
        }
        switch (draft.to, draft.from) {
        case (let value?, nil): return FactOrder(fact, .literal(value))
        case (nil, let path?):
            return FactOrder(fact, .path(path, allowed: draft.allowed?.value ?? []))
        case (nil, nil):
            reading.refuse(node.position, "\(reading.key): neither to nor from is given; one of them is needed")
        default: reading.refuse(node.position, "\(reading.key): found both to and from; keep one")
        }
        return nil
    }

    private static let source = Form<ValuePath>.path.checked { path, node, reading in
        reading.notes.reads.append(Located(value: path, position: node.position))
        return true
    }

    private static let fact = Form<ValuePath>.path.checked { path, node, reading in
        switch path.root {
        case .thing, .user, .channel: return true
        default:
            reading.refuse(
                node.position,
                "\(reading.key): \(path) is no fact; allowed: a field of user, channel, \(ValuePath.things.joined(separator: ", ")) or fact.event"
            )
            return false
        }
    }
}
