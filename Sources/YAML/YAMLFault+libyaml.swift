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
            let position = YAMLPosition(parser.problem_mark)
            var text = parser.context.map { String(cString: $0) + ", " } ?? ""
            text += problem
            let found = Int(parser.problem_mark.index)
            if let advice = Self.advice(problem, found: Self.byte(atScalar: found, in: bytes)) { text += "; \(advice)" }
            self.init(at: position, text)
        }
    }

    private static func advice(_ problem: String, found byte: UInt8?) -> String? {
        if byte == UInt8(ascii: "\t") { return "a tab is not allowed here: indent with spaces" }
        let wantsKey = ["did not find expected key", "did not find expected node content"].contains(problem)
        if byte == UInt8(ascii: ":"), wantsKey { return "write the key before the colon" }
        switch problem {
        case "found character that cannot start any token":
            return "quote text that begins with a character like @, ` or %"
        case "mapping values are not allowed in this context":
            return "quote text that holds a colon followed by a space, or check the indentation"
        case "could not find expected ':'": return "a key is followed by a colon and a space"
        case "did not find expected key", "did not find expected '-' indicator":
            return "entries of one mapping or list begin in the same column"
        case "did not find expected ',' or ']'", "did not find expected ',' or '}'":
            return "separate entries by commas and close what was opened"
        case "found unexpected end of stream": return "close the quotes"
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
