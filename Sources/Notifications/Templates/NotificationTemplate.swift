package import Templates

/// The texts of one kind of notification.
package struct NotificationTemplate: Sendable, Equatable {
    /// Rendered on one line.
    package let subject: Template
    package let text: Template
    package let html: Template?
    /// In Slack's markup; ``text`` stands in where there is none.
    package let slack: Template?
    let subjectCharacters: Int

    /// Fills all texts.
    ///
    /// - Throws: ``TemplateRenderError``; what is missing is named for all texts at once.
    package func render(_ values: TemplateValue) throws(TemplateRenderError) -> NotificationContent {
        var unknown: [String] = []
        let subject = try Self.render(subject, values, &unknown)
        let text = try Self.render(text, values, &unknown)
        let html = try html.map { html throws(TemplateRenderError) in try Self.render(html, values, &unknown) }
        let slack = try slack.map { slack throws(TemplateRenderError) in try Self.render(slack, values, &unknown) }
        guard unknown.isEmpty else { throw .unknown(unknown) }
        return NotificationContent(subject: cut(subject.onOneLine), text: text, html: html, slack: slack)
    }

    private static func render(
        _ template: Template,
        _ values: TemplateValue,
        _ unknown: inout [String]
    ) throws(TemplateRenderError) -> String {
        do throws(TemplateRenderError) {
            return try template.render(values)
        } catch {
            guard case .unknown(let names) = error else { throw error }
            unknown += names.filter { !unknown.contains($0) }
            return ""
        }
    }

    private func cut(_ line: String) -> String {
        line.count > subjectCharacters ? line.prefix(max(0, subjectCharacters - 1)) + "…" : line
    }
}

extension String {
    /// Without line ends and control characters, which no header can hold but names and titles do.
    var onOneLine: String {
        let spaced = unicodeScalars.map { scalar in
            [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory) ? " " : scalar
        }
        return String(String.UnicodeScalarView(spaced)).split(separator: " ").joined(separator: " ")
    }
}

/// What a notification says, filled in and escaped for each form.
package struct NotificationContent: Sendable, Equatable {
    /// One line.
    package var subject: String
    package var text: String
    package var html: String?
    /// In Slack's markup.
    package var slack: String?

    package init(subject: String, text: String, html: String? = nil, slack: String? = nil) {
        (self.subject, self.text, self.html, self.slack) = (subject, text, html, slack)
    }
}
