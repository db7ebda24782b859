package import Chat

/// One verified webhook delivery, as it is kept until MongoDB has it.
package struct Delivery: Sendable, Equatable {
    /// SHA-256 of ``body``.
    package let id: EventID
    package let type: String
    /// What must be processed in order of arrival: the channel, else the user, else the type.
    package let lane: String
    package let receivedAt: Timestamp
    /// The signed bytes, inflated.
    package let body: [UInt8]
    /// The 32 bytes of `X-Signature`.
    package let signature: [UInt8]
    /// The configured API key whose secret verified the signature.
    package let apiKey: String?
    /// `X-Webhook-Id`, which is not signed.
    package let webhookID: String?
    /// `X-Webhook-Attempt`, which is not signed.
    package let attempt: Int?
    /// How often it was put back as failed since the queue was opened.
    package var failures: Int

    package init(
        id: EventID,
        type: String,
        lane: String,
        receivedAt: Timestamp,
        body: [UInt8],
        signature: [UInt8],
        apiKey: String? = nil,
        webhookID: String? = nil,
        attempt: Int? = nil,
        failures: Int = 0
    ) {
        self.id = id
        self.type = type
        self.lane = lane
        self.receivedAt = receivedAt
        self.body = body
        self.signature = signature
        self.apiKey = apiKey
        self.webhookID = webhookID
        self.attempt = attempt
        self.failures = failures
    }
}

/// A delivery that someone is working on: to be acknowledged, put back or parked under its sequence number.
package struct TakenDelivery: Sendable, Equatable {
    package let sequence: Int64
    package let delivery: Delivery

    package init(sequence: Int64, delivery: Delivery) {
        self.sequence = sequence
        self.delivery = delivery
    }
}

/// A delivery that cannot be processed, out of its lane, until it is stored as a dead letter.
package struct ParkedDelivery: Sendable, Equatable {
    package let sequence: Int64
    package let delivery: Delivery
    package let reason: String
    package let parkedAt: Timestamp

    package init(sequence: Int64, delivery: Delivery, reason: String, parkedAt: Timestamp) {
        self.sequence = sequence
        self.delivery = delivery
        self.reason = reason
        self.parkedAt = parkedAt
    }
}
