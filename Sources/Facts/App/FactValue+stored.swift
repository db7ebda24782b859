import Chat
import MongoDB

extension FactValue {
    /// What another program stored; `nil` for null and for what has no place among facts, such as a document.
    ///
    /// Decimal numbers become the nearest binary ones, or whole ones where they are whole.
    init?(_ element: BSONElement) {
        if let decimal = element.decimal {
            guard let number = Double(decimal), number.isFinite else { return nil }
            self = Int64(exactly: number).map { .integer($0) } ?? .double(number)
            return
        }
        switch element.value {
        case .double(let value):
            guard value.isFinite else { return nil }
            self = .double(value)
        case .int32(let value): self = .integer(Int64(value))
        case .int64(let value): self = .integer(value)
        case .bool(let value): self = .bool(value)
        case .date(let milliseconds): self = .time(Timestamp(milliseconds: milliseconds))
        case .array(let elements):
            var texts: [String] = []
            for element in elements.elements {
                guard let text = Self.text(element) else { return nil }
                texts.append(text)
            }
            self = .strings(texts)
        default:
            guard let text = Self.text(element) else { return nil }
            self = .string(text)
        }
    }

    private static func text(_ element: BSONElement) -> String? {
        if let uuid = element.uuid { return StoredID.text(ofUUID: uuid) }
        return switch element.value {
        case .string(let text): text
        case .objectID(let bytes): StoredID.text(ofObjectID: bytes)
        default: nil
        }
    }
}
