import Chat
import Facts
import History
import JSON
import Notifications
import Templates

/// What a notification is about, as templates and webhooks are told.
struct NotificationSubject {
    private let order: NotificationOrder
    private let message: MessageState?
    private let facts: FactStore
    var reviewItem: ReviewItemRecord?
    var unreadCount: Int?
    var link: String?

    init(_ order: NotificationOrder, _ message: MessageState?, _ facts: FactStore) {
        (self.order, self.message, self.facts) = (order, message, facts)
    }

    var listingID: String? { message?.context[.listing] }
    var senderID: String? { message?.record.sender ?? reviewItem?.item?.value.entityCreatorID }
    private var cid: String? { order.cid ?? message?.record.cid }

    // MARK: For people

    func values(for recipient: ResolvedRecipient?) -> TemplateValue {
        var values: [String: TemplateValue] = [:]
        values["message"] = .object(messageValues)
        values["offer"] = .object(offerValues)
        values["listing"] = listingID.map { .object(known("listing", $0)) }
        values["sender"] = senderID.map { .object(known("user", $0)) }
        values["channel"] = cid.map { .object(["cid": .text($0), "id": .text(Channel.parts(ofCID: $0).id)]) }
        values["recipient"] = .object(
            ["id": recipient?.userID, "name": recipient?.name].compactMapValues { $0.map(text) }
        )
        values["reason"] = reason.map(text)
        values["unread"] = unreadCount.map { .object(["count": .integer(Int64($0))]) }
        values["review"] = order.reviewItemID.map { .object(["id": .text($0)]) }
        values["link"] = link.map(text)
        values["rule"] = order.rule.map { .object(["id": .text($0)]) }
        return .object(values)
    }

    /// Why moderators are asked.
    private var reason: String? {
        if let reason = message?.record.flag?.value.reason, !reason.isEmpty { return reason }
        guard let item = reviewItem?.item?.value else { return nil }
        return item.labels.isEmpty ? item.recommendedAction : item.labels.joined(separator: ", ")
    }

    private var messageValues: [String: TemplateValue] {
        var values: [String: TemplateValue] = [:]
        values["id"] = order.messageID.map(text)
        guard order.kind != .unreadReminder, message?.deletedAt == nil else { return values }
        values["text"] = (message?.record.content?.value.text).map(text)
        values["created_at"] = (message?.record.created?.time).map { TemplateValue($0) }
        return values
    }

    private var offerValues: [String: TemplateValue] {
        var values: [String: TemplateValue] = [:]
        values["id"] = message?.context[.offer].map(text)
        values["amount"] = (message?.record.facts?.value.amount).map { .number($0) }
        let custom = message?.record.content?.value.custom.flatMap { try? JSONParser().parse(Array($0.utf8)) }
        values["currency"] = custom?["currency"]?.string.map(text)
        return values
    }

    /// Everything that is certain of a thing of the app; what could not be asked is left out.
    private func known(_ kind: String, _ id: String) -> [String: TemplateValue] {
        let key = FactKey(kind: kind, id: id)
        var values: [String: TemplateValue] = [:]
        for (name, value, _) in facts.load([key]).fields(of: key) { values[name] = TemplateValue(value) }
        values["id"] = .text(id)
        return values
    }

    private func text(_ value: String) -> TemplateValue { .text(value) }

    // MARK: For programs

    /// The ids, as the text of a JSON object.
    var data: String {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            let fields = [
                ("cid", cid), ("message_id", order.messageID), ("review_item_id", order.reviewItemID),
                ("sender_id", senderID), ("link", link), ("rule", order.rule), ("decision_id", order.decision),
            ]
            for case (let name, let value?) in fields { writer.field(name, value) }
            message?.context.forEach { writer.field($0.field, $1) }
            if let amount = message?.record.facts?.value.amount { writer.field("amount", amount) }
            if let unreadCount { writer.field("unread_count", unreadCount) }
        }
        return writer.text
    }

    // MARK: Links

    /// An address with `{cid}`, `{channel_id}`, `{message_id}` and `{listing_id}` filled in, escaped as in URLs.
    func filled(_ address: String) -> String {
        let values = [
            "cid": cid, "channel_id": cid.map { Channel.parts(ofCID: $0).id }, "message_id": order.messageID,
            "listing_id": listingID,
        ]
        return values.reduce(address) { $0.replacing("{\($1.key)}", with: ($1.value ?? "").percentEncoded) }
    }
}

extension TemplateValue {
    fileprivate init(_ value: FactValue) {
        switch value {
        case .string(let text): self = .text(text)
        case .integer(let integer): self = .integer(integer)
        case .double(let number): self = .number(number)
        case .bool(let flag): self = .flag(flag)
        case .time(let time): self.init(time)
        case .strings(let texts): self = .text(texts.joined(separator: ", "))
        }
    }
}

extension String {
    /// Source: RFC 3986, section 2.3: what need not be escaped.
    fileprivate var percentEncoded: String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
