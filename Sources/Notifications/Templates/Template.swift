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

    init(
        _ source: String,
        at origin: TextOrigin,
        escaping: Escaping,
        limits: Limits.Notifications
    ) throws(TemplateFault) {
        var parser = TemplateParser(source, at: origin, limits: limits)
        parts = try parser.parse()
        (self.escaping, mostBytes) = (escaping, limits.renderedBytes)
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
