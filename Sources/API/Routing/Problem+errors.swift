import History
import Limits
import MongoDB
import WebhookIngest

extension Problem {
    /// What a failure behind a route means to who asked; `nil` for one that nobody expected.
    init?(_ error: any Error, limits: Limits.API) {
        switch error {
        case let problem as Problem: self = problem
        case let error as HistoryError: self.init(error, limits)
        case let error as MongoError: self.init(HistoryError.mongo(error), limits)
        case let error as APIKeyError:
            guard case .mongo(let cause) = error else { return nil }
            self.init(HistoryError.mongo(cause), limits)
        case let error as QueueError:
            guard error.isRetryable else { return nil }
            self = .unavailable("The queue cannot take it: \(error)", retryAfter: limits.retryAfterSeconds)
        default: return nil
        }
    }

    private init(_ error: HistoryError, _ limits: Limits.API) {
        guard case .mongo(let cause) = error else {
            self = .unavailable("The history cannot be opened: \(error).", retryAfter: limits.retryAfterSeconds)
            return
        }
        if cause.exceededTime {
            self.init(504, "MongoDB stopped the query for the time it took. Narrow the range of time or the filters.")
        } else {
            self = .unavailable("MongoDB did not answer: \(cause)", retryAfter: limits.retryAfterSeconds)
        }
    }
}
