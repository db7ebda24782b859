/// One element of a document, decoded only when asked.
package struct BSONElement: Sendable {
    package let type: UInt8
    let buffer: [UInt8]
    let keyRange: Range<Int>
    let valueRange: Range<Int>

    package var key: String { text(keyRange) }

    /// The key as a decimal number that is not negative, without making a string; `nil` for another key.
    package var keyNumber: Int64? {
        guard 1...18 ~= keyRange.count else { return nil }
        var number: Int64 = 0
        for index in keyRange {
            let digit = buffer[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int64(digit)
        }
        return number
    }

    /// Compares without making a string.
    package func hasKey(_ key: String) -> Bool {
        keyRange.count == key.utf8.count && buffer[keyRange].elementsEqual(key.utf8)
    }

    /// Compares bytes.
    package func hasSameKey(as other: BSONElement) -> Bool {
        keyRange.count == other.keyRange.count && buffer.hasBytes(keyRange, as: other.buffer, other.keyRange)
    }

    /// Compares bytes, and types: a number in another type is another value.
    package func hasSameValue(as other: BSONElement) -> Bool {
        type == other.type && valueRange.count == other.valueRange.count
            && buffer.hasBytes(valueRange, as: other.buffer, other.valueRange)
    }

    package var value: BSONValue {
        switch type {
        case BSONType.double: .double(Double(bitPattern: integer(at: valueRange.lowerBound)))
        case BSONType.string: .string(text((valueRange.lowerBound + 4)..<(valueRange.upperBound - 1)))
        case BSONType.document: .document(BSONDocument(sharing: buffer, valueRange))
        case BSONType.array: .array(BSONDocument(sharing: buffer, valueRange))
        case BSONType.binary: .binary(Array(buffer[(valueRange.lowerBound + 5)...].prefix(valueRange.count - 5)))
        case BSONType.objectID: .objectID(Array(buffer[valueRange]))
        case BSONType.bool: .bool(buffer[valueRange.lowerBound] != 0)
        case BSONType.date: .date(integer(at: valueRange.lowerBound))
        case BSONType.null: .null
        case BSONType.int32: .int32(integer(at: valueRange.lowerBound))
        case BSONType.int64: .int64(integer(at: valueRange.lowerBound))
        case BSONType.timestamp: .timestamp(integer(at: valueRange.lowerBound))
        default: .other(type: type)
        }
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: buffer[range], as: UTF8.self) }

    private func integer<I: FixedWidthInteger>(at offset: Int) -> I { buffer.integer(at: offset) }
}

/// The elements of a document in order.
///
/// Ends early where the bytes are damaged.
package struct BSONElements: Sequence, Sendable {
    let document: BSONDocument

    package func makeIterator() -> Iterator { Iterator(document) }

    package struct Iterator: IteratorProtocol {
        private let buffer: [UInt8]
        private var position: Int
        /// Where the terminator stands.
        private let end: Int

        fileprivate init(_ document: BSONDocument) {
            buffer = document.buffer
            position = document.start + 4
            end = Swift.min(document.end, document.buffer.count) - 1
        }

        /// Every element was read: otherwise the bytes are damaged here.
        var isAtEnd: Bool { position == end }

        package mutating func next() -> BSONElement? {
            guard position < end, let keyEnd = endOfString(from: position + 1) else { return nil }
            let type = buffer[position]
            let valueStart = keyEnd + 1
            guard let length = length(of: type, at: valueStart), length <= end - valueStart else { return nil }
            defer { position = valueStart + length }
            return BSONElement(
                type: type,
                buffer: buffer,
                keyRange: (position + 1)..<keyEnd,
                valueRange: valueStart..<(valueStart + length)
            )
        }

        /// The index of the NUL that ends a C string.
        private func endOfString(from start: Int) -> Int? {
            buffer.withUnsafeBufferPointer { bytes in
                var index = start
                while index < end {
                    if bytes[index] == 0 { return index }
                    index += 1
                }
                return nil
            }
        }

        /// The size in bytes of a value, or `nil` if it cannot be one.
        private func length(of type: UInt8, at offset: Int) -> Int? {
            switch type {
            case BSONType.null, BSONType.undefined, BSONType.minKey, BSONType.maxKey: 0
            case BSONType.bool: 1
            case BSONType.int32: 4
            case BSONType.double, BSONType.date, BSONType.timestamp, BSONType.int64: 8
            case BSONType.objectID: BSONType.objectIDByteCount
            case BSONType.decimal128: 16
            case BSONType.document, BSONType.array: prefixedLength(at: offset, extra: 0, least: 5)
            case BSONType.codeWithScope: prefixedLength(at: offset, extra: 0, least: 14)
            case BSONType.string, BSONType.code, BSONType.symbol: prefixedLength(at: offset, extra: 4, least: 5)
            case BSONType.binary: prefixedLength(at: offset, extra: 5, least: 5)
            case BSONType.dbPointer:
                prefixedLength(at: offset, extra: 4 + BSONType.objectIDByteCount, least: 5 + BSONType.objectIDByteCount)
            case BSONType.regex:
                endOfString(from: offset).flatMap { endOfString(from: $0 + 1) }.map { $0 + 1 - offset }
            default: nil
            }
        }

        /// - Parameter extra: bytes that the length at `offset` does not count.
        private func prefixedLength(at offset: Int, extra: Int, least: Int) -> Int? {
            guard offset + 4 <= end else { return nil }
            let length: Int32 = buffer.integer(at: offset)
            return Int(length) + extra >= least ? Int(length) + extra : nil
        }
    }
}

extension [UInt8] {
    /// - Parameters:
    ///   - range: of this array.
    ///   - otherRange: of the other one, and as long.
    fileprivate func hasBytes(_ range: Range<Int>, as other: [UInt8], _ otherRange: Range<Int>) -> Bool {
        withUnsafeBytes { mine in
            other.withUnsafeBytes { theirs in
                UnsafeRawBufferPointer(rebasing: mine[range]).elementsEqual(
                    UnsafeRawBufferPointer(rebasing: theirs[otherRange])
                )
            }
        }
    }

    /// A little-endian integer; traps outside of the array.
    func integer<I: FixedWidthInteger>(at offset: Int) -> I {
        precondition(offset >= 0 && offset + MemoryLayout<I>.size <= count)
        return withUnsafeBytes { I(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: I.self)) }
    }
}
