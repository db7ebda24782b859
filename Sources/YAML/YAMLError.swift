/// Why a YAML file was refused: where, what was found, and what is allowed instead.
package struct YAMLError: Error, Equatable, CustomStringConvertible {
    /// As the reader of the message knows the file: a path, or `standard input`.
    package let file: String
    package let position: YAMLPosition
    /// One sentence without its full stop; holds no more of the file than a name.
    package let problem: String

    package init(file: String, at position: YAMLPosition, _ problem: String) {
        self.file = file
        self.position = position
        self.problem = problem
    }

    /// `file:line:column: problem`.
    package var description: String { "\(file):\(position): \(problem)" }
}
