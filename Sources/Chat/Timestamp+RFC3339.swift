/// Times as text. Source: RFC 3339; the calendar is the proleptic Gregorian one.
extension Timestamp {
    /// Reads any fraction (beyond nanoseconds cut off) and any offset; a leap second is the start of the next minute.
    ///
    /// `nil` for what is not a time, and for one outside 1677-09-21 to 2262-04-11, which 64 bits of nanoseconds hold.
    package init?(rfc3339 text: String) {
        var text = text
        guard let time = text.withUTF8({ RFC3339Time($0.span) }), let nanoseconds = time.nanoseconds else { return nil }
        self.init(nanoseconds: nanoseconds)
    }

    /// In UTC with `Z`: milliseconds where they are exact, else as many digits as there are, at most nine.
    package var rfc3339: String {
        let (days, time) = Self.floorDivide(nanoseconds, by: 86_400_000_000_000)
        let date = CivilDate(daysSince1970: days)
        let (seconds, fraction) = time.quotientAndRemainder(dividingBy: 1_000_000_000)

        var (digits, value) = (9, fraction)
        while digits > 3, value % 10 == 0 { (digits, value) = (digits - 1, value / 10) }

        return String(unsafeUninitializedCapacity: 32) { buffer in
            var count = 0
            func append(_ number: Int64, digits: Int) {
                var rest = number
                for place in (count..<count + digits).reversed() {
                    buffer[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
                count += digits
            }
            func append(_ separator: Unicode.Scalar) {
                buffer[count] = UInt8(ascii: separator)
                count += 1
            }
            append(date.year, digits: 4)
            append("-")
            append(date.month, digits: 2)
            append("-")
            append(date.day, digits: 2)
            append("T")
            append(seconds / 3_600, digits: 2)
            append(":")
            append(seconds / 60 % 60, digits: 2)
            append(":")
            append(seconds % 60, digits: 2)
            append(".")
            append(value, digits: digits)
            append("Z")
            return count
        }
    }

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
