/// Why a mail cannot be composed; names the part, never its content.
package enum MailError: Error, Equatable, CustomStringConvertible {
    /// A line end or NUL, by which a value could become another header.
    case lineEnd(in: String)
    /// Domains and names beyond US-ASCII, which not every server takes.
    case notASCII(String)
    case invalidAddress(String)
    case invalidMessageID
    case noRecipient

    package var description: String {
        switch self {
        case .lineEnd(let part): "\(part) holds a line end or NUL, which no header can; remove it"
        case .notASCII(let part):
            "\(part) has letters beyond US-ASCII; give a domain in its xn-- form, and another name before the @"
        case .invalidAddress(let part): "\(part) is not an address like name@example.com"
        case .invalidMessageID: "the message id is not like key@example.com in printable US-ASCII"
        case .noRecipient: "there is nobody to send it to"
        }
    }
}
