/// One mail and its envelope.
package struct SMTPMail: Sendable, Equatable {
    /// Who is told when it cannot be delivered: `name@host`.
    package var sender: String
    package var recipients: [String]
    /// The whole message: headers, an empty line, body; in US-ASCII, its lines ended by CR and LF.
    ///
    /// Source: RFC 5322.
    package var message: [UInt8]

    package init(sender: String, recipients: [String], message: [UInt8]) {
        (self.sender, self.recipients, self.message) = (sender, recipients, message)
    }

    /// Why it cannot be sent; `nil` when it can.
    ///
    /// libcurl would put an address into a command as it is: another command, where it holds a line end.
    func problem(mostRecipients: Int, mostBytes: Int) -> String? {
        guard !recipients.isEmpty, recipients.count <= mostRecipients else {
            return "\(recipients.count) recipients; 1 to \(mostRecipients) are allowed"
        }
        guard ([sender] + recipients).allSatisfy(Self.isAddress) else {
            return "an address that is not name@host in printable US-ASCII"
        }
        guard message.count <= mostBytes else { return "\(message.count) bytes; at most \(mostBytes) are allowed" }
        return nil
    }

    private static func isAddress(_ text: String) -> Bool {
        let isPlain = text.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">")
        }
        return isPlain && text.utf8.count <= 254 && text.contains("@")
    }
}
