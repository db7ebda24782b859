/// What came of one call, classified: the one thing that whoever performs calls decides by.
package enum ProviderOutcome: Sendable, Equatable {
    case done(ProviderAnswer)
    /// Nothing changed because nothing had to: the message was sent before, the channel is gone, the ban would be over.
    case alreadyDone(AlreadyDone)
    /// The same call may succeed later.
    ///
    /// - Parameters:
    ///   - after: what the provider asked for; `nil` leaves it to the caller.
    ///   - mayHaveBeenApplied: the answer was lost or came from in between. Sending again is safe all the same.
    case retry(ProviderFailure, after: Duration?, mayHaveBeenApplied: Bool)
    /// This call will never succeed; others may.
    case giveUp(ProviderFailure)
    /// Our key, secret or address is wrong, so no call will succeed: stop and say so.
    case misconfigured(ProviderFailure)

    /// What metrics call it.
    package var name: String {
        switch self {
        case .done: "done"
        case .alreadyDone: "alreadyDone"
        case .retry: "retry"
        case .giveUp: "giveUp"
        case .misconfigured: "misconfigured"
        }
    }
}

/// Why nothing had to be done.
package enum AlreadyDone: String, Sendable, CaseIterable, CustomStringConvertible {
    /// The provider holds something under this id: our own earlier attempt.
    case exists
    /// What should go is not there.
    case gone
    /// The time that it should last has passed.
    case over

    package var description: String {
        switch self {
        case .exists: "done by an earlier attempt"
        case .gone: "already gone: there was nothing left to do"
        case .over: "its time had passed before it could be sent"
        }
    }
}

/// An accepted call's answer.
package struct ProviderAnswer: Sendable, Equatable {
    package let status: Int
    /// The task that goes on in the background, where the provider started one.
    package let taskID: String?

    package init(status: Int, taskID: String? = nil) { (self.status, self.taskID) = (status, taskID) }
}

/// Why a call was not carried out: what was tried, what happened, what to do; nothing of what the call says.
package struct ProviderFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package let endpoint: ProviderEndpoint
    /// HTTP's; `nil` when there was no answer, or nothing was sent.
    package let status: Int?
    /// The provider's own error number.
    package let code: Int?
    package let reason: String

    package init(_ endpoint: ProviderEndpoint, status: Int? = nil, code: Int? = nil, reason: String) {
        (self.endpoint, self.status, self.code, self.reason) = (endpoint, status, code, reason)
    }

    package var description: String {
        let answer = [status.map { "answered \($0)" }, code.map { "code \($0)" }].compactMap { $0 }
        return ([endpoint.rawValue] + answer).joined(separator: ", ") + ": " + reason
    }
}

/// Why a query has no answer.
package enum ProviderError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A later attempt may succeed; `after` is what the provider asked for.
    case unavailable(ProviderFailure, after: Duration?)
    case refused(ProviderFailure)
    /// Our key, secret or address is wrong.
    case misconfigured(ProviderFailure)
    /// The app's hooks are no longer those that the plan was made of.
    case hooksChanged

    package var description: String {
        switch self {
        case .unavailable(let failure, _), .refused(let failure), .misconfigured(let failure): failure.description
        case .hooksChanged:
            "write event hooks: somebody changed them since they were read. Nothing was written; look at them again."
        }
    }
}
