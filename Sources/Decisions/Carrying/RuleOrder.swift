import Chat
import JSON
import Rules

/// Which action of which decision an effect carries out: its payload, by ids alone.
struct RuleOrder: Sendable, Equatable {
    let decision: String
    let rule: String
    let index: Int

    var json: String {
        var writer = JSONWriter(capacity: 128)
        writer.object {
            $0.field("decision", decision)
            $0.field("rule", rule)
            $0.field("index", Int64(index))
        }
        return writer.text
    }

    init(decision: String, rule: String, index: Int) {
        (self.decision, self.rule, self.index) = (decision, rule, index)
    }

    /// `nil` for what is none.
    init?(json text: String) {
        guard let value = try? JSONParser().parse(Array(text.utf8)), let decision = value["decision"]?.string,
            let rule = value["rule"]?.string, let index = value["index"]?.int64
        else { return nil }
        self.init(decision: decision, rule: rule, index: Int(index))
    }

    /// Of a call that was made up when it was decided: by the effect's key, which names all of it.
    ///
    /// `nil` for what no rule wants, and for silences, which many rules of different patience notice as one.
    init?(_ key: Effect.EffectKey) {
        // Escaped as decisions' ids are.
        let parts = key.description.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[2].hasPrefix("rule:") else { return nil }
        let (version, action) = (parts[1].split(separator: " "), parts[3].split(separator: " "))
        guard version.count == 2, version[0] != RuleEvent.channelSilent.rawValue, action.count == 2,
            let index = Int(action[1])
        else { return nil }
        decision = "\(version[0])/\(parts[0])/\(version[1])"
        (rule, self.index) = (String(parts[2].dropFirst(5)), index)
    }
}
