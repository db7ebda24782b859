package import Limits

/// A text with places that are filled in: `{{ path }}`, `{{ path | default: "…" }}`, `{{# if path }}…{{ else }}…{{/ if }}`.
///
/// Pure: what it becomes follows from what it is given. `docs/notifications.md` describes the syntax.
package struct Template: Sendable, Equatable {
    /// What a value must not be able to say in the text it is put into.
    package enum Escaping: Sendable, Equatable {
        case none
        /// `& < > " '` become entities: safe as text and within quoted attributes.
        case html
        /// `& < >` become entities, as Slack wants it.
        case slack

        /// A text that shows as it is where this escaping is due.
        ///
        /// Source of Slack's: "Formatting text for app surfaces", section "Escaping text": these three and no others.
        package func escaped(_ text: String) -> String {
            switch self {
            case .none: text
            case .slack: text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            case .html: Self.slack.escaped(text).replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
            }
        }
    }

    indirect enum Part: Sendable, Equatable {
        case text(String)
        case value(Expression)
        case condition(path: [String], then: [Part], otherwise: [Part])
    }

    struct Expression: Sendable, Equatable {
        enum Source: Sendable, Equatable {
            case path([String])
            case literal(String)
        }
        var source: Source
        /// Filters, in the order they are written.
        var isDate = false
        var fallback: String?

        var name: String {
            switch source {
            case .path(let path): path.joined(separator: ".")
            case .literal: "the text"
            }
        }
    }

    let parts: [Part]
    private let escaping: Escaping
    private let mostBytes: Int

    /// - Parameter file: as faults name it.
    package init(
        _ source: String,
        file: String,
        escaping: Escaping,
        limits: Limits.Notifications = Limits.Notifications()
    ) throws(TemplateFault) {
        try self.init(source, at: TextOrigin(file: file), escaping: escaping, limits: limits)
    }

    package init(
        _ source: String,
        at origin: TextOrigin,
        escaping: Escaping,
        limits: Limits.Notifications
    ) throws(TemplateFault) {
        var parser = TemplateParser(source, at: origin, limits: limits)
        parts = try parser.parse()
        (self.escaping, mostBytes) = (escaping, limits.renderedBytes)
    }

    /// Every value that it may be filled with, each once, in the order of their use.
    package var paths: [[String]] {
        var paths: [[String]] = []
        Self.collect(parts, into: &paths)
        return paths
    }

    private static func collect(_ parts: [Part], into paths: inout [[String]]) {
        func add(_ path: [String]) { if !paths.contains(path) { paths.append(path) } }
        for part in parts {
            switch part {
            case .text: continue
            case .value(let expression): if case .path(let path) = expression.source { add(path) }
            case .condition(let path, let then, let otherwise):
                add(path)
                collect(then, into: &paths)
                collect(otherwise, into: &paths)
            }
        }
    }

    /// Fills the places.
    ///
    /// - Throws: ``TemplateRenderError``, which names every value that is missing, and holds none.
    package func render(_ values: TemplateValue) throws(TemplateRenderError) -> String {
        var rendering = TemplateRendering(values: values, escaping: escaping, mostBytes: mostBytes)
        try rendering.append(parts)
        guard rendering.unknown.isEmpty else { throw .unknown(rendering.unknown) }
        return rendering.text
    }
}
