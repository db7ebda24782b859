/// The bytes of a mail as they are written, line by line.
struct MailWriter {
    private(set) var bytes: [UInt8] = []

    mutating func header(_ name: String, _ value: String) { line("\(name): \(value)") }

    /// The last headers, and the text in one part.
    mutating func part(_ subtype: String, _ text: String) {
        header("Content-Type", "text/\(subtype); charset=utf-8")
        header("Content-Transfer-Encoding", "quoted-printable")
        line("")
        bytes += QuotedPrintable.encode(text)
        line("")
    }

    /// The last headers, and the same text in several forms, the plainest first.
    mutating func alternatives(_ parts: [(subtype: String, text: String)], boundary: String) {
        header("Content-Type", "multipart/alternative;\r\n boundary=\"\(boundary)\"")
        line("")
        for (subtype, text) in parts {
            line("--\(boundary)")
            part(subtype, text)
        }
        line("--\(boundary)--")
    }

    private mutating func line(_ text: String) {
        bytes += text.utf8
        bytes += [0x0D, 0x0A]
    }
}
