import JSON

/// What JSON Schema (draft 2020-12) says of a value.
indirect enum Schema: Sendable {
    case text(pattern: String? = nil)
    case number(ClosedRange<Double>?)
    case integer(ClosedRange<Int>)
    case flag
    case constant(Bool)
    case choice([String])
    /// What nothing but a word stands for.
    case nothing
    case list(Schema, least: Int)
    case object([Field], patterns: [Field] = [], least: Int = 1)
    case either([Schema])
    /// A definition of the document, by name.
    case reference(String)

    struct Field: Sendable {
        let name: String
        let meaning: String
        var isRequired = false
        let schema: Schema
    }

    func write(to writer: inout JSONWriter) {
        writer.object { write(into: &$0, meaning: nil) }
    }

    private func write(to writer: inout JSONWriter, meaning: String) {
        writer.object { write(into: &$0, meaning: meaning) }
    }

    private func write(into writer: inout JSONWriter, meaning: String?) {
        if let meaning { writer.field("description", meaning) }
        switch self {
        case .text(let pattern):
            // What looks like a number or a truth value is text here where text is asked for.
            if let pattern {
                writer.field("type", ["string", "integer"])
                writer.field("pattern", pattern)
            } else {
                writer.field("type", ["string", "number", "boolean"])
            }
        case .number(let range):
            writer.field("type", "number")
            if let range {
                writer.field("minimum", range.lowerBound)
                writer.field("maximum", range.upperBound)
            }
        case .integer(let range):
            writer.field("type", "integer")
            writer.field("minimum", range.lowerBound)
            writer.field("maximum", range.upperBound)
        case .flag: writer.field("type", "boolean")
        case .constant(let value): writer.field("const", value)
        case .choice(let names): writer.field("enum", names)
        case .nothing: writer.field("type", "null")
        case .list(let element, let least):
            writer.field("type", "array")
            writer.field("minItems", least)
            writer.field("items") { element.write(to: &$0) }
        case .object(let fields, let patterns, let least):
            Self.write(fields, patterns, least, into: &writer)
        case .either(let schemas):
            writer.field("anyOf") { $0.array { for schema in schemas { schema.write(to: &$0) } } }
        case .reference(let name): writer.field("$ref", "#/$defs/\(name)")
        }
    }

    private static func write(_ fields: [Field], _ patterns: [Field], _ least: Int, into writer: inout JSONWriter) {
        writer.field("type", "object")
        writer.field("additionalProperties", false)
        writer.field("minProperties", least)
        let required = fields.filter(\.isRequired).map(\.name)
        if !required.isEmpty { writer.field("required", required) }
        for (name, fields) in [("properties", fields), ("patternProperties", patterns)] where !fields.isEmpty {
            writer.field(name) {
                $0.object {
                    for field in fields { $0.field(field.name) { field.schema.write(to: &$0, meaning: field.meaning) } }
                }
            }
        }
    }
}
