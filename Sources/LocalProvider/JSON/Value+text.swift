import JSON

extension Value {
    /// Copies a parsed value.
    init(_ parsed: JSONValue) {
        switch parsed.kind {
        case .object:
            var fields = Fields()
            for (name, value) in parsed.object { fields[name] = Value(value) }
            self = .object(fields)
        case .array: self = .array(parsed.array.map(Value.init))
        case .string: self = .string(parsed.string ?? "")
        case .integer: self = parsed.int64.map(Value.int) ?? .double(parsed.double ?? 0)
        case .double: self = .double(parsed.double ?? 0)
        case .bool: self = .bool(parsed.bool ?? false)
        case .null: self = .null
        }
    }

    /// Parses a text; for what arrives once, since each call takes a parser of its own.
    init(parsing text: String) throws(JSONError) { self.init(try JSONParser().parse(Array(text.utf8))) }

    /// As compact JSON.
    var json: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }

    func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let flag): writer.bool(flag)
        case .int(let number): writer.int(number)
        case .double(let number): writer.double(number)
        case .string(let text): writer.string(text)
        case .array(let elements): writer.array { for element in elements { element.write(to: &$0) } }
        case .object(let fields): fields.write(to: &writer)
        }
    }
}

extension Fields {
    func write(to writer: inout JSONWriter) {
        writer.object { for (name, value) in pairs { $0.field(name) { value.write(to: &$0) } } }
    }
}
