package import Limits
package import Templates
import YAML

/// Every template by its name, such as `new-offer`: those that come with the program, and the team's own in their place.
package struct NotificationTemplates: Sendable, Equatable {
    private let templates: [String: NotificationTemplate]

    package subscript(name: String) -> NotificationTemplate? { templates[name] }
    package var names: [String] { templates.keys.sorted() }

    /// Reads files: `*.yaml` with a mapping from name to texts, or one file a text: `NAME.subject.txt`, `NAME.txt`,
    /// `NAME.html` and `NAME.slack.txt`.
    ///
    /// - Parameters:
    ///   - files: what they say stands, whole, in place of a template of the same name in `base`.
    ///   - base: those that come with the program, unless given.
    /// - Throws: ``TemplateFaults`` with every fault of every file.
    package init(
        files: [TemplateFile],
        base: NotificationTemplates? = .ready,
        limits: Limits.Notifications = Limits.Notifications()
    ) throws(TemplateFaults) {
        var reader = TemplateReader(limits: limits)
        for file in files { reader.read(file) }
        let own = reader.templates()
        if own.count > limits.templates, let first = files.first {
            let problem = "\(own.count) templates; at most \(limits.templates) are allowed"
            reader.faults.append(TemplateFault(file: first.name, line: 1, column: 1, problem))
        }
        guard reader.faults.isEmpty else { throw TemplateFaults(faults: reader.faults) }
        templates = (base?.templates ?? [:]).merging(own) { _, own in own }
    }
}

/// One file of templates.
package struct TemplateFile: Sendable, Equatable {
    /// As faults name it; its last part says what it holds.
    package let name: String
    package let bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }
}
