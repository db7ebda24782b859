import YAML

/// A name between single braces in a template: `{ user.name }`, where two were meant.
struct SingleBrace {
    let content: String
    let position: YAMLPosition

    var path: String { content.filter { $0 != " " } }

    /// Those outside of tags, in order.
    static func all(in source: String) -> [SingleBrace] {
        let lines = source.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().flatMap { all(in: Array($1), of: $0 + 1) }
    }

    private static func all(in line: [Unicode.Scalar], of number: Int) -> [SingleBrace] {
        var (found, index): ([SingleBrace], Int) = ([], 0)
        while let start = line[index...].firstIndex(of: "{") {
            let isTag = start + 1 < line.count && line[start + 1] == "{"
            guard let end = line[start...].firstIndex(of: "}") else { return found }
            let content = line[(start + 1)..<end]
            if !isTag, isName(content) {
                let text = String(String.UnicodeScalarView(content))
                found.append(SingleBrace(content: text, position: YAMLPosition(line: number, column: start + 1)))
            }
            if isTag {
                // What stands within a tag, such as a default with braces, is no name of its own.
                index = tagEnd(after: end, in: line)
            } else if let inner = content.lastIndex(of: "{") {
                // The brace before it is looked at as well: the two may be a tag's.
                index = max(start + 1, inner - 1)
            } else {
                index = end + 1
            }
        }
        return found
    }

    private static func tagEnd(after end: Int, in line: [Unicode.Scalar]) -> Int {
        let closing = (end..<max(end, line.count - 1)).first { line[$0] == "}" && line[$0 + 1] == "}" }
        return closing.map { $0 + 2 } ?? line.count
    }

    /// A letter, then letters, digits, `_`, `-` and dots, with blanks around.
    private static func isName(_ content: ArraySlice<Unicode.Scalar>) -> Bool {
        let inner = content.drop { $0 == " " }.reversed().drop { $0 == " " }
        guard let first = inner.last, first.properties.isAlphabetic else { return false }
        return inner.allSatisfy { scalar in
            scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal
                || scalar == "_" || scalar == "-" || scalar == "."
        }
    }
}
