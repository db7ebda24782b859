/// Text put together from known parts, without an encoder's or a formatter's cost.
struct ByteText {
    var bytes: [UInt8]

    init(capacity: Int) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    mutating func add(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Has a label so that literals, which could be either, are taken as static text: no `String` is made of them.
    mutating func add(string text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func add(_ part: [UInt8]) { bytes.append(contentsOf: part) }

    /// In decimal, with zeros in front up to `digits`.
    mutating func add(_ number: Int, digits: Int = 1) {
        var (width, limit) = (1, 10)
        while number >= limit || width < digits { (width, limit) = (width + 1, limit * 10) }
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: width))
        var rest = number
        for index in (start..<start + width).reversed() {
            bytes[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    /// Lower-case hexadecimal digits, from the highest.
    mutating func add(hex number: UInt64, digits: Int) {
        for position in (0..<digits).reversed() {
            let digit = UInt8(truncatingIfNeeded: number >> UInt64(position * 4)) & 0x0F
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    /// RFC 3339 in UTC with `digits` of the fraction, cut off.
    mutating func add(nanoseconds: Int64, digits: Int) {
        let (seconds, fraction) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let (days, second) = Int(seconds).quotientAndRemainder(dividingBy: 86_400)
        let (year, month, day) = Self.civil(days)
        add(year, digits: 4)
        add("-")
        add(month, digits: 2)
        add("-")
        add(day, digits: 2)
        add("T")
        add(second / 3_600, digits: 2)
        add(":")
        add(second / 60 % 60, digits: 2)
        add(":")
        add(second % 60, digits: 2)
        add(".")
        add(Int(fraction), digits: 9)
        bytes.removeLast(9 - digits)
        add("Z")
    }

    /// The date of a day counted from 1970-01-01.
    ///
    /// Source: Howard Hinnant, “chrono-Compatible Low-Level Date Algorithms”.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468  // from 0000-03-01, so that a leap day ends its year
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * march + 2) / 5 + 1)
    }
}
