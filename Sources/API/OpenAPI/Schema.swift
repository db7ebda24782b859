/// What a JSON value looks like, as far as the interface promises: the part of JSON Schema 2020-12 that it needs.
indirect enum Schema: Sendable, Equatable {
    /// Anything at all.
    case any
    case string
    /// At least a character.
    case text
    /// RFC 3339.
    case time
    case choice([String])
    case boolean
    case integer
    case number
    case range(ClosedRange<Int>)
    case array(Schema)
    /// An object whose names are data.
    case map(Schema)
    /// Further fields may be there.
    case object([Field])
    /// `null`, too.
    case orNull(Schema)
    /// Described once, for all that hold it.
    case named(String, Schema)

    struct Field: Sendable, Equatable {
        let name: String
        let schema: Schema
        let isRequired: Bool
        /// `nil` where the name says all.
        var summary: String?
    }
}

/// `["_id": .string, "name?": .string]`: what ends in `?` may be missing, and may be `null`.
extension Schema: ExpressibleByDictionaryLiteral {
    init(dictionaryLiteral fields: (String, Schema)...) {
        self = .object(
            fields.map { name, schema in
                name.hasSuffix("?")
                    ? Field(name: String(name.dropLast()), schema: .orNull(schema), isRequired: false)
                    : Field(name: name, schema: schema, isRequired: true)
            }
        )
    }
}

extension Schema {
    /// The same with further fields; of an object, named or not.
    func with(_ more: Schema) -> Schema { .object(fields + more.fields) }

    var fields: [Field] {
        switch self {
        case .object(let fields): fields
        case .named(_, let schema), .orNull(let schema): schema.fields
        default: []
        }
    }

    /// A page of a list.
    static func page(_ item: Schema) -> Schema { ["data": .array(item), "next?": .string] }
}
