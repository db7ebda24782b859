/// Text in US-ASCII lines of at most 76 characters that passes through every mail server unchanged.
///
/// Source: RFC 2045, section 6.7.
enum QuotedPrintable {
    private static let lineBytes = 76
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Each line end (CR LF, LF or CR) becomes CR LF; nothing else is changed once decoded.
    static func encode(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count + text.utf8.count / 8)
        for (index, line) in lines(of: Array(text.utf8)).enumerated() {
            if index > 0 { result += [0x0D, 0x0A] }
            append(line, to: &result)
        }
        return result
    }

    private static func append(_ line: ArraySlice<UInt8>, to result: inout [UInt8]) {
        var column = 0
        for (index, byte) in zip(line.indices, line) {
            let isLast = index == line.endIndex - 1
            let unit = encoded(byte, isLast: isLast)
            // What is not the line's last must leave a place for the `=` of a soft break.
            if column + unit.count > (isLast ? lineBytes : lineBytes - 1) {
                result += [UInt8(ascii: "="), 0x0D, 0x0A]
                column = 0
            }
            result += unit
            column += unit.count
        }
    }

    /// White space at the end of a line is encoded, because servers may cut it off.
    private static func encoded(_ byte: UInt8, isLast: Bool) -> [UInt8] {
        switch byte {
        case UInt8(ascii: "="): break
        case 0x21...0x7E: return [byte]
        case 0x20 where !isLast, 0x09 where !isLast: return [byte]
        default: break
        }
        return [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    private static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var (start, index) = (0, 0)
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            guard byte == 0x0D || byte == 0x0A else { continue }
            lines.append(bytes[start..<index - 1])
            if byte == 0x0D, index < bytes.count, bytes[index] == 0x0A { index += 1 }
            start = index
        }
        return lines + [bytes[start...]]
    }
}
