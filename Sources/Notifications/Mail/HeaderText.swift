import Crypto

/// Text as a header may hold it: US-ASCII as it is, anything else as encoded words on lines of their own.
///
/// Source: RFC 2047 (encoded words), RFC 5322, section 2.2.3 (folding).
enum HeaderText {
    /// Longest line, without its end.
    private static let lineBytes = 76
    /// Bytes of text in an encoded word: 12 of its 75 characters are `=?UTF-8?B?` and `?=`, and four stand for three bytes.
    private static let wordBytes = 45
    /// Of the first one, which stands behind the header's name.
    private static let firstWordBytes = 39

    /// CR, LF and NUL, of which no header value may hold one.
    static func endsLine(_ byte: UInt8) -> Bool { byte == 0x0D || byte == 0x0A || byte == 0 }

    /// The value of a header of free text, such as the subject, on one line or folded.
    ///
    /// - Parameter nameBytes: of what stands before it on the first line.
    static func unstructured(_ text: String, after nameBytes: Int) -> String {
        isPlain(text) && nameBytes + text.utf8.count <= lineBytes ? text : encoded(text)
    }

    /// The name before an address: words, a quoted string or encoded words.
    static func phrase(_ text: String) -> String {
        guard isPlain(text), text.utf8.count <= 60 else { return encoded(text) }
        if text.utf8.allSatisfy({ MailAddress.isAtomByte($0) || $0 == 0x20 }) { return text }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// Printable US-ASCII that comes back as it was: no text taken for an encoded word, no space lost to folding.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.contains("=?") && !text.contains("  ")
            && !text.hasPrefix(" ") && !text.hasSuffix(" ")
    }

    /// Encoded words, one a line, none of which splits a character.
    private static func encoded(_ text: String) -> String {
        var words: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            let most = words.count == 1 ? firstWordBytes : wordBytes
            if (words.last?.count ?? 0) + bytes.count > most { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?UTF-8?B?\(Base64.encode($0))?=" }.joined(separator: "\r\n ")
    }
}
