package import Chat
package import JSON

/// What templates are filled with.
package indirect enum TemplateValue: Sendable, Equatable {
    case text(String)
    case integer(Int64)
    case number(Double)
    case flag(Bool)
    case object([String: TemplateValue])
    /// Not known.
    case nothing

    /// A list counts as not known: templates have no loops.
    package init(_ value: JSONValue) {
        switch value.kind {
        case .string: self = value.string.map { .text($0) } ?? .nothing
        case .integer: self = value.int64.map { .integer($0) } ?? value.double.map { .number($0) } ?? .nothing
        case .double: self = value.double.map { .number($0) } ?? .nothing
        case .bool: self = value.bool.map { .flag($0) } ?? .nothing
        case .object: self = .object(Dictionary(value.object.map { ($0.key, Self($0.value)) }) { first, _ in first })
        case .array, .null: self = .nothing
        }
    }

    /// A time as the filter `date` takes it.
    package init(_ time: Timestamp) { self = .text(time.rfc3339) }

    subscript(path: [String]) -> TemplateValue {
        var value = self
        for name in path {
            guard case .object(let fields) = value else { return .nothing }
            value = fields[name] ?? .nothing
        }
        return value
    }

    /// As written into a text; `nil` for what is not known, and for an object.
    var written: String? {
        switch self {
        case .text(let text): text
        case .integer(let integer): "\(integer)"
        case .number(let number): number.isFinite ? Self.written(number) : nil
        case .flag(let flag): flag ? "true" : "false"
        case .object, .nothing: nil
        }
    }

    /// For conditions: everything but `false`, 0, empty text and what is not known.
    var isTrue: Bool {
        switch self {
        case .text(let text): !text.isEmpty
        case .integer(let integer): integer != 0
        case .number(let number): number != 0
        case .flag(let flag): flag
        case .object: true
        case .nothing: false
        }
    }

    /// 250, not 250.0.
    private static func written(_ number: Double) -> String {
        Int64(exactly: number).map { "\($0)" } ?? "\(number)"
    }
}
