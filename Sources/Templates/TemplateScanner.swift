/// The characters of a template and how far they have been read.
struct TemplateScanner {
    let origin: TextOrigin
    /// Of the whole source, in UTF-8.
    let bytes: Int
    private let source: [Unicode.Scalar]
    private var index = 0
    private(set) var line = 1
    private(set) var column = 1

    init(_ source: String, at origin: TextOrigin) {
        self.origin = origin
        bytes = source.utf8.count
        self.source = Array(source.unicodeScalars)
    }

    var isAtEnd: Bool { index == source.count }

    /// A fault at the next character.
    func fault(_ problem: String) -> TemplateFault { origin.fault(line: line, column: column, problem) }

    /// Up to the next tag; the blanks before one that is alone on its line are left out.
    mutating func text() -> String {
        let start = index
        while !isAtEnd, !isTagNext { advance() }
        var end = index
        if isTagNext, isTagAlone { while end > start, Self.isBlank(source[end - 1]) { end -= 1 } }
        return String(String.UnicodeScalarView(source[start..<end]))
    }

    /// The next tag is one of a condition, and nothing but blanks share its line.
    var isTagAlone: Bool {
        var before = index
        while before > 0, Self.isBlank(source[before - 1]) { before -= 1 }
        guard before == 0 || source[before - 1] == "\n" else { return false }
        var inside = index + 2
        while inside < source.count, Self.isBlank(source[inside]) { inside += 1 }
        guard inside < source.count, "#/e".unicodeScalars.contains(source[inside]) else { return false }
        guard source[inside] != "e" || isWord("else", at: inside) else { return false }
        var after = inside
        while after + 1 < source.count, !(source[after] == "}" && source[after + 1] == "}") {
            guard source[after] != "\n" else { return false }
            after += 1
        }
        after += 2
        while after < source.count, Self.isBlank(source[after]) || source[after] == "\r" { after += 1 }
        return after >= source.count || source[after] == "\n"
    }

    mutating func skipLineEnd() {
        while !isAtEnd, Self.isBlank(source[index]) || source[index] == "\r" { advance() }
        if !isAtEnd, source[index] == "\n" { advance() }
    }

    // MARK: Inside a tag, between whose parts there may be blanks

    mutating func openTag() throws(TemplateFault) {
        advance()
        advance()
        if !isAtEnd, source[index] == "{" {
            throw fault("a third brace; values are always escaped, and {{ \"{\" }} writes a brace")
        }
    }

    mutating func closeTag() throws(TemplateFault) {
        guard skip("}"), !isAtEnd, source[index] == "}" else {
            throw fault("the tag goes on; expected }} or, after a value, | and a filter")
        }
        advance()
    }

    /// Behind the end of the tag; where it has none, before the next tag or the line's end.
    mutating func skipTag() {
        while !isAtEnd, source[index] != "\n", !isTagNext {
            let isEnd = source[index] == "}" && index + 1 < source.count && source[index + 1] == "}"
            advance()
            if isEnd { return advance() }
        }
    }

    mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard !isAtEnd, source[index] == scalar else { return false }
        advance()
        return true
    }

    /// A word that means something by itself, not the beginning of a longer one or of a path.
    mutating func skip(keyword: String) -> Bool {
        skipBlanks()
        guard isWord(keyword, at: index) else { return false }
        for _ in keyword.unicodeScalars { advance() }
        return true
    }

    mutating func word(_ word: String, _ otherwise: String) throws(TemplateFault) {
        guard skip(keyword: word) else { throw fault(otherwise) }
    }

    /// Letters, digits, `_` and `-`.
    mutating func name() throws(TemplateFault) -> String {
        skipBlanks()
        let start = index
        while !isAtEnd, Self.isNamePart(source[index]) { advance() }
        guard index > start else { throw fault("expected a name like user.name: letters, digits, _ and -") }
        return String(String.UnicodeScalarView(source[start..<index]))
    }

    /// Text in double quotes, in which `\"` and `\\` stand for quote and backslash; `nil` when none begins here.
    mutating func string() throws(TemplateFault) -> String? {
        skipBlanks()
        guard !isAtEnd, source[index] == "\"" else { return nil }
        let start = self
        advance()
        var text = String.UnicodeScalarView()
        while !isAtEnd, source[index] != "\n" {
            var scalar = source[index]
            advance()
            if scalar == "\"" { return String(text) }
            if scalar == "\\" {
                guard !isAtEnd, source[index] == "\"" || source[index] == "\\" else {
                    throw fault("after a backslash comes a double quote or another backslash")
                }
                scalar = source[index]
                advance()
            }
            text.append(scalar)
        }
        throw start.fault("the quotes are not closed on their line")
    }

    // MARK: Characters

    private var isTagNext: Bool { index + 1 < source.count && source[index] == "{" && source[index + 1] == "{" }

    mutating func skipBlanks() { while !isAtEnd, Self.isBlank(source[index]) { advance() } }

    private mutating func advance() {
        guard !isAtEnd else { return }
        if source[index] == "\n" { (line, column) = (line + 1, 1) } else { column += 1 }
        index += 1
    }

    private func isWord(_ word: String, at start: Int) -> Bool {
        let end = start + word.unicodeScalars.count
        guard end <= source.count, source[start..<end].elementsEqual(word.unicodeScalars) else { return false }
        return end == source.count || !(Self.isNamePart(source[end]) || source[end] == ".")
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }

    private static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal || scalar == "_" || scalar == "-"
    }
}
