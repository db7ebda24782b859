import HTTPClient
import Limits

extension DeliveryOutcome {
    /// What an HTTP answer to a notification means.
    ///
    /// 410 is the receiver's way to say "never again" in Standard Webhooks; a 404 often ends with the receiver's deployment.
    init(_ response: HTTPClientResponse, limits: Limits.Notifications) {
        let failure = { (reason: String) in DeliveryFailure(code: "\(response.status)", reason: reason) }
        switch response.status {
        case 200..<300: self = .delivered(answer: "\(response.status)")
        case 300..<400:
            self = .misconfigured(failure("the receiver answered with another address; set that one"))
        case 401, 403, 407: self = .misconfigured(failure("the receiver refuses us; check its address and the secret"))
        case 410:
            self = .misconfigured(failure("the receiver wants no more of these; remove it or set another address"))
        case 404, 408, 425, 429, 500...:
            let wait = Self.wait(response.header("Retry-After"), most: limits.retryAfterMostSeconds)
            self = .retry(failure("the receiver could not take it now"), wait: wait)
        default: self = .giveUp(failure("the receiver does not take this notification; its log should say why"))
        }
    }

    init(_ error: HTTPClientError) {
        let failure = DeliveryFailure(reason: error.description, mayHaveBeenDelivered: error.mayHaveBeenSent)
        switch error.kind {
        case .unreachable, .timedOut, .malformed, .cancelled: self = .retry(failure)
        case .untrusted, .invalidRequest, .forbiddenAddress: self = .misconfigured(failure)
        case .tooLarge: self = .giveUp(failure)  // taken, by all appearances, and answered with far too much
        }
    }

    /// Seconds; the other form, a date, is left to the caller's own schedule.
    ///
    /// Source: RFC 9110, section 10.2.3.
    private static func wait(_ header: String?, most: Int) -> Duration? {
        guard let header, let seconds = Int(header), seconds >= 0 else { return nil }
        return .seconds(min(seconds, most))
    }
}
