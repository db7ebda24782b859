import JSON

extension Schema {
    /// As a document of OpenAPI 3.1 has it; what is named, as a reference.
    ///
    /// - Parameter summary: what it is for.
    func write(_ summary: String? = nil, to writer: inout JSONWriter) {
        writer.object {
            if let summary { $0.field("description", summary) }
            writeFields(to: &$0)
        }
    }

    /// What is named, by its name, here and within.
    func collect(into known: inout [String: Schema]) {
        switch self {
        case .named(let name, let schema):
            guard known.updateValue(schema, forKey: name) == nil else { return }
            schema.collect(into: &known)
        case .array(let schema), .map(let schema), .orNull(let schema): schema.collect(into: &known)
        case .object(let fields): for field in fields { field.schema.collect(into: &known) }
        default: break
        }
    }

    private func writeFields(to writer: inout JSONWriter) {
        switch self {
        case .any: break
        case .string: writer.field("type", "string")
        case .text:
            writer.field("type", "string")
            writer.field("minLength", 1)
        case .time:
            writer.field("type", "string")
            writer.field("format", "date-time")
        case .choice(let names):
            writer.field("type", "string")
            writer.field("enum", names)
        case .boolean: writer.field("type", "boolean")
        case .integer: writer.field("type", "integer")
        case .number: writer.field("type", "number")
        case .range(let range):
            writer.field("type", "integer")
            writer.field("minimum", range.lowerBound)
            writer.field("maximum", range.upperBound)
        case .array(let element):
            writer.field("type", "array")
            writer.field("items") { element.write(to: &$0) }
        case .map(let element):
            writer.field("type", "object")
            writer.field("additionalProperties") { element.write(to: &$0) }
        case .object(let fields): Self.write(fields, to: &writer)
        case .orNull(let schema):
            guard schema != .any else { return }
            writer.field("anyOf") {
                $0.array {
                    schema.write(to: &$0)
                    $0.object { $0.field("type", "null") }
                }
            }
        case .named(let name, _): writer.field("$ref", "#/components/schemas/\(name)")
        }
    }

    private static func write(_ fields: [Field], to writer: inout JSONWriter) {
        writer.field("type", "object")
        writer.field("properties") {
            $0.object { for field in fields { $0.field(field.name) { field.schema.write(field.summary, to: &$0) } } }
        }
        let required = fields.filter(\.isRequired).map(\.name)
        if !required.isEmpty { writer.field("required", required) }
    }

    /// A value of this kind, to look at.
    ///
    /// - Parameter name: of the field that holds it.
    func writeExample(_ name: String = "", to writer: inout JSONWriter) {
        switch self {
        case .any: writer.null()
        case .string, .text: writer.string(Self.samples[name] ?? "text")
        case .time: writer.string("2026-05-08T10:11:12.345Z")
        case .choice(let names): writer.string(names.first ?? "")
        case .boolean: writer.bool(true)
        case .integer: writer.int(Self.numbers[name] ?? 1)
        case .number: writer.double(0.5)
        case .range(let range): writer.int(range.lowerBound)
        case .array(let element): writer.array { element.writeExample(name, to: &$0) }
        case .map(let element): writer.object { $0.field("name") { element.writeExample(to: &$0) } }
        case .object(let fields):
            writer.object {
                for field in fields { $0.field(field.name) { field.schema.writeExample(field.name, to: &$0) } }
            }
        case .orNull(let schema), .named(_, let schema): schema.writeExample(name, to: &writer)
        }
    }

    private static let samples = [
        "_id": "m-2041", "id": "m-2041", "message_id": "m-2041", "stream_message_id": "m-2041",
        "text": "Would you take 450?", "cid": "messaging:listing_7_ada_bob", "channel": "messaging:listing_7_ada_bob",
        "user": "ada", "user_id": "ada", "sender_id": "ada", "display_name": "Ada", "name": "Ada", "moderator": "eve",
        "by": "eve", "listing_id": "7", "type": "regular", "reason": "spam", "time_zone": "Europe/Berlin",
        "avatar": "https://example.org/ada.png", "next": "bjE3NzgyMzU0NzIzNDU6bS0yMDQx", "status": "ok",
        "detail": "The message is not known.", "title": "Not Found", "blocker": "ada", "blocked": "bob",
        "target": "bob", "version": "1.0.0", "labels": "spam", "kind": "listing", "object_id": "7",
    ]
    private static let numbers = ["status": 404, "total": 128, "bytes": 512, "hour": 18, "count": 12]
}
