import Chat
import Crypto
import Foundation
import History
import Limits
import MongoDB

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

extension Parameter {
    /// What a list goes on by.
    ///
    /// - Parameter condition: what must be as it was for the page before.
    static func cursor(_ condition: String = "", _ read: @escaping @Sendable (String) -> Value?) -> Self {
        Parameter(
            name: "cursor",
            place: .query,
            summary: "Continues where a page ended.",
            allowed: "what `next` of the page before says\(condition)",
            fallback: nil,
            shownFallback: nil,
            read: read
        )
    }
}

extension Parameter where Value == Int {
    /// How many rows a page of a list has.
    static func pageSize(_ summary: String, _ limits: Limits.Query) -> Self {
        .integer("limit", summary, in: 1...limits.pageMost, default: limits.pageDefault)
    }
}

extension Parameter where Value == ListPosition {
    static func cursor(_ walk: Cursor.Walk) -> Self { .cursor { ListPosition(cursor: $0, walk) } }
}

extension ListPosition {
    init?(cursor text: String, _ walk: Cursor.Walk) {
        guard let cursor = Cursor.decode(text), cursor.walk == walk, let id = walk.id(cursor.id) else { return nil }
        self.init(at: cursor.time, id: id)
    }

    func cursor(_ walk: Cursor.Walk) -> String { Cursor.encode(walk, at, walk.text(of: id)) }
}

extension Cursor.Walk {
    /// An `_id` as the walk's collection has it.
    fileprivate func id(_ text: String) -> BSONValue? {
        switch self {
        case .audit: Int64(text).map(BSONValue.int64)
        case .deadLetters: EventID(hash: text).map { .binary($0.bytes) }
        default: .string(text)
        }
    }

    fileprivate func text(of id: BSONValue) -> String {
        switch id {
        case .int64(let number): "\(number)"
        case .binary(let bytes): Hex.encode(bytes)
        default: id.string ?? ""
        }
    }
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

extension EventID {
    /// Of an event's body, in hexadecimal.
    init?(hash text: String) {
        guard let id = EventID(hex: text), id.bytes.count == SHA256.byteCount else { return nil }
        self = id
    }
}
