import History

/// One thing of the app that facts are about: a listing, a user, a wallet.
package struct FactKey: Sendable, Hashable {
    /// What it is, such as `listing`.
    package let kind: String
    package let id: String

    package init(kind: String, id: String) { (self.kind, self.id) = (kind, id) }

    /// Stands for everything of a kind: nothing has an empty id.
    static func all(of kind: String) -> FactKey { FactKey(kind: kind, id: "") }

    var isWholeKind: Bool { id.isEmpty }

    /// Different keys never give the same.
    var documentID: String { joinedID(kind, id) }

    /// The key whose ``documentID`` this is.
    init?(documentID: String) {
        let parts = documentID.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let texts = parts.map { String($0).replacing("%2F", with: "/").replacing("%25", with: "%") }
        self.init(kind: texts[0], id: texts[1])
    }

    /// Whether this can be a kind's name: lower-case letters, digits, `_` and `-`, beginning with a letter.
    package static func isKind(_ text: String, bytesMost: Int) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= bytesMost else { return false }
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
