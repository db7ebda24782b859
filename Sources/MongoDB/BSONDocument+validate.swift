import CMongoC

extension BSONDocument {
    /// Whether the bytes are one whole document, from its length to its terminator, strings' UTF-8 included.
    ///
    /// Types that this module does not read are left to ``isIntactForLibBSON``.
    var isIntact: Bool { isIntact(levelsLeft: ServerLimits.nestingLevels) }

    /// Not enough by itself: `bson_validate` (1.23.1) takes invalid UTF-8 for the end of its work and finds no fault.
    var isIntactForLibBSON: Bool {
        let flags = bson_validate_flags_t(BSON_VALIDATE_UTF8.rawValue | BSON_VALIDATE_UTF8_ALLOW_NULL.rawValue)
        return withHandle { bson_validate($0, flags, nil) } ?? false
    }

    private func isIntact(levelsLeft: Int) -> Bool {
        guard levelsLeft > 0, byteCount >= Self.emptyBytes.count, end <= buffer.count else { return false }
        let length: Int32 = buffer.integer(at: start)
        guard Int(length) == byteCount, buffer[end - 1] == 0 else { return false }

        var iterator = elements.makeIterator()
        while let element = iterator.next() {
            guard element.hasIntactKey, element.hasIntactScalar else { return false }
            switch element.value {
            case .document(let nested), .array(let nested):
                guard nested.isIntact(levelsLeft: levelsLeft - 1) else { return false }
            default: continue
            }
        }
        return iterator.isAtEnd
    }
}

extension BSONElement {
    fileprivate var hasIntactKey: Bool { isUTF8(keyRange) }

    /// Checks what the length of a value does not say.
    fileprivate var hasIntactScalar: Bool {
        switch type {
        case BSONType.string:
            buffer[valueRange.upperBound - 1] == 0 && isUTF8((valueRange.lowerBound + 4)..<(valueRange.upperBound - 1))
        case BSONType.bool: buffer[valueRange.lowerBound] <= 1
        default: true
        }
    }

    private func isUTF8(_ range: Range<Int>) -> Bool { String(validating: buffer[range], as: UTF8.self) != nil }
}
