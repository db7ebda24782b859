import JSON
import Templates

/// What Slack's incoming webhooks take, and those of others that imitate them.
package struct SlackMessage: Sendable, Equatable {
    /// In Slack's markup.
    package let text: String

    /// Text that shows as it is: none of it becomes a link, a mention or a call to a channel.
    package init(plain text: String) { self.text = Self.escaped(text) }

    /// Text in Slack's markup, such as a template's, whose values are escaped already.
    package init(markup text: String) { self.text = text }

    package static func escaped(_ text: String) -> String { Template.Escaping.slack.escaped(text) }

    /// - Parameter most: characters shown; what is beyond is cut off, and the cut is marked.
    package func body(most: Int) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { $0.field("text", text.count > most ? Self.cut(text, to: most) : text) }
        return writer.bytes
    }

    /// Never within an escape or a link, which the rest would show as broken.
    private static func cut(_ text: String, to most: Int) -> String {
        var kept = text.prefix(max(0, most - 1))
        if let open = kept.lastIndex(where: { $0 == "&" || $0 == "<" }),
            !kept[open...].contains(kept[open] == "&" ? ";" : ">"),
            text[open...].prefix(6).contains(";") || kept[open] == "<"
        {
            kept = kept[..<open]
        }
        return kept + "…"
    }
}
