/// The last line of a mail server's reply, without its text.
package struct SMTPReply: Sendable, Hashable, CustomStringConvertible {
    /// Source: RFC 5321, section 4.2.
    package let code: Int
    /// The enhanced status code, three numbers with points between them.
    ///
    /// Source: RFC 3463.
    package let status: String?

    package init(code: Int, status: String? = nil) { (self.code, self.status) = (code, status) }

    /// `550 5.1.1`.
    package var description: String { status.map { "\(code) \($0)" } ?? "\(code)" }

    /// - Parameter line: as received; `nil` for anything else, and for a line that another one follows.
    init?(line: String) {
        let digits = line.prefix(3)
        guard digits.utf8.count == 3, let code = Int(digits), (200..<600).contains(code),
            line.dropFirst(3).first != "-"
        else { return nil }
        self.init(code: code, status: Self.status(in: line.dropFirst(4)))
    }

    private static func status(in text: Substring) -> String? {
        let word = text.prefix { !$0.isWhitespace }
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        let areNumbers = parts.allSatisfy { part in
            (1...3).contains(part.utf8.count) && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
        return parts.count == 3 && areNumbers && ["2", "4", "5"].contains(parts[0]) ? String(word) : nil
    }

    var isTemporary: Bool { (400..<500).contains(code) }
    var isPermanent: Bool { code >= 500 }

    /// Authentication is required, too weak, refused or must be encrypted first.
    ///
    /// Source: RFC 4954, section 6.
    var refusesAuthentication: Bool { [530, 534, 535, 538].contains(code) }
}
