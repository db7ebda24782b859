package import Chat
import MongoDB

/// One moment in the life of an effect.
package struct TimelineEntry: Sendable, Equatable {
    package enum What: String, Sendable {
        case written, promoted, started
        case takenOver = "taken_over"
        case done
        case alreadyDone = "already_done"
        case failed, putOff = "put_off", stale, dead, cancelled, retried, replaced
    }

    package var at: Timestamp
    package var what: What
    /// Node, answer or reason; no content.
    package var detail: String?

    package init(at: Timestamp, what: What, detail: String? = nil) {
        (self.at, self.what, self.detail) = (at, what, detail)
    }

    func write(to document: inout BSONDocument) {
        document.append("at", date: at.milliseconds)
        document.append("what", what.rawValue)
        if let detail { document.append("detail", detail) }
    }

    /// As `$push` of an update, keeping the latest `most`.
    func push(to change: inout BSONDocument, most: Int) {
        change.append("$push") {
            $0.append("timeline") {
                $0.append("$each") { (array: inout BSONArray) in array.append { write(to: &$0) } }
                $0.append("$slice", Int32(-most))
            }
        }
    }
}
