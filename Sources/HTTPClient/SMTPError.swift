/// Why a mail was not accepted by the server.
package struct SMTPError: Error, Equatable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// No connection, no answer, or an answer that asks to come again (4xx): a retry may succeed.
        case temporary
        /// The server does not take this mail (5xx).
        case refused
        /// Password, certificate or encryption: no mail will be taken until the operator acts.
        case misconfigured
        /// The envelope cannot be sent: an address or size that the protocol does not allow.
        case invalidMail
        case cancelled
    }

    package let kind: Kind
    /// What the server said last, when that is the reason.
    package let reply: SMTPReply?
    /// The whole mail was sent and no answer came: the server may have taken it.
    package let mayHaveBeenSent: Bool
    /// What was tried, what happened, what to do; names no address, no content and nothing of the server's text.
    package let description: String

    init(_ kind: Kind, _ server: SMTPServer, _ reason: String, reply: SMTPReply? = nil, mayHaveBeenSent: Bool = false) {
        self.kind = kind
        self.reply = reply
        self.mayHaveBeenSent = mayHaveBeenSent
        description = "mail through \(server.description): \(reason)"
    }
}
