import TestSupport

@testable import MongoDB

/// What a document is meant to hold, kept apart from its encoding.
struct Model: Equatable {
    indirect enum Value: Equatable {
        case double(Double)
        case string(String)
        case document(Model)
        case array([Value])
        case binary([UInt8])
        case bool(Bool)
        case date(Int64)
        case null
        case int32(Int32)
        case int64(Int64)
    }

    var elements: [(key: String, value: Value)] = []

    static func == (left: Self, right: Self) -> Bool {
        left.elements.elementsEqual(right.elements) { $0.key == $1.key && $0.value == $1.value }
    }
}

extension Model {
    static func random(_ random: inout SeededRandom, depth: Int = 0) -> Model {
        let count = Int.random(in: 0...12, using: &random)
        return Model(
            elements: (0..<count).map { _ in (text(&random), value(&random, depth: depth)) }
        )
    }

    private static func value(_ random: inout SeededRandom, depth: Int) -> Value {
        switch Int.random(in: 0..<(depth < 5 ? 10 : 8), using: &random) {
        case 0: .double(Double.random(in: -1e9...1e9, using: &random))
        case 1: .string(text(&random) + (Bool.random(using: &random) ? "\0end" : ""))
        case 2:
            .binary((0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
        case 3: .bool(Bool.random(using: &random))
        case 4: .date(Int64.random(in: -4_000_000_000_000...4_000_000_000_000, using: &random))
        case 5: .null
        case 6: .int32(Int32(truncatingIfNeeded: random.next()))
        case 7: .int64(Int64(bitPattern: random.next()))
        case 8: .document(.random(&random, depth: depth + 1))
        default:
            .array((0..<Int.random(in: 0...12, using: &random)).map { _ in value(&random, depth: depth + 1) })
        }
    }

    private static func text(_ random: inout SeededRandom) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz_.$ \"\\\n{}é漢😀")
        return String(
            (0..<Int.random(in: 0...20, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" }
        )
    }
}

extension Model {
    func encoded() -> BSONDocument {
        var document = BSONDocument()
        write(to: &document)
        return document
    }

    /// Half of the nested documents are written in place, half are built apart and copied.
    private func write(to document: inout BSONDocument) {
        for (index, element) in elements.enumerated() {
            let key = element.key
            switch element.value {
            case .double(let value): document.append(key, value)
            case .string(let value): document.append(key, value)
            case .document(let value) where index % 2 == 0: document.append(key) { value.write(to: &$0) }
            case .document(let value): document.append(key, value.encoded())
            case .array(let values):
                document.append(key) { (array: inout BSONArray) in
                    for value in values { Self.append(value, to: &array) }
                }
            case .binary(let value): document.append(key, value)
            case .bool(let value): document.append(key, value)
            case .date(let value): document.append(key, date: value)
            case .null: document.appendNull(key)
            case .int32(let value): document.append(key, value)
            case .int64(let value): document.append(key, value)
            }
        }
    }

    private static func append(_ value: Value, to array: inout BSONArray) {
        switch value {
        case .double(let value): array.append(value)
        case .string(let value): array.append(value)
        case .document(let value): array.append { value.write(to: &$0) }
        case .array(let values):
            array.append { (nested: inout BSONArray) in
                for value in values { append(value, to: &nested) }
            }
        case .binary(let value): array.append(value)
        case .bool(let value): array.append(value)
        case .date(let value): array.append(date: value)
        case .null: array.appendNull()
        case .int32(let value): array.append(value)
        case .int64(let value): array.append(value)
        }
    }

    init?(decoding document: BSONDocument) {
        for (key, value) in document {
            guard let value = Self.decoded(value) else { return nil }
            elements.append((key, value))
        }
    }

    private static func decoded(_ value: BSONValue) -> Value? {
        switch value {
        case .double(let value): .double(value)
        case .string(let value): .string(value)
        case .document(let value): Model(decoding: value).map { .document($0) }
        case .array(let value): .array(value.compactMap { decoded($0.value) })
        case .binary(let value): .binary(value)
        case .bool(let value): .bool(value)
        case .date(let value): .date(value)
        case .null: .null
        case .int32(let value): .int32(value)
        case .int64(let value): .int64(value)
        case .objectID, .timestamp, .other: nil
        }
    }
}
