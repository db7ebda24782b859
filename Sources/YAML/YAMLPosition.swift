/// A place in a YAML file, both counted from 1; columns count Unicode scalars, as editors do.
package struct YAMLPosition: Sendable, Hashable, CustomStringConvertible {
    package let line: Int
    package let column: Int

    package init(line: Int, column: Int) { (self.line, self.column) = (line, column) }

    /// `line:column`.
    package var description: String { "\(line):\(column)" }
}
