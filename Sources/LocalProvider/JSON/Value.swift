/// A JSON value that can be changed, kept and compared, unlike a parsed text's.
enum Value: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    indirect case array([Value])
    indirect case object(Fields)

    var string: String? { if case .string(let text) = self { text } else { nil } }
    var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
    var array: [Value]? { if case .array(let elements) = self { elements } else { nil } }
    var object: Fields? { if case .object(let fields) = self { fields } else { nil } }
    var isNull: Bool { self == .null }

    /// A whole number, also one written as a fraction.
    var int: Int64? {
        switch self {
        case .int(let number): number
        case .double(let number): Int64(exactly: number)
        default: nil
        }
    }

    var double: Double? {
        switch self {
        case .int(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    /// The elements that are strings.
    var strings: [String] { array?.compactMap(\.string) ?? [] }

    static func strings(_ values: [String]) -> Value { .array(values.map(Value.string)) }

    /// `null` for no value.
    static func optional(_ text: String?) -> Value { text.map(Value.string) ?? .null }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int64) { self = .int(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension Value: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral {
    init(arrayLiteral elements: Value...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, Value)...) { self = .object(Fields(elements)) }
    init(nilLiteral: ()) { self = .null }
}
