/// A host as a link names it: lower case, percent signs and punycode decoded, without a dot at the end.
enum HostName {
    /// - Parameter written: the host's part of the text as it was written, valid UTF-8.
    static func value(_ written: UnsafeBufferPointer<UInt8>) -> String {
        var bytes: [UInt8]
        if written.allSatisfy({ $0 < 128 && $0 != UInt8(ascii: "&") && $0 != UInt8(ascii: "%") }) {
            bytes = written.map(ASCIITable.lower)
        } else {
            let decoded = percentDecoded(NormalisedText.normalised(written, for: .plain).0)
            bytes = NormalisedText.lowered(String(decoding: decoded, as: UTF8.self))
        }
        while let last = bytes.last, last == UInt8(ascii: ".") { bytes.removeLast() }
        let host = String(decoding: bytes, as: UTF8.self)
        // Most hosts have no such label; looking for the text costs more than all the rest.
        guard bytes.contains(UInt8(ascii: "-")), host.contains("xn--") else { return host }
        return host.split(separator: ".", omittingEmptySubsequences: false).map { label in
            label.hasPrefix("xn--") ? Punycode.decoded(label.dropFirst(4)) ?? String(label) : String(label)
        }.joined(separator: ".")
    }

    private static func percentDecoded(_ bytes: [UInt8]) -> [UInt8] {
        var decoded: [UInt8] = []
        var place = 0
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "%"), place + 2 < bytes.count,
                let high = digit(bytes[place + 1]), let low = digit(bytes[place + 2])
            {
                decoded.append(high << 4 | low)
                place += 3
            } else {
                decoded.append(bytes[place])
                place += 1
            }
        }
        return decoded
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        if ASCIITable.isDigit(byte) { return byte - 48 }
        let letter = byte | 0x20
        return letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "f") ? letter - 87 : nil
    }
}

/// Decodes the ASCII form of labels with other letters.
///
/// Source: RFC 3492, sections 5 and 6.
enum Punycode {
    /// - Parameter label: without `xn--`, lower case.
    static func decoded(_ label: Substring) -> String? {
        let text = Array(label.utf8)
        guard text.count < 64 else { return nil }
        let basic = text.lastIndex(of: UInt8(ascii: "-")) ?? 0
        var output = text[..<basic].map { UInt32($0) }
        var (code, bias, index) = (128, 72, 0)
        var place = basic > 0 ? basic + 1 : 0
        while place < text.count {
            let start = index
            var (weight, k) = (1, 36)
            while true {
                guard place < text.count, let digit = digit(text[place]), weight < 1 << 26 else { return nil }
                place += 1
                index += digit * weight
                let threshold = min(max(k - bias, 1), 26)
                if digit < threshold { break }
                weight *= 36 - threshold
                k += 36
            }
            bias = adapted(index - start, count: output.count + 1, isFirst: start == 0)
            code += index / (output.count + 1)
            index %= output.count + 1
            guard code < 0x110000 else { return nil }
            output.insert(UInt32(code), at: index)
            index += 1
        }
        var decoded = String.UnicodeScalarView()
        for value in output {
            guard let scalar = Unicode.Scalar(value) else { return nil }
            decoded.append(scalar)
        }
        return String(decoded)
    }

    private static func digit(_ byte: UInt8) -> Int? {
        if ASCIITable.isLetter(byte) { return Int(byte | 0x20) - 97 }
        return ASCIITable.isDigit(byte) ? Int(byte) - 22 : nil
    }

    private static func adapted(_ delta: Int, count: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / 700 : delta / 2
        delta += delta / count
        var k = 0
        while delta > 455 {
            delta /= 35
            k += 36
        }
        return k + 36 * delta / (delta + 38)
    }
}
