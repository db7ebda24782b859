/// A way to reach or pay somebody, or a sum of money, as it is written in a text.
package struct Contact: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable { case link, email, phone, handle, money }

    package let kind: Kind
    /// In the raw text, bytes of UTF-8, whole characters.
    package let range: Range<Int>
    /// A link's host in lower case, decoded from punycode and percent signs; an e-mail address; a phone number's digits, with a
    /// plus where it is international; a handle or a sum as the text's folded form has it.
    package let value: String
}
