import Chat
import Limits
import Spelling

/// Names, durations and numbers as rule files write them.
enum RuleName {
    /// a–z, 0–9 and `letters`.
    static func isName(_ text: String, with letters: String = "-") -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || letters.utf8.contains(byte)
            }
    }

    /// Seconds of `30s`, `2m`, `1h`, `7d` or `3w`; `nil` for anything else, and for none.
    static func seconds(_ text: String) -> Int64? {
        let digits = text.utf8.dropLast()
        guard let unit = text.utf8.last, let each = units[unit], let first = digits.first, first != UInt8(ascii: "0"),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let count = Int64(text.dropLast())
        else { return nil }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: each)
        return overflow ? nil : seconds
    }

    /// How `3 days`, `10min` or `3D` are written here; years and months in weeks and days.
    static func meantDuration(_ text: String) -> String? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        let unit = text.dropFirst(digits.count).lowercased().filter { $0 != " " && $0 != "." }
        guard let count = Int64(digits), (1...1_000_000).contains(count),
            let (each, letter) = unitWords[unit] ?? unitWords[String(unit.dropLast(unit.hasSuffix("s") ? 1 : 0))]
        else { return nil }
        return "\(count * each)\(letter)"
    }

    /// Words for units, and how many of which unit each is.
    private static let unitWords: [String: (Int64, String)] = [
        "s": (1, "s"), "sec": (1, "s"), "second": (1, "s"), "m": (1, "m"), "min": (1, "m"), "minute": (1, "m"),
        "h": (1, "h"), "hr": (1, "h"), "hour": (1, "h"), "d": (1, "d"), "day": (1, "d"), "w": (1, "w"), "wk": (1, "w"),
        "week": (1, "w"), "month": (30, "d"), "mo": (30, "d"), "y": (52, "w"), "yr": (52, "w"), "year": (52, "w"),
    ]

    private static let units: [UInt8: Int64] = [
        UInt8(ascii: "s"): 1, UInt8(ascii: "m"): 60, UInt8(ascii: "h"): 3_600, UInt8(ascii: "d"): 86_400,
        UInt8(ascii: "w"): 604_800,
    ]

    /// Minutes since midnight of `09:00`; `24:00` is allowed.
    static func minutes(_ text: Substring) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return nil }
        let digits = [0, 1, 3, 4].map { Int(bytes[$0]) - 48 }
        guard digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
        let (hours, minutes) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3])
        guard minutes < 60, hours < 24 || (hours == 24 && minutes == 0) else { return nil }
        return hours * 60 + minutes
    }

    /// YAML 1.1's other words for true and false, which are text here.
    static let truth = ["yes": true, "no": false, "on": true, "off": false, "y": true, "n": false]

    /// Neither a plus nor zeros in front, which phone numbers and postal codes have, nor more digits than are kept.
    static func isPlainNumber(_ text: String) -> Bool {
        var digits = Substring(text)
        if digits.first == "-" { digits = digits.dropFirst() }
        guard let first = digits.first, first != "+", digits.last != "." else { return false }
        let whole = digits.prefix { $0.isASCII && $0.isNumber }
        return !whole.isEmpty && (whole.count == 1 || first != "0") && whole.count <= 15
    }

    /// Names joined by dots, as a link has them.
    static func isDomain(_ text: String) -> Bool {
        let names = text.split(separator: ".", omittingEmptySubsequences: false)
        return names.count > 1
            && names.allSatisfy { name in
                !name.isEmpty
                    && name.unicodeScalars.allSatisfy { scalar in
                        scalar == "-" || scalar.properties.isAlphabetic || scalar.properties.isGraphemeExtend
                            || scalar.properties.numericType == .decimal
                    }
            }
    }

    /// What is wrong with control characters: escapes in double quotes make them of what was meant for an expression.
    static func controlFault(_ text: String, except allowed: Set<Unicode.Scalar> = []) -> String? {
        let control = text.unicodeScalars.first { $0.properties.generalCategory == .control && !allowed.contains($0) }
        guard let control else { return nil }
        let escapes: [Unicode.Scalar: String] = ["\u{8}": "\\b", "\u{7}": "\\a", "\t": "\\t", "\n": "\\n", "\r": "\\r"]
        let made = escapes[control].map { ", which double quotes make of \($0)" } ?? ""
        return
            "it holds the control character \(Wording.named(control))\(made); write it on one line between single quotes"
    }

    static func termFault(_ term: String, _ reading: borrowing Reading) -> String? {
        let most = reading.limits.termBytes
        if term.utf8.count > most { return "the term has \(term.utf8.count) bytes; at most \(most) are allowed" }
        guard reading.checks.foldsToNothing(term) else { return nil }
        return "nothing of the term \(Wording.quoted(term)) is left to look for; write letters, digits or signs"
    }

    /// Also where only the place is named, or a blank stands for `_`.
    static func nearestZone(to text: String) -> String? {
        let name = text.replacing(" ", with: "_")
        let place = name.split(separator: "/").last.map { $0.lowercased() } ?? ""
        let names = Zone.names
        return names.first { $0.lowercased() == name.lowercased() }
            ?? Suggestion.nearest(to: name, among: names)
            ?? names.first { !place.isEmpty && $0.lowercased().hasSuffix("/\(place)") }
    }
}
