/// A channel as an event carried it.
package struct Channel: Sendable, Equatable {
    package var cid: String
    package var name: String?
    package var image: String?
    package var team: String?
    package var createdBy: String?
    package var createdAt: Timestamp?
    package var updatedAt: Timestamp?
    package var deletedAt: Timestamp?
    package var truncatedAt: Timestamp?
    package var frozen: Bool?
    package var disabled: Bool?
    package var memberCount: Int64?
    /// Business context found in the channel's custom data; empty when it has none.
    package var context = BusinessContext()
    /// Fields the provider does not define, as JSON object text; `nil` when there are none.
    package var custom: String?
    /// The whole `channel` object came, not `channel_custom` alone.
    package var isComplete: Bool

    package init(cid: String, isComplete: Bool) {
        self.cid = cid
        self.isComplete = isComplete
    }

    /// What comes before the first colon of the `cid`.
    package var type: String { Self.parts(ofCID: cid).type }
    package var id: String { Self.parts(ofCID: cid).id }

    /// Splits at the first colon; ids may hold further ones.
    package static func parts(ofCID cid: String) -> (type: String, id: String) {
        guard let colon = cid.utf8.firstIndex(of: UInt8(ascii: ":")) else { return ("", cid) }
        return (String(cid[..<colon]), String(cid[cid.utf8.index(after: colon)...]))
    }
}
