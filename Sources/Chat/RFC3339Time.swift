/// A well-formed RFC 3339 time, also one that a ``Timestamp`` cannot hold.
struct RFC3339Time {
    let secondsSince1970: Int64
    let fraction: Int64

    init?(_ text: Span<UInt8>) {
        var cursor = Cursor()
        guard let year = cursor.number(in: text, digits: 4), cursor.skip("-", in: text),
            let month = cursor.number(in: text, digits: 2), cursor.skip("-", in: text),
            let day = cursor.number(in: text, digits: 2),
            cursor.skip("T", in: text) || cursor.skip("t", in: text) || cursor.skip(" ", in: text),
            let hour = cursor.number(in: text, digits: 2), cursor.skip(":", in: text),
            let minute = cursor.number(in: text, digits: 2), cursor.skip(":", in: text),
            let second = cursor.number(in: text, digits: 2),
            let fraction = cursor.fraction(in: text), let offset = cursor.offset(in: text), cursor.index == text.count,
            let date = CivilDate(year: year, month: month, day: day),
            hour < 24, minute < 60, second < 60 || (second == 60 && minute == 59)
        else { return nil }
        secondsSince1970 = date.daysSince1970 * 86_400 + hour * 3_600 + minute * 60 + second - offset
        self.fraction = second == 60 ? 0 : fraction
    }

    /// `nil` when 64 bits cannot hold it.
    var nanoseconds: Int64? {
        // Before 1970 the whole part lies further from zero than the sum: one second is moved to the fraction's side.
        let borrowed: Int64 = secondsSince1970 < 0 ? 1 : 0
        let (whole, overflow) = (secondsSince1970 + borrowed).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carried) = whole.addingReportingOverflow(fraction - borrowed * 1_000_000_000)
        return overflow || carried ? nil : sum
    }

    /// Go's zero time, `0001-01-01T00:00:00Z`: the provider's way to say "never".
    var isZero: Bool { secondsSince1970 == -62_135_596_800 && fraction == 0 }
}

/// How far a text has been read.
private struct Cursor {
    var index = 0

    mutating func number(in text: Span<UInt8>, digits: Int) -> Int64? {
        guard index + digits <= text.count else { return nil }
        var result: Int64 = 0
        for place in index..<index + digits {
            guard let digit = Self.digit(text[place]) else { return nil }
            result = result * 10 + digit
        }
        index += digits
        return result
    }

    mutating func skip(_ scalar: Unicode.Scalar, in text: Span<UInt8>) -> Bool {
        guard index < text.count, text[index] == UInt8(ascii: scalar) else { return false }
        index += 1
        return true
    }

    /// In nanoseconds: 0 when there is no point, `nil` when no digit follows it; what is smaller is cut off.
    mutating func fraction(in text: Span<UInt8>) -> Int64? {
        guard skip(".", in: text) else { return 0 }
        var (result, place): (Int64, Int64) = (0, 100_000_000)
        let start = index
        while index < text.count, let digit = Self.digit(text[index]) {
            result += digit * place
            place /= 10
            index += 1
        }
        return index > start ? result : nil
    }

    /// In seconds east of UTC.
    mutating func offset(in text: Span<UInt8>) -> Int64? {
        if skip("Z", in: text) || skip("z", in: text) { return 0 }
        let isEast = skip("+", in: text)
        guard isEast || skip("-", in: text),
            let hours = number(in: text, digits: 2), skip(":", in: text), let minutes = number(in: text, digits: 2),
            hours < 24, minutes < 60
        else { return nil }
        return (isEast ? 1 : -1) * (hours * 3_600 + minutes * 60)
    }

    private static func digit(_ byte: UInt8) -> Int64? {
        let digit = byte &- UInt8(ascii: "0")
        return digit < 10 ? Int64(digit) : nil
    }
}
