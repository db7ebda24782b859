import Chat
import History

/// Something of a message or review item that somebody is to be told at once.
struct Notice {
    var kind: NotificationOrder.Kind
    /// Where to, and who there.
    var recipients: [(destination: Effect.Destination, recipient: NotificationOrder.Recipient)]
    var messageID: String?
    var reviewItemID: String?
    var cid: String?
    /// Of the text that was judged: see ``TextVersion``.
    var version: String
    var eventTime: Timestamp

    func effects(causedBy event: EventID?, maximumAge: Duration) -> [Effect] {
        recipients.map { destination, recipient in
            var order = NotificationOrder(kind, to: recipient)
            (order.cid, order.messageID, order.reviewItemID) = (cid, messageID, reviewItemID)
            let entity = messageID ?? reviewItemID.map { "review/\($0)" } ?? ""
            let place = recipient == .destination ? "" : " \(recipient)"
            return Effect(
                key: .init(entity: entity, version: version, cause: kind.rawValue, action: "\(destination)\(place)"),
                destination: destination,
                lane: recipient.lane ?? cid ?? entity,
                action: kind.action,
                payload: order.payload,
                cause: .init(.event, event?.description ?? entity),
                eventTime: eventTime,
                maximumAge: maximumAge
            )
        }
    }
}

/// Which event of a batch spoke of a message or review item last.
struct NoticeCauses {
    private var messages: [String: EventID] = [:]
    private var reviewItems: [String: EventID] = [:]

    init(_ batch: BatchFold) {
        for logged in batch.events {
            if let id = logged.received.messageID { messages[id] = logged.received.id }
            for item in logged.received.claims.reviewItems { reviewItems[item.id] = logged.received.id }
        }
    }

    func event(ofMessage id: String) -> EventID? { messages[id] }

    func event(of notice: Notice) -> EventID? {
        notice.messageID.flatMap(event) ?? notice.reviewItemID.flatMap { reviewItems[$0] }
    }
}

/// What tells the texts of one message apart.
enum TextVersion {
    static func of(_ message: MessageState?) -> String {
        "\(message?.record.content?.value.textUpdatedAt?.nanoseconds ?? 0)"
    }
}
