import MongoDB

/// One place where the stored history is not what it should be.
///
/// Names ids, times and numbers only: never a text, a name or custom data.
package struct Difference: Sendable, Equatable, CustomStringConvertible {
    package let collection: String
    package let id: String
    package let field: String
    package let stored: String
    package let expected: String
    /// A rebuild can mend it: what is wrong follows from what is right.
    package let isMendable: Bool
    /// A sweep that waits is going to mend it.
    package internal(set) var isPending = false

    init(
        _ collection: Collection,
        _ id: String,
        _ field: String,
        stored: String,
        expected: String,
        isMendable: Bool = true
    ) {
        (self.collection, self.id, self.field) = (collection.rawValue, id, field)
        (self.stored, self.expected, self.isMendable) = (stored, expected, isMendable)
    }

    package var description: String { "\(collection) \(id) \(field): stored \(stored), expected \(expected)" }
}

/// Compares a stored document with what it should be, field by field.
struct DocumentComparison {
    let collection: Collection
    let id: String
    /// Fields that something else decides, such as counters.
    var ignored: Set<String> = []

    func differences(stored: BSONDocument, expected: BSONDocument) -> [Difference] {
        fields(stored: stored, expected: expected, prefix: "")
    }

    private func fields(stored: BSONDocument, expected: BSONDocument, prefix: String) -> [Difference] {
        var left: [String: BSONValue] = [:]
        for (key, value) in stored where !ignored.contains(prefix + key) { left[key] = value }
        var found: [Difference] = []
        for (key, value) in expected where !ignored.contains(prefix + key) {
            let other = left.removeValue(forKey: key)
            guard other != value else { continue }
            if case .document(let inner) = value, case .document(let otherInner)? = other {
                found += fields(stored: otherInner, expected: inner, prefix: prefix + key + ".")
            } else {
                found.append(difference(prefix + key, other, value))
            }
        }
        return found + left.sorted { $0.key < $1.key }.map { difference(prefix + $0.key, $0.value, nil) }
    }

    private func difference(_ field: String, _ stored: BSONValue?, _ expected: BSONValue?) -> Difference {
        Difference(
            collection,
            id,
            field,
            stored: stored.map { $0.shown(as: field) } ?? "nothing",
            expected: expected.map { $0.shown(as: field) } ?? "nothing"
        )
    }
}

extension BSONValue {
    /// What may be shown of a stored value: of a string only if its field holds an id.
    func shown(as field: String) -> String {
        switch self {
        case .string(let text): Self.holdsID(field) ? text : "a text"
        case .int32, .int64: int64.map(String.init) ?? "a number"
        case .double(let value): "\(value)"
        case .bool(let value): "\(value)"
        case .date(let milliseconds): "\(milliseconds) ms"
        case .array(let elements): "a list of \(elements.elements.reduce(0) { count, _ in count + 1 })"
        case .document: "a document"
        case .null: "null"
        default: "a value of another type"
        }
    }

    private static func holdsID(_ field: String) -> Bool {
        let name = field.split(separator: ".").last ?? ""
        return name == "cid" || name == "by" || name.hasSuffix("_id") || name.hasSuffix("_by")
    }
}
