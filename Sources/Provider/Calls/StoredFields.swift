import Chat
import JSON

/// One object of a stored call, read strictly: a field of a wrong type is an error, and one that we do not know ignored.
struct StoredFields {
    let call: String
    let value: JSONValue

    init(_ value: JSONValue, of call: String) throws(ProviderCallError) {
        guard value.kind == .object else { throw .notAnObject }
        (self.call, self.value) = (call, value)
    }

    func string(_ name: String) throws(ProviderCallError) -> String { try present(name, optionalString(name)) }

    func optionalString(_ name: String) throws(ProviderCallError) -> String? { try read(name, \.string) }

    /// False unless stored.
    func flag(_ name: String) throws(ProviderCallError) -> Bool { try read(name, \.bool) ?? false }

    func time(_ name: String) throws(ProviderCallError) -> Timestamp? {
        try read(name, \.int64).map(Timestamp.init(nanoseconds:))
    }

    /// Empty unless stored.
    func strings(_ name: String) throws(ProviderCallError) -> [String] {
        guard let value = value[name], !value.isNull else { return [] }
        let strings = value.array.map(\.string)
        guard value.kind == .array, !strings.contains(nil) else { throw .wrongType(call: call, field: name) }
        return strings.compactMap { $0 }
    }

    /// Empty unless stored.
    func object(_ name: String) throws(ProviderCallError) -> JSONObjectText {
        try read(name) { JSONObjectText($0) } ?? .empty
    }

    /// Empty unless stored.
    func attachments(_ name: String) throws(ProviderCallError) -> [JSONObjectText] {
        guard let value = value[name], !value.isNull else { return [] }
        let objects = value.array.map { JSONObjectText($0) }
        guard value.kind == .array, !objects.contains(nil) else { throw .wrongType(call: call, field: name) }
        return objects.compactMap { $0 }
    }

    func objects<Element>(
        _ name: String,
        _ element: (StoredFields) throws(ProviderCallError) -> Element
    ) throws(ProviderCallError) -> [Element] {
        guard let value = value[name], value.kind == .array else { throw .missing(call: call, field: name) }
        var result: [Element] = []
        for part in value.array {
            guard part.kind == .object else { throw .wrongType(call: call, field: name) }
            result.append(try element(try StoredFields(part, of: call)))
        }
        return result
    }

    func choice<Choice: RawRepresentable<String>>(_ name: String) throws(ProviderCallError) -> Choice? {
        try read(name) { $0.string.flatMap(Choice.init(rawValue:)) }
    }

    func present<Value>(_ name: String, _ value: Value?) throws(ProviderCallError) -> Value {
        guard let value else { throw .missing(call: call, field: name) }
        return value
    }

    private func read<Value>(_ name: String, _ convert: (JSONValue) -> Value?) throws(ProviderCallError) -> Value? {
        guard let value = value[name], !value.isNull else { return nil }
        guard let result = convert(value) else { throw .wrongType(call: call, field: name) }
        return result
    }
}

/// Writing what ``StoredFields`` reads: what is absent, false or empty is left out.
extension JSONWriter {
    mutating func present(_ name: String, _ value: String?) { if let value { field(name, value) } }
    mutating func present(_ name: String, _ values: [String]) { if !values.isEmpty { field(name, values) } }
    mutating func present(_ name: String, _ value: JSONObjectText) {
        if !value.isEmpty { field(name, raw: value.text) }
    }
    mutating func present(_ name: String, _ values: [JSONObjectText]) {
        guard !values.isEmpty else { return }
        field(name) { $0.array { for value in values { $0.raw(value.text) } } }
    }
    mutating func present(_ name: String, nanoseconds value: Timestamp?) {
        if let value { field(name, value.nanoseconds) }
    }
    mutating func set(_ name: String, if condition: Bool) { if condition { field(name, true) } }
}
