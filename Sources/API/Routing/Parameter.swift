import JSON

/// One value that a request may carry: all that reading, checking and documentation know of it.
struct Parameter<Value: Sendable>: ParameterDeclaration {
    let name: String
    let place: ParameterPlace
    let summary: String
    /// Completes "must be …".
    let allowed: String
    /// Without the parameter; `nil` where it may not be missing.
    let fallback: Value?
    /// As it would be written.
    let shownFallback: String?
    /// `nil` for what is not allowed.
    let read: @Sendable (String) -> Value?
    /// What a value is, as far as a schema can say it.
    var schema = Schema.string

    var isRequired: Bool { fallback == nil }

    var bodyForm: BodyForm {
        switch Value.self {
        case is Int.Type, is Int?.Type: .integer
        case is Bool.Type, is Bool?.Type: .boolean
        default: .string
        }
    }

    func value(of text: String?) throws(Problem) -> any Sendable {
        guard let text else {
            guard let fallback else {
                throw .parameter(name, "\(place.noun) \(name) is missing; it must be \(allowed).")
            }
            return ParameterValue(value: fallback)
        }
        guard let value = read(text) else { throw .parameter(name, "\(place.noun) \(name) must be \(allowed).") }
        return ParameterValue(value: value)
    }

    /// The same, but it may be missing.
    var optional: Parameter<Value?> {
        Parameter<Value?>(
            name: name,
            place: place,
            summary: summary,
            allowed: allowed,
            fallback: .some(nil),
            shownFallback: shownFallback,
            read: { [read] in read($0).map(Optional.some) },
            schema: schema
        )
    }

    func defaulting(to value: Value, shown: String) -> Parameter {
        Parameter(
            name: name,
            place: place,
            summary: summary,
            allowed: allowed,
            fallback: value,
            shownFallback: shown,
            read: read,
            schema: schema
        )
    }
}

/// A ``Parameter`` of any value.
protocol ParameterDeclaration: Sendable {
    var name: String { get }
    var place: ParameterPlace { get }
    var summary: String { get }
    var allowed: String { get }
    var isRequired: Bool { get }
    var shownFallback: String? { get }
    /// What it is in a JSON body.
    var bodyForm: BodyForm { get }
    var schema: Schema { get }

    /// - Returns: a ``ParameterValue``.
    func value(of text: String?) throws(Problem) -> any Sendable
}

enum BodyForm: String, Sendable {
    case string, integer, boolean

    /// The value as text, of which the parameter is read; `nil` for one of another form.
    func text(of value: JSONValue) -> String? {
        switch self {
        case .string: value.string
        case .integer: value.int64.map(String.init)
        case .boolean: value.bool.map { $0 ? "true" : "false" }
        }
    }

    var noun: String { self == .integer ? "an integer" : "a \(rawValue)" }
}

enum ParameterPlace: String, Sendable {
    case path, query, header, body

    var noun: String {
        switch self {
        case .path: "The path's"
        case .query: "The parameter"
        case .header: "The header"
        case .body: "The body's field"
        }
    }
}

/// Wraps a value, since an optional one does not survive being held as `any Sendable`.
struct ParameterValue<Value: Sendable>: Sendable { let value: Value }
