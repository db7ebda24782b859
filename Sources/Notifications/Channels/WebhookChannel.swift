package import Chat
import Crypto
package import HTTPClient
import JSON
package import Limits

/// Notifications to a service of the team's own, signed: from there they go on by push, SMS or whatever it has.
///
/// Source: Standard Webhooks specification 1.0.
package struct WebhookChannel: NotificationChannel {
    private let url: String
    private let addresses: AddressPolicy
    private let signer: WebhookSigner
    private let client: HTTPClient
    private let limits: Limits.Notifications
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - url: checked here; where its name leads is checked at each attempt.
    ///   - now: the time that each attempt is signed with.
    package init(
        url: String,
        addresses: AddressPolicy,
        signer: WebhookSigner,
        client: HTTPClient,
        limits: Limits.Notifications = Limits.Notifications(),
        now: @escaping @Sendable () -> Timestamp
    ) throws(OutgoingAddressError) {
        self.url = try OutgoingAddress(url, addresses: addresses).url
        (self.addresses, self.signer, self.client, self.limits, self.now) = (addresses, signer, client, limits, now)
    }

    package func deliver(_ notification: OutgoingNotification) async -> DeliveryOutcome {
        let body = Self.body(notification)
        guard body.count <= limits.webhookBytes else {
            return .giveUp(DeliveryFailure(reason: "\(body.count) bytes; at most \(limits.webhookBytes) are sent"))
        }
        var request = HTTPClientRequest(
            method: "POST",
            url: url,
            headers: [("Content-Type", "application/json")]
                + signer.headers(id: Self.id(of: notification.id), at: now(), body: body),
            body: body,
            timeout: .milliseconds(limits.webhookMilliseconds)
        )
        request.addresses = addresses
        do throws(HTTPClientError) {
            return DeliveryOutcome(try await client.send(request), limits: limits)
        } catch {
            return DeliveryOutcome(error)
        }
    }

    /// Without a full stop, which parts the signed text, and telling nothing of the key.
    static func id(of key: String) -> String {
        "msg_\(Hex.encode(Array(SHA256.digest(Array(key.utf8)).prefix(16))))"
    }

    /// `{"type","timestamp","data"}`, with `recipient` and `notification` where there are any.
    static func body(_ notification: OutgoingNotification) -> [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.field("type", notification.kind)
            $0.field("timestamp", notification.at.rfc3339)
            if let recipient = notification.recipient {
                $0.field("recipient") { $0.object { $0.fields(of: recipient) } }
            }
            if let content = notification.content {
                $0.field("notification") { writer in
                    writer.object {
                        $0.field("title", content.subject)
                        $0.field("text", content.text)
                    }
                }
            }
            $0.field("data", raw: notification.data)
        }
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func fields(of recipient: NotificationRecipient) {
        let fields = [("user_id", recipient.userID), ("name", recipient.name), ("email", recipient.email)]
        for case (let name, let value?) in fields { field(name, value) }
    }
}
