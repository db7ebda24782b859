/// The ways in which programs write the same JSON differently: byte by byte, so that it also works on what is not JSON.
enum JSONSpelling {
    /// Other spellings of `body`, one of which may be what was signed before something on the way wrote it anew.
    static func variants(of body: [UInt8]) -> [[UInt8]] {
        let trimmed = trimming(body)
        let layouts = [body, trimmed, trimmed + [UInt8(ascii: "\n")], compact(trimmed)]
        return layouts
            + layouts.flatMap { layout in
                // Go's encoder escapes < > and & in strings, PHP's also the slash; most others do not.
                [
                    escapingHTML(layout), unescapingHTML(layout), unescapingSlashes(layout),
                    unescapingSlashes(unescapingHTML(layout)),
                ]
            }
    }

    /// Whether the text stops inside an object, an array or a string.
    static func endsEarly(_ body: [UInt8]) -> Bool {
        var depth = 0
        var state = StringState()
        for byte in body {
            guard !state.includes(byte) else { continue }
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
        }
        return depth > 0
    }

    private static func trimming(_ body: [UInt8]) -> [UInt8] {
        let isKept = { (byte: UInt8) in !isSpace(byte) }
        guard let first = body.firstIndex(where: isKept), let last = body.lastIndex(where: isKept) else { return [] }
        return Array(body[first...last])
    }

    private static func compact(_ body: [UInt8]) -> [UInt8] {
        var state = StringState()
        return body.filter { state.includes($0) || !isSpace($0) }
    }

    private static func escapingHTML(_ body: [UInt8]) -> [UInt8] {
        body.flatMap { byte in
            switch byte {
            case UInt8(ascii: "<"): Array(#"\u003c"#.utf8)
            case UInt8(ascii: ">"): Array(#"\u003e"#.utf8)
            case UInt8(ascii: "&"): Array(#"\u0026"#.utf8)
            default: [byte]
            }
        }
    }

    private static func unescapingHTML(_ body: [UInt8]) -> [UInt8] {
        replacing(in: body, [(#"\u003c"#, "<"), (#"\u003e"#, ">"), (#"\u0026"#, "&")])
    }

    private static func unescapingSlashes(_ body: [UInt8]) -> [UInt8] { replacing(in: body, [(#"\/"#, "/")]) }

    private static func replacing(in body: [UInt8], _ pairs: [(String, Unicode.Scalar)]) -> [UInt8] {
        let pairs = pairs.map { (escape: Array($0.utf8), plain: UInt8(ascii: $1)) }
        var result: [UInt8] = []
        result.reserveCapacity(body.count)
        var rest = body[...]
        while let byte = rest.first {
            if byte != UInt8(ascii: "\\") {
                result.append(byte)
                rest = rest.dropFirst()
            } else if let pair = pairs.first(where: { rest.starts(with: $0.escape) }) {
                result.append(pair.plain)
                rest = rest.dropFirst(pair.escape.count)
            } else {
                // Any other escape whole, so that the second character of \\ is not taken for the start of one.
                result.append(contentsOf: rest.prefix(2))
                rest = rest.dropFirst(2)
            }
        }
        return result
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 }
}

/// Follows where strings begin and end.
private struct StringState {
    private var isInString = false
    private var isEscaped = false

    /// Whether `byte`, the next one, belongs to a string, its quotes included.
    mutating func includes(_ byte: UInt8) -> Bool {
        guard isInString else {
            isInString = byte == UInt8(ascii: "\"")
            return isInString
        }
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            isInString = false
        }
        return true
    }
}
