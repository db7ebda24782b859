import Chat
import Rules
import Templates

/// What somebody reads whose message is not sent, where no rule says it.
struct HookTexts {
    private let templates: [String: Template]

    /// - Parameter rules: whose templates `refused` and `banned` stand in place of the texts here.
    init(_ rules: RuleSet?) { templates = rules?.templates ?? [:] }

    var refused: String { own("refused") ?? "This message was not sent: it goes against the rules of this chat." }

    /// - Parameter until: `nil` is for good.
    func banned(until: Timestamp?, at now: Timestamp) -> String {
        if let own = own("banned") { return own }
        guard let until else { return "You may not write here." }
        let minutes = max(1, (until.milliseconds - now.milliseconds + 59_999) / 60_000)
        return "You may write here again in \(minutes) minute\(minutes == 1 ? "" : "s")."
    }

    private func own(_ name: String) -> String? {
        guard let text = try? templates[name]?.render(.object([:])) else { return nil }
        return text
    }
}
