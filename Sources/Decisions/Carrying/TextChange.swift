import Chat
import Rules

extension Decision {
    /// Whether anything of it changes what the message says.
    var changesText: Bool { actions.contains(where: \.changesText) }

    /// The text with all that the decision masks, removes or replaces.
    ///
    /// - Parameter render: gives the text of a template.
    func changed<Failure: Error>(
        _ text: String,
        by rules: RuleSet,
        rendering render: (String) throws(Failure) -> String
    ) throws(Failure) -> String {
        var changed = text
        for planned in actions {
            switch rules.action(planned, scoring: enforced.score)?.action {
            case .rewrite(let template): changed = try render(template)
            case .mask(let what, let mark):
                changed = TextMasking.masked(changed, what, matches: matches(of: planned.rule), with: mark)
            default: continue
            }
        }
        return actions.contains { $0.name == "sanitise" } ? TextMasking.withoutMarkup(changed) : changed
    }
}
