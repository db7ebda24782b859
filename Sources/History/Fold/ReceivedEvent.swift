package import Chat

/// An event on its way into the history, with what proves where it came from.
package struct ReceivedEvent: Sendable {
    package var event: ChatEvent
    package var claims: Claims
    /// The inflated bytes that were signed.
    package var body: [UInt8]
    /// HMAC-SHA256 of the body, 32 bytes; empty for what did not come by webhook.
    package var signature: [UInt8]
    /// The key whose secret verified the signature.
    package var apiKey: String?
    /// `X-Webhook-Id` and `X-Webhook-Attempt`: not signed, recorded only.
    package var webhookID: String?
    package var attempt: Int?

    package init(
        event: ChatEvent,
        body: [UInt8],
        signature: [UInt8],
        apiKey: String? = nil,
        webhookID: String? = nil,
        attempt: Int? = nil
    ) {
        self.event = event
        claims = Claims(event)
        (self.body, self.signature, self.apiKey) = (body, signature, apiKey)
        (self.webhookID, self.attempt) = (webhookID, attempt)
    }
}
