import Chat

/// Where decisions differ, readable in a failure; those of one side alone are named.
func differences(_ found: [String: Decision], from expected: [String: Decision]) -> [String] {
    Set(found.keys).union(expected.keys).sorted().filter { found[$0] != expected[$0] }.map { id in
        guard let one = found[id] else { return "\(id): none, expected \(expected[id]?.fired.map(\.id) ?? [])" }
        guard let other = expected[id] else { return "\(id): \(one.fired.map(\.id)), expected none" }
        return "\(id): \(one.difference(from: other))"
    }
}

extension Decision {
    fileprivate func difference(from other: Decision) -> String {
        var parts: [String] = []
        if subject != other.subject { parts.append("subject \(subject), expected \(other.subject)") }
        if ruleSet != other.ruleSet { parts.append("another rule set") }
        if fired != other.fired { parts.append("fired \(fired.map(\.id)), expected \(other.fired.map(\.id))") }
        if enforced != other.enforced { parts.append("\(enforced), expected \(other.enforced)") }
        if shadow != other.shadow { parts.append("in shadow \(shadow), expected \(other.shadow)") }
        if actions != other.actions { parts.append("\(actions), expected \(other.actions)") }
        for input in inputs where !other.inputs.contains(input) { parts.append("\(input.name) is \(input.answer)") }
        for input in other.inputs where !inputs.contains(input) {
            parts.append("expected \(input.name) \(input.answer)")
        }
        return parts.joined(separator: "; ")
    }
}
