import Chat
import HTTPClient
import JSON
import Limits

/// What the provider's answers mean.
///
/// Source: the provider's "API error codes" page; GetStream/stream-chat-js `errors.ts` for what may be tried again.
struct StreamOutcome: Sendable {
    let limits: Limits.Provider

    func outcome(of response: HTTPClientResponse, to call: ProviderCall, at now: Timestamp) -> ProviderOutcome {
        let answer = StreamAnswer(response)
        if let done = alreadyDone(answer, call) { return .alreadyDone(done) }
        if isAheadOfUsers(answer, call) {
            let reason = "users whom the call names are not there yet. Sync them; the call is tried again meanwhile."
            let failure = ProviderFailure(call.endpoint, status: answer.status, code: answer.code, reason: reason)
            return .retry(failure, after: .seconds(limits.missingUsersSeconds), mayHaveBeenApplied: false)
        }
        return outcome(of: answer, response, endpoint: call.endpoint, at: now)
    }

    /// The answer to a query.
    func outcome(
        of response: HTTPClientResponse,
        endpoint: ProviderEndpoint,
        at now: Timestamp
    ) -> ProviderOutcome {
        outcome(of: StreamAnswer(response), response, endpoint: endpoint, at: now)
    }

    func outcome(_ error: HTTPClientError, endpoint: ProviderEndpoint) -> ProviderOutcome {
        outcome(ofMissing: error.kind, error.description, wasSent: error.mayHaveBeenSent, endpoint: endpoint)
    }

    /// No answer; `reason` names no path, query or body.
    func outcome(
        ofMissing kind: HTTPClientError.Kind,
        _ reason: String,
        wasSent: Bool,
        endpoint: ProviderEndpoint
    ) -> ProviderOutcome {
        let failure = ProviderFailure(endpoint, reason: reason)
        switch kind {
        // A certificate may be renewed any minute, and one handshake fail without meaning anything.
        case .unreachable, .timedOut, .tooLarge, .malformed, .cancelled, .untrusted:
            return .retry(failure, after: nil, mayHaveBeenApplied: wasSent)
        case .invalidRequest, .forbiddenAddress: return .misconfigured(failure)
        }
    }

    private func outcome(
        of answer: StreamAnswer,
        _ response: HTTPClientResponse,
        endpoint: ProviderEndpoint,
        at now: Timestamp
    ) -> ProviderOutcome {
        let status = response.status
        if (200..<300).contains(status), answer.isJSON {
            return .done(ProviderAnswer(status: status, taskID: answer.taskID))
        }
        let failure = ProviderFailure(endpoint, status: status, code: answer.code, reason: answer.reason(status))
        if isMisconfigured(status, answer) { return .misconfigured(failure) }
        if answer.isUnrecoverable { return .giveUp(failure) }
        let isRetriable = answer.code.map(StreamErrorCode.retriable.contains) ?? false
        guard isRetriable || mayPass(status, answer) else { return .giveUp(failure) }
        return .retry(failure, after: pause(response, at: now), mayHaveBeenApplied: mayBeApplied(status, answer))
    }

    /// That an id exists has no error code of its own.
    ///
    /// Source: GetStream/stream-chat-swift, `MessageRepository`, which
    /// takes exactly this for success.
    private func alreadyDone(_ answer: StreamAnswer, _ call: ProviderCall) -> AlreadyDone? {
        switch (answer.status, answer.code) {
        case (400, StreamErrorCode.input): isSo(answer, call) ? .exists : nil
        case (404, StreamErrorCode.notFound): isVoid(call) ? .gone : nil
        default: nil
        }
    }

    private func isSo(_ answer: StreamAnswer, _ call: ProviderCall) -> Bool {
        switch call {
        case .sendMessage, .flagMessage: answer.saysExists
        case .deactivateUser, .reactivateUser, .undeleteMessage, .commitMessage, .markReviewed: answer.saysDone
        default: false
        }
    }

