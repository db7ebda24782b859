import JSON
import Limits

/// The team's own fields of an object, wherever the provider put them: `custom.k`, else `Custom.k`, else `k`.
struct StreamCustom {
    private var fields: [(name: String, value: JSONValue)] = []

    /// The fields of `object` that `known` does not name, and all of its `custom` and `Custom`.
    init(of object: StreamFields, known: FieldNames) {
        if let nested = object.object("custom") { add(nested) }
        if let nested = object.object("Custom") { add(nested) }
        add(object, except: known)
    }

    init() {}

    var isEmpty: Bool { fields.isEmpty }

    subscript(name: String) -> JSONValue? { fields.first { $0.name == name }?.value }

    /// As JSON object text, without the fields that have a place of their own; `nil` when none are left.
    func text(except lifted: [String] = []) -> String? {
        let fields = lifted.isEmpty ? fields : fields.filter { !lifted.contains($0.name) }
        guard !fields.isEmpty else { return nil }
        var writer = JSONWriter(capacity: 256)
        writer.object { for field in fields { $0.field(field.name, raw: field.value.serialized()) } }
        return writer.text
    }

    /// Adds what `known` does not name and is not here yet; a `null` is as good as absent.
    mutating func add(_ object: StreamFields, except known: FieldNames? = nil) {
        let taken = isEmpty ? [] : Set(fields.map(\.name))
        object.value.forEachField { name, value in
            if let known, known.contains(name) { return }
            guard !value.isNull else { return }
            let name = String(utf8: name)
            if !taken.contains(name) { fields.append((name, value)) }
        }
    }
}

extension StreamCustom {
    /// A field that the provider itself sends now at the top level, now with the custom data.
    func string(_ name: String, in object: StreamFields) -> String? {
        guard let value = self[name] else { return nil }
        if value.kind != .string { object.fault(name) }
        return value.string
    }

    /// An id of the team's own: a string or an integer; empty is absent, and one too long to be an id a fault.
    func businessID(_ name: String, in object: StreamFields) -> String? {
        guard let value = self[name] else { return nil }
        let id = value.string ?? value.int64.map(String.init) ?? value.uint64.map(String.init)
        guard let id, id.utf8.count <= object.context.limits.identifierBytes else {
            object.fault(name)
            return nil
        }
        return id.isEmpty ? nil : id
    }

    func context(in object: StreamFields) -> BusinessContext {
        var result = BusinessContext()
        for (name, _) in fields {
            guard let kind = Self.contextKinds[name], result[kind] == nil else { continue }
            result[kind] = businessID(name, in: object)
        }
        return result
    }

    private static let contextKinds = Dictionary(
        uniqueKeysWithValues: BusinessContext.Kind.allCases.map { ($0.field, $0) }
    )

    /// A number, or a string that is one in JSON's sense.
    func amount(_ name: String, in object: StreamFields) -> Double? {
        guard let value = self[name] else { return nil }
        if let text = value.string, text.isEmpty { return nil }
        guard let amount = value.double ?? value.string.flatMap(Self.number), amount.isFinite else {
            object.fault(name)
            return nil
        }
        return amount
    }

    /// `Double` alone would also read "nan", "inf" and "0x1p3".
    private static func number(_ text: String) -> Double? {
        let isDecimal = text.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
        return isDecimal ? Double(text) : nil
    }
}
