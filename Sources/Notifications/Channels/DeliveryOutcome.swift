/// What came of one attempt.
package enum DeliveryOutcome: Sendable, Equatable {
    /// The other side has taken it; `answer` is its code.
    case delivered(answer: String)
    /// Another attempt may succeed, no sooner than after `wait` when the other side asked for one.
    case retry(DeliveryFailure, wait: Duration? = nil)
    /// This notification will never be taken.
    case giveUp(DeliveryFailure)
    /// No notification will be taken until the operator has changed something: stop, and say so.
    case misconfigured(DeliveryFailure)

    package var failure: DeliveryFailure? {
        switch self {
        case .delivered: nil
        case .retry(let failure, _), .giveUp(let failure), .misconfigured(let failure): failure
        }
    }
}

/// Why a notification was not delivered.
package struct DeliveryFailure: Sendable, Equatable {
    /// The other side's status or reply code, such as `503` or `550 5.1.1`.
    package let code: String?
    /// What was tried, what happened, what to do; no content, no address of a person, no secret.
    package let reason: String
    /// It was sent and no answer came: another attempt may deliver it a second time.
    package let mayHaveBeenDelivered: Bool

    /// The other side is well; it was only asked too often.
    package var isLimit: Bool { code == "429" }

    package init(code: String? = nil, reason: String, mayHaveBeenDelivered: Bool = false) {
        (self.code, self.reason, self.mayHaveBeenDelivered) = (code, reason, mayHaveBeenDelivered)
    }
}
