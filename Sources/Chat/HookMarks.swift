import Crypto

/// By what a message is recognised that a synchronous hook has decided on: its author, channel and text, for two minutes.
///
/// Only who holds the key can make one, so that nobody can have a message pass for another.
package struct HookMarks: Sendable {
    /// How long after its decision a message is recognised at least, in seconds.
    package static let seconds: Int64 = 120

    private let key: HMACSHA256

    /// - Parameter secret: the same on every node.
    package init(secret: String) {
        key = HMACSHA256(key: HMACSHA256(key: secret).sign(Array("backchannel hook marks".utf8)))
    }

    /// The mark of a message that is decided on at a time.
    package func mark(user: String, cid: String, text: String, at time: Timestamp) -> String {
        mark(user, cid, text, slot: Self.slot(time))
    }

    /// The marks that a message may have which the provider made at a time: of its two minutes and of those before and
    /// after, since clocks differ.
    package func marks(user: String, cid: String, text: String, around time: Timestamp) -> [String] {
        let slot = Self.slot(time)
        return [slot, slot - 1, slot + 1].map { mark(user, cid, text, slot: $0) }
    }

    private static func slot(_ time: Timestamp) -> Int64 { time.milliseconds / (seconds * 1_000) }

    private func mark(_ user: String, _ cid: String, _ text: String, slot: Int64) -> String {
        // Lengths before the parts: no two different messages give the same bytes.
        var bytes: [UInt8] = []
        for part in [user, cid, text] { bytes += Array("\(part.utf8.count):\(part)".utf8) }
        return Hex.encode(Array(key.sign(bytes + Array("\(slot)".utf8)).prefix(16)))
    }
}
