import Chat
import Crypto
import JSON
import MongoDB

/// Stored documents as JSON: dates as RFC 3339 with milliseconds, what was stored as JSON text as JSON.
struct DocumentJSON {
    /// Fields that hold JSON text.
    private static let jsonFields: Set<String> = ["custom", "attachments", "payload"]

    private let parser = JSONParser()

    /// Every field but some, in stored order.
    func writeFields(of document: BSONDocument, except hidden: Set<String> = [], to writer: inout JSONWriter) {
        for (name, value) in document where !hidden.contains(name) {
            if let text = value.string, Self.jsonFields.contains(name), isJSON(text) {
                writer.field(name, raw: text)
            } else {
                writer.field(name) { write(value, to: &$0) }
            }
        }
    }

    func write(_ value: BSONValue, to writer: inout JSONWriter) {
        switch value {
        case .double(let value): writer.double(value)
        case .string(let value): writer.string(value)
        case .document(let value): writer.object { writeFields(of: value, to: &$0) }
        case .array(let value): writer.array { for (_, element) in value { write(element, to: &$0) } }
        case .binary(let value), .objectID(let value): writer.string(Hex.encode(value))
        case .bool(let value): writer.bool(value)
        case .date(let value): writer.string(Timestamp(milliseconds: value).rfc3339)
        case .int32(let value): writer.int(value)
        case .int64(let value): writer.int(value)
        case .null, .timestamp, .other: writer.null()
        }
    }

    /// A damaged field must not break the answer that holds it.
    private func isJSON(_ text: String) -> Bool { (try? parser.parse(Array(text.utf8))) != nil }
}

extension JSONWriter {
    mutating func field(_ name: String, _ time: Timestamp?) { field(name, time?.rfc3339) }
}
