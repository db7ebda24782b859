extension ContactScanner {
    /// Digits as they are written: groups, and what is between them.
    private struct Number {
        var groups: [Int] = []
        var digits: [UInt8] = []
        var range = 0..<0
        /// The one sign between all groups; 0 where they differ or there is none.
        var separator: UInt8 = 0
        var hasSlash = false
        /// Dots and something else: decimals.
        var hasMixedDots = false
        var isInternational = false
        var next = 0
    }

    /// Fewest and most digits of a telephone number.
    ///
    /// Source of the most: ITU-T E.164.
    private static let phoneDigits = 7...15

    mutating func scanNumber(_ index: Int) {
        guard
            tokens.digitCount >= Self.phoneDigits.lowerBound
                || tokens.meanings.rawValue & ContactToken.Meaning.digitMask != 0
        else { return }
        guard tokens.tokens[index].start >= numbersSeen, let number = number(from: index) else { return }
        numbersSeen = number.range.upperBound
        if isPhone(number, index) { return addPhone(number) }
        scanSpelledNumber(index)
    }

    private mutating func addPhone(_ number: Number) {
        let digits = String(decoding: number.digits, as: UTF8.self)
        add(.phone, number.range, value: (number.isInternational ? "+" : "") + digits)
    }

    private func number(from index: Int) -> Number? {
        var number = Number()
        var next = index
        if isSign(index, UInt8(ascii: "+")) {
            number.isInternational = true
            next += 1
            if isSign(next, UInt8(ascii: "(")) { next += 1 }
        }
        guard let first = token(next), first.kind == .digits, first.start - tokens.tokens[index].start <= 3,
            !isWordByte(tokens.tokens[index].start - 1), !isSign(next - 1, UInt8(ascii: "#"))
        else { return nil }
        var start = tokens.tokens[index].start
        if byte(start - 1) == UInt8(ascii: "(") { start -= 1 }
        var end = start
        var (isMixed, hasDots) = (false, false)
        while let part = token(next), part.kind == .digits, number.digits.count <= 15 {
            if !number.groups.isEmpty {
                guard let separator = separator(end..<part.start), !isWordByte(part.end) else { break }
                if number.groups.count > 1, separator != number.separator { isMixed = true }
                number.separator = separator
                if separator == UInt8(ascii: "/") { number.hasSlash = true }
                if separator == UInt8(ascii: ".") { hasDots = true }
            }
            number.groups.append(part.end - part.start)
            number.digits += form.bytes[part.start..<min(part.end, part.start + 20)]
            end = part.end
            next += 1
            // A whole number by itself: what follows is another.
            if number.groups.last ?? 0 >= 10 { break }
            while let sign = token(next), sign.kind == .sign, isBetweenGroups(form.storage[sign.start]),
                sign.start - end < 3
            {
                next += 1
            }
        }
        if isMixed {
            number.hasMixedDots = hasDots
            number.separator = 0
        }
        number.range = start..<end
        number.next = next
        return number
    }

    private func isBetweenGroups(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "(")
            || byte == UInt8(ascii: ")")
    }

    /// The sign between two groups of a number; `nil` where they belong to two numbers.
    private func separator(_ gap: Range<Int>) -> UInt8? {
        guard (1...3).contains(gap.count) else { return nil }
        var separator: UInt8 = 0x20
        for place in gap where form.storage[place] != 0x20 {
            guard isBetweenGroups(form.storage[place]) else { return nil }
            separator = form.storage[place]
        }
        // ". " ends a sentence.
        return separator == UInt8(ascii: ".") && gap.count > 1 ? nil : separator
    }

    private func isPhone(_ number: Number, _ index: Int) -> Bool {
        let total = number.digits.count
        guard Self.phoneDigits.contains(total), !isOtherwiseMarked(number) else { return false }
        if number.isInternational { return total >= 8 }
        let isAsked = isPreceded(index, by: .phone)
        if !isAsked, isPreceded(index, by: .order, within: 3) { return false }
        if isDate(number) || isGrouped(number) && !isAsked { return false }
        if number.digits.starts(with: "00".utf8), total >= 11 { return true }
        return number.groups.count == 1 ? isPhone(total, number.digits, isAsked) : isPhone(number, isAsked)
    }

    /// A price, a share, a time, part of a word or of a longer number.
    private func isOtherwiseMarked(_ number: Number) -> Bool {
        let (before, after) = (byte(number.range.lowerBound - 1), byte(number.range.upperBound))
        // "08452810075over 18": a whole number is one, whatever is stuck to it.
        let isWhole = number.groups.count == 1 && number.digits.count >= 10 && number.digits[0] == UInt8(ascii: "0")
        if isWordByte(number.range.upperBound), !isWhole { return true }
        if "%:$=".utf8.contains(after) || "#$=&/,-_".utf8.contains(before) { return true }
        if before == UInt8(ascii: ":") {
            // "tel:", not 10:30.
            let label = number.range.lowerBound - 2
            return !isWordByte(label) || ASCIITable.isDigit(byte(label))
        }
        if after == UInt8(ascii: ",") || after == UInt8(ascii: "."),
            ASCIITable.isDigit(byte(number.range.upperBound + 1))
        {
            return true
        }
        if let sign = token(firstToken(from: number.range.lowerBound) - 1), isCurrency(sign) { return true }
        if let next = token(firstToken(from: number.range.upperBound)), next.start - number.range.upperBound <= 1 {
            return isCurrency(next) || next.meaning.contains(.currency)
        }
        return false
    }

    private func isPhone(_ total: Int, _ digits: [UInt8], _ isAsked: Bool) -> Bool {
        if isAsked || tokens.tokens.count == 1 && total >= 8 && !isDay(digits) { return true }
        switch total {
        case 10: return digits[0] == UInt8(ascii: "0") || digits[0] >= UInt8(ascii: "2")
        case 11: return digits[0] <= UInt8(ascii: "1")
        case 12, 13: return digits[0] == UInt8(ascii: "0") && digits[1] != UInt8(ascii: "0")
        default: return false
        }
    }

    /// A day such as 20251224.
    private func isDay(_ digits: [UInt8]) -> Bool {
        guard digits.count == 8, digits.starts(with: "19".utf8) || digits.starts(with: "20".utf8) else { return false }
        let month = Int(digits[4] - 48) * 10 + Int(digits[5] - 48)
        return (1...12).contains(month) && digits[6] <= UInt8(ascii: "3")
    }

    /// In several groups.
    private func isPhone(_ number: Number, _ isAsked: Bool) -> Bool {
        let (groups, total) = (number.groups, number.digits.count)
        if isYears(number) || isInternetAddress(number) || number.hasMixedDots { return false }
        if groups.allSatisfy({ $0 == 1 }) { return total >= 8 && !isCounting(number.digits) }
        if isAsked { return true }
        let isLeading = number.digits[0] == UInt8(ascii: "0")
        if number.hasSlash { return isLeading && groups.count == 2 && total >= 9 }
        if isLeading { return total >= 9 && groups[0] >= 2 }
        if groups == [3, 4] { return number.separator == UInt8(ascii: "-") }
        if groups == [3, 2, 3] { return true }
        guard total >= 10, groups.allSatisfy({ $0 <= 7 }), groups.prefix(3) != [4, 4, 4], groups.count <= 5 else {
            return false
        }
        return groups.contains { $0 >= 3 } && (groups.last ?? 0) >= 2
    }

    /// A day such as 24/12/2025, 2025-12-24 or 24.12.25.
    private func isDate(_ number: Number) -> Bool {
        guard number.groups.count >= 3, number.separator != 0 || number.groups.count > 3 else { return false }
        let groups = Array(number.groups.prefix(3))
        return groups[0] <= 2 && groups[1] <= 2 && (groups[2] == 4 || groups[2] == 2 && number.separator != 0x20)
            && number.groups.count == 3 && number.separator != 0x20
            || groups[0] == 4 && groups[1] <= 2 && groups[2] <= 2
                && (number.digits.starts(with: "19".utf8) || number.digits.starts(with: "20".utf8))
    }

    /// 1 000 000 or 1.000.000.
    private func isGrouped(_ number: Number) -> Bool {
        number.groups.count >= 2 && number.groups[0] <= 3 && number.groups.dropFirst().allSatisfy { $0 == 3 }
            && number.digits[0] != UInt8(ascii: "0")
            && (number.separator == 0x20 || number.separator == UInt8(ascii: "."))
    }

    private func isYears(_ number: Number) -> Bool {
        guard number.groups.allSatisfy({ $0 == 4 }) else { return false }
        return stride(from: 0, to: number.digits.count, by: 4).allSatisfy {
            let (first, second) = (number.digits[$0], number.digits[$0 + 1])
            return first == UInt8(ascii: "1") && second == UInt8(ascii: "9")
                || first == UInt8(ascii: "2") && second == UInt8(ascii: "0")
        }
    }

    private func isInternetAddress(_ number: Number) -> Bool {
        number.groups.count == 4 && number.separator == UInt8(ascii: ".") && number.groups.allSatisfy { $0 <= 3 }
    }

    /// 1 2 3 4 5 6 7 8, upwards or downwards.
    private func isCounting(_ digits: [UInt8]) -> Bool {
        let steps = zip(digits.dropFirst(), digits).map { Int($0) - Int($1) }
        return steps.allSatisfy { $0 == 1 || $0 == -9 } || steps.allSatisfy { $0 == -1 || $0 == 9 }
    }

    // MARK: Numbers in words

    /// `nine one two, double five …`, digits among them.
    mutating func scanSpelledNumber(_ index: Int) {
        guard tokens.tokens[index].start >= spelledSeen else { return }
        var (next, words, isRepeating) = (index, 0, 1)
        var digits: [UInt8] = []
        var (end, isInternational) = (tokens.tokens[index].start, false)
        if byte(end - 1) == UInt8(ascii: "+") { isInternational = true }
        while let part = token(next), digits.count <= Self.phoneDigits.upperBound {
            if part.kind == .sign {
                guard "-,.".utf8.contains(form.storage[part.start]), part.start - end <= 1 else { break }
                next += 1
                continue
            }
            guard part.start - end <= 2 || next == index else { break }
            if let digit = part.meaning.digit {
                digits += [UInt8](repeating: UInt8(48 + digit), count: isRepeating)
                (words, isRepeating) = (words + 1, 1)
            } else if part.kind == .digits, part.end - part.start <= 5 {
                digits += form.bytes[part.start..<part.end]
            } else if part.meaning.contains(.twice) || part.meaning.contains(.thrice) {
                isRepeating = part.meaning.contains(.twice) ? 2 : 3
            } else {
                break
            }
            end = part.end
            next += 1
        }
        spelledSeen = end
        guard words >= 3, Self.phoneDigits.contains(digits.count), !isCounting(digits) else { return }
        let sign = isInternational ? "+" : ""
        add(.phone, tokens.tokens[index].start..<end, value: sign + String(decoding: digits, as: UTF8.self))
    }
}
