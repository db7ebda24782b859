import JSON

/// What `explain` answers, as a tree for people.
///
/// Reads the JSON of the REST interface, which what is explained offline is written as too.
struct Explanation {
    /// The most that is shown of one found text, in characters.
    private static let textMost = 120

    private let json: JSONValue

    /// - Parameter json: `decision` where a rule fired, `rules`, and `rerun` where it was made again.
    init(_ json: JSONValue) { self.json = json }

    /// - Parameter showsRerun: whether the same comes out again.
    func lines(showsRerun: Bool) -> [String] {
        var lines = json["decision"].map(decision) ?? ["no rule fires"]
        lines += rules
        if let decision = json["decision"] { lines += inputs(decision) + effects(decision) }
        if showsRerun, let rerun = json["rerun"] { lines.append(Self.rerun(rerun)) }
        return lines.map(Self.printable)
    }

    // MARK: The decision

    private func decision(_ decision: JSONValue) -> [String] {
        if decision["withdrawn"]?.bool == true { return ["the decision was withdrawn: a late event has changed it"] }
        let subject = [
            decision["type"]?.string, decision["message_id"]?.string.map { "message \($0)" },
            decision["cid"]?.string.map { "in \($0)" }, decision["user_id"]?.string.map { "by \($0)" },
            decision["at"]?.string.map { "at \($0)" },
        ]
        var lines = decision["_id"]?.string.map { ["decision \($0)"] } ?? []
        lines.append("  " + subject.compactMap(\.self).joined(separator: " "))
        lines.append("  " + Self.outcome(decision))
        if let shadow = decision["shadow"] {
            let outcome = Self.outcome(shadow)
            if outcome != Self.outcome(decision) { lines.append("  with the rules in shadow mode: \(outcome)") }
        }
        if decision["late"]?.bool == true { lines.append("  too late to be carried out: recorded only") }
        if let superseded = decision["superseded"]?.array.map({ $0 }), !superseded.isEmpty {
            lines.append("  \(superseded.count) times decided otherwise before, until late events came")
        }
        if let version = decision["rule_set"]?.string { lines.append("  rule set \(version.prefix(12))") }
        return lines + [""]
    }

    private static func outcome(_ outcome: JSONValue) -> String {
        var parts = ["verdict \(outcome["verdict"]?.string ?? "allow")"]
        if let score = outcome["score"]?.double, score != 0 { parts.append("score \(number(score))") }
        let labels = outcome["labels"]?.array.compactMap(\.string) ?? []
        if !labels.isEmpty { parts.append("labels \(labels.joined(separator: ", "))") }
        return parts.joined(separator: ", ")
    }

    private func inputs(_ decision: JSONValue) -> [String] {
        let inputs = decision["inputs"]?.array.map { "    \($0["name"]?.string ?? ""): \(Self.answer($0))" } ?? []
        return inputs.isEmpty ? [] : ["", "  asked beyond the event:"] + inputs
    }

    private func effects(_ decision: JSONValue) -> [String] {
        let effects =
            decision["actions"]?.array.map { "    \($0["action"]?.string ?? "") (\($0["rule"]?.string ?? ""))" } ?? []
        return ["", effects.isEmpty ? "  effects: none" : "  effects:"] + effects
    }

    private static func answer(_ input: JSONValue) -> String {
        if input["missing"]?.bool == true { return "missing" }
        if input["unavailable"]?.bool == true { return "could not be asked" }
        guard let value = input["value"] else { return "" }
        return value.string ?? value.serialized()
    }

    static func rerun(_ rerun: JSONValue) -> String {
        switch rerun["result"]?.string {
        case "same": "made again, the same comes out"
        case "impossible": "cannot be made again: \(rerun["reason"]?.string ?? "")"
        default:
            "made again, it comes out otherwise: "
                + (rerun["decision"].map(outcome) ?? "no rule fires; the program has changed since")
        }
    }

    // MARK: The rules

    /// Those that are about such an event in full, the others by their names.
    private var rules: [String] {
        let rules = json["rules"]?.array.map { $0 } ?? []
        var lines: [String] = []
        var (silent, passed): ([String: [String]], [String]) = ([:], [])
        for rule in rules {
            let (id, outcome) = (rule["rule"]?.string ?? "", rule["outcome"]?.string ?? "")
            switch outcome {
            case "fires", "unknown", "quiet": lines += self.rule(rule, id, outcome)
            default:
                if silent[outcome] == nil { passed.append(outcome) }
                silent[outcome, default: []].append(id)
            }
        }
        for outcome in passed {
            let ids = silent[outcome] ?? []
            lines.append("  \(Self.reasons[outcome] ?? outcome): \(ids.joined(separator: ", "))")
        }
        return lines
    }

    private static let reasons = [
        "off": "off",
        "excepted": "excepted for this user, role or channel",
        "inactive": "not active at that time",
        "other-event": "about other events",
    ]

    private func rule(_ rule: JSONValue, _ id: String, _ outcome: String) -> [String] {
        let sign = outcome == "fires" ? "✓" : outcome == "unknown" ? "?" : "✗"
        let mode = rule["mode"]?.string ?? ""
        let actions = rule["actions"]?.array.compactMap(\.string).joined(separator: ", ") ?? ""
        let says = outcome == "fires" ? " → \(actions)" : outcome == "unknown" ? ": something it needs is missing" : ""
        let head = "  \(sign) \(id) (\(mode), \(rule["phase"]?.string ?? "")) \(rule["place"]?.string ?? "")\(says)"
        return [head] + (rule["condition"].map { condition($0, depth: 3) } ?? [])
    }

    private func condition(_ condition: JSONValue, depth: Int) -> [String] {
        let truth = condition["truth"]?.string
        let sign = truth == "true" ? "✓" : truth == "false" ? "✗" : "?"
        let found = condition["found"]?.string.map { "  [\($0.prefix(Self.textMost))]" } ?? ""
        let indent = String(repeating: "  ", count: depth)
        let line = "\(indent)\(sign) \(condition["condition"]?.string ?? "")\(found)"
        return [line] + (condition["parts"]?.array.flatMap { self.condition($0, depth: depth + 1) } ?? [])
    }

    // MARK: For a terminal

    private static func number(_ number: Double) -> String {
        Int64(exactly: number).map { "\($0)" } ?? "\(number)"
    }

    /// A terminal must not be steered by what somebody wrote.
    static func printable(_ line: String) -> String {
        String(
            String.UnicodeScalarView(
                line.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
            )
        )
    }
}
