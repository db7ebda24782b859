/// One element's value.
package enum BSONValue: Sendable, Hashable {
    case double(Double)
    case string(String)
    case document(BSONDocument)
    /// The elements in order; their keys do not matter.
    case array(BSONDocument)
    /// Bytes of any subtype.
    case binary([UInt8])
    /// Twelve bytes.
    case objectID([UInt8])
    case bool(Bool)
    /// Milliseconds since 1970-01-01T00:00:00Z.
    case date(Int64)
    case null
    case int32(Int32)
    case int64(Int64)
    /// MongoDB's internal time: seconds in the upper half, an ordinal in the lower.
    case timestamp(UInt64)
    /// A type that this service never writes, such as a regular expression.
    case other(type: UInt8)
}

extension BSONValue {
    /// See ``timestamp(_:)``.
    package var timestamp: UInt64? {
        guard case .timestamp(let value) = self else { return nil }
        return value
    }

    package var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    /// Any number that is a whole one.
    package var int64: Int64? {
        switch self {
        case .int32(let value): Int64(value)
        case .int64(let value): value
        case .double(let value): Int64(exactly: value)
        default: nil
        }
    }

    /// Any number; 64-bit integers lose precision beyond 2^53.
    package var double: Double? {
        switch self {
        case .double(let value): value
        case .int32(let value): Double(value)
        case .int64(let value): Double(value)
        default: nil
        }
    }

    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    package var date: Int64? {
        guard case .date(let value) = self else { return nil }
        return value
    }

    package var document: BSONDocument? {
        guard case .document(let value) = self else { return nil }
        return value
    }

    package var array: [BSONValue]? {
        guard case .array(let value) = self else { return nil }
        return value.map(\.value)
    }

    package var binary: [UInt8]? {
        guard case .binary(let value) = self else { return nil }
        return value
    }
}
