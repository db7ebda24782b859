package import YAML

extension TextOrigin {
    /// Where the text of a YAML scalar stands.
    ///
    /// Exact for a block (`|`) and for text on one line; for other spellings, where YAML moves lines about, the start.
    ///
    /// - Parameter lines: of the whole file.
    package init(of node: YAMLNode, in lines: [Substring], file: String) {
        let (line, column) = (node.position.line, node.position.column)
        self.init(file: file, line: line, column: column, indent: nil)
        guard let text = node.text, lines.indices.contains(line - 1) else { return }
        let rest = lines[line - 1].unicodeScalars.dropFirst(column - 1)
        if rest.first == "|" {
            guard let first = lines[line...].first(where: { $0.contains { $0 != " " } }) else { return }
            let indent = first.prefix { $0 == " " }.count
            self.init(file: file, line: line + 1, column: indent + 1, indent: indent)
        } else if Substring(rest).hasPrefix(text) {
            self.init(file: file, line: line, column: column)
        } else if Substring(rest.dropFirst()).hasPrefix(text) {  // after a quote
            self.init(file: file, line: line, column: column + 1)
        }
    }
}
