package import Chat
import MongoDB

/// A signed event that could not be read or stored, with everything needed to try again.
package struct DeadLetter: Sendable {
    package var id: EventID
    package var type: String
    package var reason: String
    package var at: Timestamp
    package var receivedAt: Timestamp
    package var body: [UInt8]
    package var signature: [UInt8]
    package var apiKey: String?
    package var webhookID: String?
    package var attempt: Int?

    package init(
        id: EventID,
        type: String,
        reason: String,
        at: Timestamp,
        receivedAt: Timestamp,
        body: [UInt8],
        signature: [UInt8],
        apiKey: String?,
        webhookID: String?,
        attempt: Int?
    ) {
        (self.id, self.type, self.reason, self.at) = (id, type, reason, at)
        (self.receivedAt, self.body, self.signature) = (receivedAt, body, signature)
        (self.apiKey, self.webhookID, self.attempt) = (apiKey, webhookID, attempt)
    }

    init?(_ document: BSONDocument) {
        guard let id = document.binary("_id"), let body = document.binary("raw") else { return nil }
        self.init(
            id: EventID(bytes: id),
            type: document.string("type") ?? "",
            reason: document.string("reason") ?? "",
            at: document.time("at") ?? Timestamp(nanoseconds: 0),
            receivedAt: document.exactTime("received_ns") ?? Timestamp(nanoseconds: 0),
            body: body,
            signature: document.binary("signature") ?? [],
            apiKey: document.string("api_key"),
            webhookID: document.string("webhook_id"),
            attempt: document.int64("attempt").map(Int.init)
        )
    }

    /// As the collection `dead_letters` keeps it.
    ///
    /// - Parameter isErased: it names what has been erased: kept as a tombstone, without body and reason.
    func document(isErased: Bool) -> BSONDocument {
        var document = BSONDocument(capacity: isErased ? 512 : body.count + 512)
        document.append("_id", id.bytes)
        document.append("type", type)
        document.append("reason", isErased ? Self.erasedReason : reason)
        document.append("at", date: at)
        document.append("received", date: receivedAt)
        document.append("received_ns", receivedAt.nanoseconds)
        document.append("api_key", ifPresent: apiKey)
        document.append("webhook_id", ifPresent: webhookID)
        document.append("attempt", ifPresent: attempt.map(Int64.init))
        if isErased {
            document.append("erased", true)
        } else {
            document.append("signature", signature)
            document.append("raw", body)
        }
        return document
    }

    static let erasedReason = "erased"
}
