/// Numbers in as few bytes as they need: seven bits a byte, the least first (LEB128); signed ones by turns (zigzag).
package enum NumberBytes {
    package static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    package static func append(signed value: Int64, to bytes: inout [UInt8]) {
        append(UInt64(bitPattern: (value << 1) ^ (value >> 63)), to: &bytes)
    }

    /// The one that begins there; `nil` at the end, or where it is cut off or too long.
    @inline(__always)
    package static func number(_ bytes: [UInt8], _ position: inout Int) -> UInt64? {
        guard position < bytes.count else { return nil }
        let byte = bytes[position]
        // Most take one byte.
        guard byte < 0x80 else { return longNumber(bytes, &position) }
        position += 1
        return UInt64(byte)
    }

    @inline(__always)
    package static func signed(_ bytes: [UInt8], _ position: inout Int) -> Int64? {
        number(bytes, &position).map(signed)
    }

    @inline(__always)
    package static func signed(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    private static func longNumber(_ bytes: [UInt8], _ position: inout Int) -> UInt64? {
        var (value, shift) = (UInt64(0), UInt64(0))
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
