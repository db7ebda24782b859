package import Chat
import Crypto

/// One mail, composed from values alone: the same message gives the same bytes.
package struct MailMessage: Sendable, Equatable {
    package var from: MailAddress
    package var to: [MailAddress]
    package var replyTo: MailAddress?
    /// One line.
    package var subject: String
    /// What every reader can show.
    package var text: String
    /// What readers show instead that can.
    package var html: String?
    /// `key@example.com`, the same in each attempt, so that a mail which arrives twice can be known for one.
    package var messageID: String
    /// When what it tells happened.
    package var date: Timestamp

    package init(
        from: MailAddress,
        to: [MailAddress],
        replyTo: MailAddress? = nil,
        subject: String,
        text: String,
        html: String? = nil,
        messageID: String,
        date: Timestamp
    ) {
        (self.from, self.to, self.replyTo, self.subject) = (from, to, replyTo, subject)
        (self.text, self.html, self.messageID, self.date) = (text, html, messageID, date)
    }

    /// The message id that follows from a key: stable, and telling nothing of it.
    package static func messageID(of key: String, at domain: String) -> String {
        "\(Hex.encode(Array(SHA256.digest(Array(key.utf8)).prefix(16))))@\(domain)"
    }

    /// The whole message in US-ASCII: headers, an empty line, the body; lines end with CR LF.
    ///
    /// Source: RFC 5322; RFC 2045 and 2046 (parts), RFC 3834 (`Auto-Submitted`).
    package func composed() throws(MailError) -> [UInt8] {
        var writer = MailWriter()
        writer.header("Date", date.mailDate)
        writer.header("From", from.headerValue)
        guard !to.isEmpty else { throw .noRecipient }
        writer.header("To", to.map(\.headerValue).joined(separator: ",\r\n "))
        if let replyTo { writer.header("Reply-To", replyTo.headerValue) }
        guard !subject.utf8.contains(where: HeaderText.endsLine) else { throw .lineEnd(in: "the subject") }
        writer.header("Subject", HeaderText.unstructured(subject, after: "Subject: ".utf8.count))
        guard Self.isMessageID(messageID) else { throw .invalidMessageID }
        writer.header("Message-ID", "<\(messageID)>")
        writer.header("Auto-Submitted", "auto-generated")  // an absence note must not answer it
        writer.header("MIME-Version", "1.0")
        if let html {
            writer.alternatives([("plain", text), ("html", html)], boundary: boundary)
        } else {
            writer.part("plain", text)
        }
        return writer.bytes
    }

    /// Holds `=_`, which quoted-printable text never does, so that no part can hold it.
    private var boundary: String { "=_\(Hex.encode(Array(SHA256.digest(Array(messageID.utf8)).prefix(12))))" }

    private static func isMessageID(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return text.utf8.count <= 250 && parts.count == 2
            && parts.allSatisfy { part in
                part.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
                    !atom.isEmpty && atom.utf8.allSatisfy(MailAddress.isAtomByte)
                }
            }
    }
}

extension MailAddress {
    /// `Ada <ada@example.com>`.
    fileprivate var headerValue: String {
        guard let name else { return address }
        let phrase = HeaderText.phrase(name)
        // After encoded words the address has a line of its own, so that no line is longer than allowed.
        return phrase.hasPrefix("=?") ? "\(phrase)\r\n <\(address)>" : "\(phrase) <\(address)>"
    }
}
