import CMongoC

/// Types that this service never writes, and reads in data that are not its own.
extension BSONElement {
    /// A decimal number as text, such as `12.50` or `1E+3`; `nil` for another type.
    package var decimal: String? {
        guard type == BSONType.decimal128 else { return nil }
        var value = bson_decimal128_t()
        value.low = buffer.integer(at: valueRange.lowerBound)
        value.high = buffer.integer(at: valueRange.lowerBound + 8)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(BSON_DECIMAL128_STRING)) { text in
            guard let address = text.baseAddress else { return nil }
            bson_decimal128_to_string(&value, address)
            return String(cString: address)
        }
    }

    /// The sixteen bytes of a UUID (RFC 4122); `nil` for another type.
    package var uuid: [UInt8]? {
        guard type == BSONType.binary, buffer[valueRange.lowerBound + 4] == BSONType.uuid else { return nil }
        let bytes = Array(buffer[(valueRange.lowerBound + 5)..<valueRange.upperBound])
        return bytes.count == 16 ? bytes : nil
    }
}
