import Chat

extension Condition {
    /// Values that are known whenever it is so.
    var known: Set<ValuePath> {
        switch self {
        case .all(let conditions): conditions.reduce(into: []) { $0.formUnion($1.known) }
        case .any(let conditions):
            conditions.dropFirst().reduce(conditions.first?.known ?? []) { $0.intersection($1.known) }
        case .none(let conditions): conditions.reduce(into: []) { $0.formUnion($1.knownIfFalse) }
        case .value(let path, .equals(let other)), .value(let path, .differs(let other)): [path, other]
        case .value(_, .missing): []
        case .value(let path, _): [path]
        default: []
        }
    }

    /// What is not known makes a comparison unknown, not false.
    private var knownIfFalse: Set<ValuePath> {
        switch self {
        case .value(_, .exists): []
        case .value(let path, _): [path]
        default: []
        }
    }
}

extension ValuePath {
    /// Whether each of these events carries it.
    func isKnown(in events: Set<EventType>) -> Bool {
        let field = keys.joined(separator: ".")
        let areOfMessages = events.allSatisfy { $0.rawValue.hasPrefix("message.") }
        switch root {
        case .event: return ["type", "created_at"].contains(field)
        case .message: return areOfMessages && ["id", "text", "created_at", "user.id"].contains(field)
        case .user: return areOfMessages && field == "id"
        case .channel: return areOfMessages && ["id", "type", "cid"].contains(field)
        default: return false
        }
    }
}