    /// Without the thing it is about, nothing is left to do.
    private func isVoid(_ call: ProviderCall) -> Bool {
        switch call {
        case .deleteMessage, .deleteChannel, .deleteUsers, .unpinMessage, .unban, .unmute, .removeMembers,
            .commitMessage, .markReviewed:
            true
        // What was to be changed about it, such as to mask it, nobody sees any more.
        case .updateMessagePartially: true
        default: false
        }
    }

    /// Users and channels are synced at the same time, in no order: a channel's members may come a moment later.
    ///
    /// So may the user in whose name we moderate, right after the first start.
    ///
    /// That they are missing has no error code of its own. Source: GetStream/stream-chat-react#527 and #2137.
    private func isAheadOfUsers(_ answer: StreamAnswer, _ call: ProviderCall) -> Bool {
        switch call {
        case .createChannel, .addMembers, .deleteMessage, .undeleteMessage, .markReviewed:
            answer.status == 400 && answer.code == StreamErrorCode.input && answer.saysMissing
        default: false
        }
    }

    private func isMisconfigured(_ status: Int, _ answer: StreamAnswer) -> Bool {
        if let code = answer.code { return status == 401 || StreamErrorCode.misconfigured.contains(code) }
        // A redirect is another service's, or another address of this one; 407 is a proxy that wants to know us.
        return (300..<400).contains(status) || status == 407
    }

    /// Whether the status alone makes another attempt worth it.
    private func mayPass(_ status: Int, _ answer: StreamAnswer) -> Bool {
        if status >= 500 || status == 408 || status == 429 { return true }
        // Not the provider's words, so not its verdict either; a size does not change by waiting.
        return answer.code == nil && status != 413 && status != 414
    }

    private func mayBeApplied(_ status: Int, _ answer: StreamAnswer) -> Bool {
        status == 408 || status >= 500 || (200..<300).contains(status)
    }

    private func pause(_ response: HTTPClientResponse, at now: Timestamp) -> Duration? {
        let reading = RateLimitReading(response, at: now)
        let most = Duration.seconds(limits.retryAfterMostSeconds)
        if let asked = reading.retryAfter { return min(asked, most) }
        // With calls left it was too many in one second, and the window's end is no answer to that.
        guard reading.isRefusal, let reset = reading.resetsIn else { return nil }
        return min((reading.remaining ?? 0) > 0 ? .seconds(1) : max(reset, .seconds(1)), most)
    }
}

/// The provider's error numbers that mean something to us.
enum StreamErrorCode {
    static let input = 4
    static let notFound = 16
    /// Access key, authentication, token expired, not yet valid, issued in the future, wrong signature; app suspended.
    static let misconfigured: Set<Int> = [2, 5, 40, 41, 42, 43, 99]
    static let retriable: Set<Int> = [-1, 3, 9, 23, 45, 60, 71]

    /// What to do about it, where that is more than to look at the call.
    static func advice(_ code: Int) -> String? {
        switch code {
        case 2, 5, 40, 41, 42, 43:
            "key or secret is not accepted. Compare GETSTREAM_API_KEY and GETSTREAM_API_SECRET with the provider's "
                + "dashboard, and this machine's clock with the time."
        case 99: "the app is suspended. Ask the provider."
        case 4: "a value is not accepted"
        case 6: "the user name is taken, and the app enforces unique ones"
        case 9: "too many calls; the call waits"
        case 16: "what the call is about does not exist there"
        case 17: "the user is not allowed to do this there: banned, deactivated or without the right"
        case 18, 19: "the channel's type has this feature switched off. Switch it on in the provider's dashboard."
        case 20: "the message is longer than its channel's type allows"
        case 21: "a reply cannot be replied to"
        case 22: "the call is too large"
        case 44, 45: "the app's handler of custom commands failed"
        case 60: "the channel is slowed down; the call waits"
        case 70: "the user has no access to the channel"
        case 73: "the provider's moderation refused the message"
        default: nil
        }
    }
}
