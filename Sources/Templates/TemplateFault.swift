/// What is wrong with a template, and where: both counted from 1, columns in Unicode scalars.
package struct TemplateFault: Error, Sendable, Hashable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package let column: Int
    /// One sentence without its full stop.
    package let problem: String

    package init(file: String, line: Int, column: Int, _ problem: String) {
        (self.file, self.line, self.column, self.problem) = (file, line, column, problem)
    }

    /// `file:line:column: problem`.
    package var description: String { "\(file):\(line):\(column): \(problem)" }
}

/// Everything that is wrong with the templates, so that one look is enough to repair it.
package struct TemplateFaults: Error, Sendable, Equatable, CustomStringConvertible {
    package let faults: [TemplateFault]

    package init(faults: [TemplateFault]) { self.faults = faults }

    package var description: String {
        let count = faults.count == 1 ? "a fault" : "\(faults.count) faults"
        return "the templates have \(count):\n" + faults.map { "  \($0)" }.joined(separator: "\n")
    }
}

/// Why a template could not be filled.
package enum TemplateRenderError: Error, Equatable, CustomStringConvertible {
    /// Not known and without a default; each once, in the order of their use.
    case unknown([String])
    /// The filter `date` was given something else.
    case notATime(String)
    case tooLong(mostBytes: Int)

    package var description: String {
        switch self {
        case .unknown(let names):
            "\(names.joined(separator: ", ")) \(names.count == 1 ? "is" : "are") not known; give a default: {{ x | default: \"…\" }}"
        case .notATime(let name): "\(name) is not a time, which the filter date takes"
        case .tooLong(let most): "the text becomes longer than \(most) bytes; shorten the template or what it is given"
        }
    }
}
