import Chat
import History
import JSON
import Limits

/// A stored event as readers are told of it.
///
/// A class, because every reader gets the same.
final class LiveEvent: Sendable {
    let moment: LogMoment
    let type: String
    let cid: String?
    let listing: String?
    /// Those whom it names and who wrote its message.
    let users: Set<String>
    let received: Timestamp
    /// As Server-Sent Events have it, but for the text and the end.
    private let head: [UInt8]
    private let text: [UInt8]

    init(_ moment: LogMoment, _ entry: LogEntry, _ details: LiveDetails, limits: Limits.Live) {
        let named = entry.references.compactMap(Reference.userID)
        self.moment = moment
        (type, cid, listing, received) = (entry.type, entry.cid, details.listing, entry.received)
        users = Set(named + [details.sender].compactMap(\.self))
        var writer = JSONWriter(capacity: 512)
        writer.object {
            $0.field("id", entry.id)
            $0.field("type", entry.type)
            $0.field("cid", entry.cid)
            $0.field("message_id", entry.messageID)
            $0.field("sender_id", details.sender)
            $0.field("users", named)
            $0.field("listing_id", details.listing)
            $0.field("at", entry.at.rfc3339)
            $0.field("received", entry.received.rfc3339)
            $0.field("erased", entry.isErased)
        }
        head = Array("id: \(moment)\ndata: ".utf8) + writer.bytes.dropLast()
        text = details.text.map { Self.field($0, limits.textCharacters) } ?? []
    }

    private static func field(_ text: String, _ most: Int) -> [UInt8] {
        var writer = JSONWriter(capacity: text.utf8.count + 16)
        writer.object {
            $0.field("text", String(text.prefix(most)))
            if text.count > most { $0.field("text_cut", true) }
        }
        return [UInt8(ascii: ",")] + writer.bytes.dropFirst().dropLast()
    }

    /// Source: HTML, "Server-sent events", §9.2.6.
    func write(withText: Bool, to bytes: inout [UInt8]) {
        bytes += head
        if withText { bytes += text }
        bytes += Self.end
    }

    private static let end = Array("}\n\n".utf8)
}
