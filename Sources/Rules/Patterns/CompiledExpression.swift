import CRE2
import Limits

/// One expression as RE2 compiled it.
///
/// `@unchecked Sendable`: RE2's header promises that an `RE2` object is safe for concurrent use by multiple threads, and
/// nothing here changes after `init`. Source: https://github.com/google/re2/blob/2022-06-01/re2/re2.h, class `RE2`.
final class CompiledExpression: @unchecked Sendable {
    private let handle: OpaquePointer
    /// Whether a text can keep a good part of the program busy at once: see ``Limits/Rules/countedProgram``.
    let isCounted: Bool

    /// - Parameter memory: what its program and its searches may keep, in bytes; a program that needs more gets
    ///   ``largestMemory``.
    init(_ expression: RuleExpression, index: Int, memory: Int64, limits: Limits.Rules) throws(ExpressionFault) {
        let bytes = Array(expression.pattern.utf8)
        guard bytes.count <= limits.expressionBytes else {
            let message =
                "\(bytes.count) bytes long, and \(limits.expressionBytes) are allowed; split it, or use a list of terms"
            throw ExpressionFault(index: index, offset: limits.expressionBytes, message: message)
        }
        var (status, fault) = (CRE2_OK, cre2_range())
        var handle = Self.compile(bytes, expression.ignoresCase, memory, &status, &fault)
        if handle == nil, status == CRE2_TOO_LARGE, memory < Self.largestMemory {
            handle = Self.compile(bytes, expression.ignoresCase, Self.largestMemory, &status, &fault)
        }
        guard let handle else { throw ExpressionFault(status, at: fault, in: bytes, index: index) }
        self.handle = handle
        isCounted = cre2_program_size(handle) > limits.countedProgramFrom && Self.isCounted(bytes)
        if programSize > limits.expressionProgram { throw .tooLarge(index: index) }
        if matchesNothing { throw .matchesNothing(index: index) }
    }

    deinit { cre2_destroy(handle) }

    /// In instructions.
    var programSize: Int { cre2_program_size(handle) }

    /// Enough for a program somewhat above ``Limits/Rules/expressionProgram``, in bytes: RE2 takes 96 for an instruction.
    private static let largestMemory: Int64 = 1_048_576

    func firstMatch(in text: Span<UInt8>, from start: Int) -> Range<Int>? {
        precondition(start >= 0 && start <= text.count, "a search from outside the text")
        var match = cre2_range()
        let outcome = text.withUnsafeBufferPointer {
            cre2_find(handle, $0.baseAddress, $0.count, cre2_range(start: start, end: $0.count), &match)
        }
        return outcome == CRE2_FOUND ? match.start..<match.end : nil
    }

    func occurs(in text: UnsafeBufferPointer<UInt8>) -> Bool {
        cre2_find(handle, text.baseAddress, text.count, cre2_range(start: 0, end: text.count), nil) == CRE2_FOUND
    }

    /// Whether it matches between any two characters, or at an end: what RE2 asks there is only whether a text or line
    /// begins or ends, and whether a word does.
    private var matchesNothing: Bool {
        let sides = ["", "\n", "a", " "]
        return sides.contains { before in
            sides.contains { after in
                let text = Array((before + after).utf8)
                return cre2_matches_nothing(handle, text, text.count, before.utf8.count)
            }
        }
    }

    /// Taken roughly, and rather too often: an escaped `{` counts as well.
    private static func isCounted(_ pattern: [UInt8]) -> Bool {
        var wildcards = 0
        for (index, byte) in pattern.enumerated() {
            let next = index + 1 < pattern.count ? pattern[index + 1] : 0
            switch byte {
            case UInt8(ascii: "{") where (0x30...0x39).contains(next): return true
            case UInt8(ascii: "."), UInt8(ascii: "["): wildcards += 1
            case UInt8(ascii: "\\") where "wWdDsSpPC".utf8.contains(next): wildcards += 1
            default: break
            }
        }
        return wildcards > 10
    }

    private static func compile(
        _ pattern: [UInt8],
        _ ignoresCase: Bool,
        _ memory: Int64,
        _ status: inout cre2_status,
        _ fault: inout cre2_range
    ) -> OpaquePointer? { cre2_compile(pattern, pattern.count, ignoresCase, memory, &status, &fault) }
}

extension ExpressionFault {
    fileprivate init(_ status: cre2_status, at place: cre2_range, in pattern: [UInt8], index: Int) {
        // For a parenthesis RE2 names the whole pattern.
        let isNamed =
            place.end > place.start && place.end - place.start <= Self.longestPart
            && status != CRE2_MISSING_PARENTHESIS && status != CRE2_UNEXPECTED_PARENTHESIS
        let part = isNamed ? String(decoding: pattern[place.start..<place.end], as: UTF8.self) : ""
        let message = Self.message(
            status,
            isNamed ? "\(part): " : "",
            isClass: part.hasPrefix("\\") || part.hasPrefix("[:")
        )
        self.init(index: index, offset: isNamed ? place.start : nil, message: message)
    }

    /// What a message repeats of a pattern, in bytes.
    private static let longestPart = 60

    /// - Parameters:
    ///   - part: what RE2 names, with a colon; or nothing.
    ///   - isClass: whether it names a class of characters: RE2 has one error for these and for ranges.
    private static func message(_ status: cre2_status, _ part: String, isClass: Bool) -> String {
        switch status {
        case CRE2_ESCAPE:
            "\(part)no such escape; references back (\\1) do not exist, and a sign itself is \\ and the sign"
        case CRE2_CLASS,
            CRE2_CLASS_RANGE where isClass:
            "\(part)no such class of characters; \\pL is a letter, \\pN a digit, \\p{Greek} a script"
        case CRE2_CLASS_RANGE: "\(part)a range that ends before it begins; turn it round, or put - last"
        case CRE2_MISSING_BRACKET: "\(part)a [ without its ]; close it, or write \\[ for the sign itself"
        case CRE2_MISSING_PARENTHESIS: "\(part)a ( without its ); close it, or write \\( for the sign itself"
        case CRE2_UNEXPECTED_PARENTHESIS: "\(part)a ) without its (; remove it, or write \\) for the sign itself"
        case CRE2_TRAILING_BACKSLASH: "ends with a single \\; write \\\\ for the sign itself"
        case CRE2_REPEATS_NOTHING:
            "\(part)nothing stands before it that could repeat; write \\ in front for the sign itself"
        case CRE2_REPEAT_COUNT:
            "\(part)repeats too often, or less often than at least; all counts within one another make 1000 at most"
        case CRE2_REPEATS_REPEAT: "\(part)repeats a repetition; keep one of the two, or put the inner one into (…)"
        case CRE2_GROUP_OPTION: "\(part)no such group; looking ahead or behind does not exist, (?:…) and (?i) do"
        case CRE2_UTF8: "not valid UTF-8; save the file as UTF-8"
        case CRE2_GROUP_NAME: "\(part)not a name for a group; write (?P<name>…) with letters and digits, each name once"
        case CRE2_TOO_LARGE: tooLargeMessage
        case CRE2_MEMORY: "no memory left to compile it; free some and load the rules again"
        default: "RE2 failed to compile it; write it differently"
        }
    }

    fileprivate static func tooLarge(index: Int) -> Self { Self(index: index, offset: nil, message: tooLargeMessage) }

    fileprivate static func matchesNothing(index: Int) -> Self {
        Self(
            index: index,
            offset: nil,
            message: "matches where there is nothing, thus every text; demand at least one character"
        )
    }

    private static let tooLargeMessage =
        "too large once its counts are written out; lower the counts in {…}, or write + or * instead"
}
