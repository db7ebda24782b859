/// Which messages that nothing is wrong with a person looks at all the same.
///
/// A model that learned from what it flags alone would never hear of what it misses. The choice is a function of the message's id:
/// every node makes the same, and a repeated event makes no other.
package struct SpamAudit: Sendable {
    /// Of 1,000 messages.
    private let perMille: Int

    package init(perMille: Int) { self.perMille = perMille }

    package func isAudited(_ messageID: String) -> Bool {
        var hash: UInt64 = 0x5350_414D_4155_4454
        for byte in messageID.utf8 { hash = SpamHash.joined(hash, UInt32(byte)) }
        return SpamHash.mixed(SpamHash.mixed(hash)) % 1_000 < UInt64(clamping: perMille)
    }
}
