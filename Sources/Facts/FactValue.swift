package import Chat
package import JSON

/// What a fact says.
package enum FactValue: Sendable, Hashable {
    case string(String)
    case integer(Int64)
    case double(Double)
    case bool(Bool)
    case time(Timestamp)
    case strings([String])
}

extension FactValue {
    /// `nil` for null, for an object, and for a list of anything but texts.
    package init?(_ json: JSONValue) {
        switch json.kind {
        case .string: self = .string(json.string ?? "")
        case .integer:
            guard let value = json.int64 else { return nil }
            self = .integer(value)
        case .double:
            guard let value = json.double, value.isFinite else { return nil }
            self = .double(value)
        case .bool: self = .bool(json.bool ?? false)
        case .array:
            var texts: [String] = []
            for element in json.array {
                guard let text = element.string else { return nil }
                texts.append(text)
            }
            self = .strings(texts)
        case .object, .null: return nil
        }
    }

    package func write(to writer: inout JSONWriter) {
        switch self {
        case .string(let value): writer.string(value)
        case .integer(let value): writer.int(value)
        case .double(let value): writer.double(value)
        case .bool(let value): writer.bool(value)
        case .time(let value): writer.string(value.rfc3339)
        case .strings(let values): writer.array { for value in values { $0.string(value) } }
        }
    }

    /// The instant meant, also by RFC 3339 text, which is how one arrives as JSON.
    package var instant: Timestamp? {
        switch self {
        case .time(let time): time
        case .string(let text): Timestamp(rfc3339: text)
        default: nil
        }
    }

    /// About what it takes in memory, in bytes.
    var byteCount: Int {
        switch self {
        case .string(let text): 32 + text.utf8.count
        case .integer, .double, .bool, .time: 16
        case .strings(let texts): texts.reduce(32) { $0 + 16 + $1.utf8.count }
        }
    }
}
