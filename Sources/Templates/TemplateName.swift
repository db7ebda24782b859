package import Limits

/// A value that a template names, and where: both counted from 1, columns in Unicode scalars.
package struct TemplateName: Sendable, Equatable {
    /// At least one name.
    package let path: [String]
    package let line: Int
    package let column: Int
    /// Without it the template cannot be filled: it has no default and stands in no condition that asks for it.
    package internal(set) var isNeeded: Bool

    package init(path: [String], line: Int, column: Int, isNeeded: Bool = false) {
        (self.path, self.line, self.column, self.isNeeded) = (path, line, column, isNeeded)
    }
}

extension Template {
    /// Every value that `source` names and everything that is wrong with it, in the order in which they stand there.
    package static func findings(
        in source: String,
        at origin: TextOrigin,
        limits: Limits.Notifications
    ) -> (names: [TemplateName], faults: [TemplateFault]) {
        var parser = TemplateParser(source, at: origin, limits: limits)
        _ = parser.read()
        return (parser.names, parser.faults)
    }
}
