/// Base64 with the alphabet for URLs and without padding.
///
/// Source: RFC 4648, section 5; RFC 7515, section 2.
package enum Base64URL {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    /// A bit that no digit's value has.
    private static let noDigit: UInt8 = 0x80
    private static let values = (UInt8.min...UInt8.max).map { byte in
        digits.firstIndex(of: byte).map { UInt8($0) } ?? noDigit
    }

    package static func encode(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: (bytes.count * 4 + 2) / 3) { text in
            var (bits, held, count): (UInt32, UInt32, Int) = (0, 0, 0)
            func write() {
                text[count] = digits[Int(bits >> held & 0x3f)]
                count += 1
            }
            for byte in bytes {
                (bits, held) = (bits << 8 | UInt32(byte), held + 8)
                while held >= 6 {
                    held -= 6
                    write()
                }
            }
            if held > 0 {
                (bits, held) = (bits << (6 - held), 0)
                write()
            }
            return count
        }
    }

    /// The bytes of a text that ``encode(_:)`` could have written; `nil` for any other, such as one with padding, white
    /// space, or bits set beyond the last byte, so that two texts never stand for the same bytes.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var (bits, held): (UInt32, UInt32) = (0, 0)
        for digit in text {
            let value = values[Int(digit)]
            guard value & noDigit == 0 else { return nil }
            (bits, held) = (bits << 6 | UInt32(value), held + 6)
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> held))
            }
        }
        return bits & (1 << held - 1) == 0 ? bytes : nil
    }

    /// The same for a string.
    package static func decode(_ text: String) -> [UInt8]? { decode(text.utf8) }
}
