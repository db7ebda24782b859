/// Where a template's text stands in a file, so that a fault can be pointed at there.
package struct TextOrigin: Sendable, Equatable {
    package let file: String
    /// Of the text's first character.
    private let line: Int
    private let column: Int
    /// Characters before each further line of the text; `nil` when its lines are not the file's.
    private let indent: Int?

    package init(file: String, line: Int = 1, column: Int = 1, indent: Int? = 0) {
        (self.file, self.line, self.column, self.indent) = (file, line, column, indent)
    }

    /// - Parameters: a place in the text, counted from 1.
    func fault(line: Int, column: Int, _ problem: String) -> TemplateFault {
        guard let indent else { return TemplateFault(file: file, line: self.line, column: self.column, problem) }
        let place = line == 1 ? self.column + column - 1 : indent + column
        return TemplateFault(file: file, line: self.line + line - 1, column: place, problem)
    }
}
