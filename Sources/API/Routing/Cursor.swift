import Chat
import Crypto
import Foundation
import History

/// Where a page ended, as opaque text.
///
/// Not signed: it says no more than a filter could.
enum Cursor {
    /// Which walk a cursor belongs to, so that it is not taken for another's.
    enum Walk: String {
        case newest = "n"
        case oldest = "o"
        case deadLetters = "d"
        case effects = "e"
        case decisions = "j"
        case audit = "a"
        case bans = "b"
        case mutes = "m"
        case blocks = "k"
        case reviewsBySeverity = "s"
        case oldestReviews = "r"
        case newestReviews = "q"
    }

    static func encode(_ walk: Walk, _ time: Timestamp, _ id: String) -> String {
        Data("\(walk.rawValue)\(time.milliseconds):\(id)".utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    static func decode(_ text: String) -> (walk: Walk, time: Timestamp, id: String)? {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        guard text.utf8.count <= bytesMost, let data = Data(base64Encoded: standard + padding),
            let plain = String(validating: data, as: UTF8.self), let first = plain.first,
            let walk = Walk(rawValue: String(first)), let colon = plain.firstIndex(of: ":"),
            let milliseconds = Int64(plain[plain.index(after: plain.startIndex)..<colon])
        else { return nil }
        let id = String(plain[plain.index(after: colon)...])
        guard !id.isEmpty else { return nil }
        return (walk, Timestamp(milliseconds: milliseconds), id)
    }

    /// Longer than any that is given out.
    private static let bytesMost = 4_096
}

extension Parameter where Value == MessageCursor {
    static let messageCursor = Parameter(
        name: "cursor",
        place: .query,
        summary: "Continues where a page ended.",
        allowed: "what `next` of the page before says, with the same order",
        fallback: nil,
        shownFallback: nil,
        read: MessageCursor.init
    )
}

/// A place among messages and the order it was found in.
struct MessageCursor: Sendable {
    let order: MessageQuery.Order
    let position: MessagePosition

    init(_ order: MessageQuery.Order, _ position: MessagePosition) { (self.order, self.position) = (order, position) }

    init?(_ text: String) {
        guard let cursor = Cursor.decode(text) else { return nil }
        switch cursor.walk {
        case .newest: order = .newest
        case .oldest: order = .oldest
        default: return nil
        }
        position = MessagePosition(createdAt: cursor.time, id: cursor.id)
    }

    var text: String {
        Cursor.encode(order == .newest ? .newest : .oldest, position.createdAt, position.id)
    }
}

extension Parameter where Value == DeadLetterPosition {
    static let deadLetterCursor = Parameter(
        name: "cursor",
        place: .query,
        summary: "Continues where a page ended.",
        allowed: "what `next` of the page before says",
        fallback: nil,
        shownFallback: nil,
        read: DeadLetterPosition.init(cursor:)
    )
}

extension DeadLetterPosition {
    init?(cursor text: String) {
        guard let cursor = Cursor.decode(text), cursor.walk == .deadLetters, let id = EventID(hex: cursor.id) else {
            return nil
        }
        self.init(at: cursor.time, id: id)
    }

    var cursor: String { Cursor.encode(.deadLetters, at, id.description) }
}

extension EventID {
    init?(hex text: String) {
        guard let bytes = Hex.decode(text), bytes.count == SHA256.byteCount else { return nil }
        self.init(bytes: bytes)
    }
}
