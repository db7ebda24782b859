package import Chat
package import Rules

/// An event on its way into the history, with what proves where it came from.
///
/// A class, because a batch passes thousands of these on.
///
/// Of the event it keeps what the history needs: thousands wait here while MongoDB writes.
package final class ReceivedEvent: Sendable {
    package let id: EventID
    package let type: EventType
    package let cid: String?
    /// The provider's time, else that of the receipt.
    package let time: Timestamp
    package let receivedAt: Timestamp
    /// See ``ChatEvent/mentionedUserIDs``.
    package let mentionedUserIDs: [String]
    /// See ``ChatEvent/faults``.
    package let faults: [String]
    package let claims: Claims
    /// The rules that it was looked at with; `nil` where there are none.
    package let rules: RuleEngine?
    /// What it says to them; `nil` where it concerns none.
    package let observation: Observation?
    package let hook: HookTrace?
    /// The message it is about.
    package let messageID: String?
    /// The message, the threads and the users it names: see ``Reference``.
    package let references: [String]
    /// The inflated bytes that were signed.
    package let body: [UInt8]
    /// HMAC-SHA256 of the body, 32 bytes; empty for what did not come by webhook.
    package let signature: [UInt8]
    /// The key whose secret verified the signature.
    package let apiKey: String?
    /// `X-Webhook-Id` and `X-Webhook-Attempt`: not signed, recorded only.
    package let webhookID: String?
    package let attempt: Int?

    package init(
        event: ChatEvent,
        rules: RuleEngine? = nil,
        observation: Observation? = nil,
        hook: HookTrace? = nil,
        body: [UInt8],
        signature: [UInt8],
        apiKey: String? = nil,
        webhookID: String? = nil,
        attempt: Int? = nil
    ) {
        let claims = Claims(event)
        let messageID = claims.messages.first?.id ?? claims.readMarks.first?.key.messageID
        (id, type, cid, time, receivedAt) = (event.id, event.type, event.cid, event.time, event.receivedAt)
        (mentionedUserIDs, faults) = (event.mentionedUserIDs, event.faults)
        (self.claims, self.rules, self.observation) = (claims, rules ?? observation?.engine, observation)
        (self.hook, self.messageID) = (hook, messageID)
        references =
            [messageID].compactMap(\.self).map(Reference.message)
            + claims.threads.map { Reference.thread($0.parentMessageID) } + event.mentionedUserIDs.map(Reference.user)
        (self.body, self.signature, self.apiKey) = (body, signature, apiKey)
        (self.webhookID, self.attempt) = (webhookID, attempt)
    }

    /// Whose messages or joins it is judged by without being one of them, and when.
    package var onlooking: (references: [String], at: Timestamp)? {
        guard let observation, observation.isOnlooker else { return nil }
        let subject = observation.subject
        let references = [subject.userID.map(Reference.user), subject.cid.map(Reference.channel)]
        return (references.compactMap(\.self), Timestamp(milliseconds: observation.place.time.milliseconds))
    }

    /// As ``EntityReader/onlookers(of:in:limit:)`` gives it; `nil` for one that is not among them.
    package func onlooker(of author: MessageAuthor, in times: ClosedRange<Timestamp>) -> Onlooker? {
        guard let (references, time) = onlooking, author.references.allSatisfy(references.contains),
            times.lowerBound.milliseconds <= time.milliseconds, time <= times.upperBound
        else { return nil }
        return Onlooker(time: time, stored: StoredBody(id: id, receivedAt: receivedAt, body: body))
    }
}

extension MessageAuthor {
    /// What an event has to refer to that looks on at these messages.
    var references: [String] {
        switch self {
        case .user(let id): [Reference.user(id)]
        case .channel(let cid): [Reference.channel(cid)]
        case .userInChannel(let id, let cid): [Reference.user(id), Reference.channel(cid)]
        }
    }
}
