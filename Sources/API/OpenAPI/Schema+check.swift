import JSON

extension Schema {
    /// The first place where a value is not as described, and how; `nil` if it is as described everywhere.
    func fault(in value: JSONValue, at path: String = "$") -> String? {
        switch self {
        case .any: nil
        case .string: value.string == nil ? "\(path) is no string" : nil
        case .text: value.string?.isEmpty ?? true ? "\(path) is no text" : nil
        case .time: value.string?.contains("T") ?? false ? nil : "\(path) is no time"
        case .choice(let names):
            value.string.map(names.contains) ?? false ? nil : "\(path) is none of \(names.joined(separator: ", "))"
        case .boolean: value.bool == nil ? "\(path) is neither true nor false" : nil
        case .integer: value.int64 == nil ? "\(path) is no integer" : nil
        case .number: value.double == nil ? "\(path) is no number" : nil
        case .range(let range):
            value.int64.map { range.contains(Int($0)) } ?? false ? nil : "\(path) is no integer of \(range)"
        case .array(let element):
            value.kind == .array
                ? value.array.lazy.enumerated().compactMap { element.fault(in: $1, at: "\(path)[\($0)]") }.first
                : "\(path) is no array"
        case .map(let element):
            value.kind == .object
                ? value.object.lazy.compactMap { element.fault(in: $0.value, at: "\(path).\($0.key)") }.first
                : "\(path) is no object"
        case .object(let fields):
            value.kind == .object
                ? fields.lazy.compactMap { $0.fault(in: value, at: path) }.first : "\(path) is no object"
        case .orNull(let schema): value.isNull ? nil : schema.fault(in: value, at: path)
        case .named(_, let schema): schema.fault(in: value, at: path)
        }
    }
}

extension Schema.Field {
    fileprivate func fault(in object: JSONValue, at path: String) -> String? {
        guard let value = object[name] else { return isRequired ? "\(path).\(name) is missing" : nil }
        return schema.fault(in: value, at: "\(path).\(name)")
    }
}
