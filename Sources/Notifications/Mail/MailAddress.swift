/// A mailbox: an address, and a name to show for it.
package struct MailAddress: Sendable, Hashable {
    /// `name@example.com`, in US-ASCII.
    package let address: String
    package let name: String?

    /// - Parameter part: what messages call it, such as the setting or header it comes from.
    /// - Throws: ``MailError``; quoted local parts and addresses in brackets, which hardly anyone has, are refused.
    package init(_ address: String, name: String? = nil, part: String = "the address") throws(MailError) {
        guard !address.utf8.contains(where: HeaderText.endsLine) else { throw .lineEnd(in: part) }
        guard address.utf8.allSatisfy({ $0 < 0x80 }) else { throw .notASCII(part) }
        guard Self.isMailbox(address) else { throw .invalidAddress(part) }
        if let name, name.utf8.contains(where: HeaderText.endsLine) { throw .lineEnd(in: "the name of \(part)") }
        self.address = address
        self.name = name.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// `Ada Lovelace <ada@example.com>` or the address alone, as people write it in a setting.
    package init(written text: String, part: String) throws(MailError) {
        guard text.hasSuffix(">"), let bracket = text.lastIndex(of: "<") else {
            try self.init(text, part: part)
            return
        }
        let name = text[..<bracket].split(separator: " ").joined(separator: " ")
        let isQuoted = name.count >= 2 && name.hasPrefix("\"") && name.hasSuffix("\"")
        let address = String(text[text.index(after: bracket)...].dropLast())
        try self.init(address, name: isQuoted ? String(name.dropFirst().dropLast()) : name, part: part)
    }

    /// After the `@`.
    package var domain: String {
        String(address[address.index(after: address.lastIndex(of: "@") ?? address.startIndex)...])
    }

    /// Source: RFC 5321, section 4.1.2 (dot-string, domain) and 4.5.3.1 (lengths).
    private static func isMailbox(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 254, (1...64).contains(parts[0].utf8.count) else { return false }
        let atoms = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return atoms.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isAtomByte) } && labels.allSatisfy(isLabel)
    }

    private static func isLabel(_ label: Substring) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return (1...63).contains(label.utf8.count) && label.utf8.first != hyphen && label.utf8.last != hyphen
            && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == hyphen }
    }

    static func isAtomByte(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte) }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
