import CYAML

extension YAMLFault {
    /// A failure of libyaml's, with advice where its wording gives none.
    init(_ parser: yaml_parser_t, in bytes: UnsafeBufferPointer<UInt8>) {
        let problem = parser.problem.map { String(cString: $0) } ?? "cannot be read as YAML"
        switch parser.error {
        case YAML_READER_ERROR:
            let position = YAMLPosition(ofByte: parser.problem_offset, in: bytes)
            self.init(at: position, "\(problem); only UTF-8 text without control characters is allowed")
        case YAML_MEMORY_ERROR:
            self.init(at: YAMLPosition(parser.mark), "no memory left to read the file")
        default:
            // Quotes that are never closed are found at the end; what is to be repaired is where they begin.
            let isOpen = problem == "found unexpected end of stream" && parser.context != nil
            let position = YAMLPosition(isOpen ? parser.context_mark : parser.problem_mark)
            let context = parser.context.map { String(cString: $0) + ", " } ?? ""
            var text = Self.inPlainWords[problem] ?? context + problem
            let found = Int(parser.problem_mark.index)
            if let advice = Self.advice(problem, found: Self.byte(atScalar: found, in: bytes)) { text += "; \(advice)" }
            self.init(at: position, text)
        }
    }

    /// What libyaml finds most often in files that people write.
    private static let inPlainWords = [
        "did not find expected key": "this does not go on as the lines before it",
        "did not find expected '-' indicator": "this does not go on as the list before it",
        "did not find expected ',' or ']'": "what [ opened does not go on here",
        "did not find expected ',' or '}'": "what { opened does not go on here",
        "mapping values are not allowed in this context": "found a colon where none can be",
        "could not find expected ':'": "found a key without a colon",
        "found unexpected end of stream": "found no end of the quotes",
        "found unknown escape character": "found a backslash that means nothing between double quotes",
    ]

    private static func advice(_ problem: String, found byte: UInt8?) -> String? {
        if byte == UInt8(ascii: "\t") { return "a tab is not allowed here: indent with spaces" }
        let wantsKey = ["did not find expected key", "did not find expected node content"].contains(problem)
        if byte == UInt8(ascii: ":"), wantsKey { return "write the key before the colon" }
        switch problem {
        case "found character that cannot start any token":
            return "quote text that begins with a character like @, ` or %"
        case "mapping values are not allowed in this context":
            return
                "quote text that holds a colon followed by a space, or check the indentation, which is that of the lines around"
        case "could not find expected ':'": return "a key is followed by a colon and a space"
        case "did not find expected key", "did not find expected '-' indicator":
            return
                "entries of one mapping or list begin in the same column: is this line or one before it indented differently, or is a dash (- ), a quote or a closing } or ] missing in or before it?"
        case "did not find expected ',' or ']'", "did not find expected ',' or '}'":
            return
                "separate entries by commas and close what was opened: is a comma, a ] or a } missing in or before this line?"
        case "found unexpected end of stream": return "close the quotes"
        case "found unknown escape character": return "write text with backslashes between single quotes"
        default: return nil
        }
    }

    /// libyaml's `index` counts scalars.
    private static func byte(atScalar index: Int, in bytes: UnsafeBufferPointer<UInt8>) -> UInt8? {
        var seen = -1
        return bytes.first { byte in
            if byte & 0xC0 != 0x80 { seen += 1 }
            return seen == index
        }
    }
}

extension YAMLPosition {
    /// For errors of libyaml's reader, which know a byte's offset alone.
    fileprivate init(ofByte offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
        var (line, column) = (1, 1)
        for byte in bytes.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                (line, column) = (line + 1, 1)
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        self.init(line: line, column: column)
    }
}
