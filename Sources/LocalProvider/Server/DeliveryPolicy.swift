import Limits

/// When a delivery that failed is tried again.
///
/// Source: contract, "Response, timeouts, retries"; the waits between attempts are not published.
struct DeliveryPolicy: Sendable {
    enum Outcome: Sendable, Equatable {
        case answered(status: Int)
        case timedOut
        case unreachable
    }

    var limits = Limits.LocalProvider()

    /// How often a delivery with this outcome is attempted altogether; other answers of 400 to 499 are final.
    func attempts(after outcome: Outcome) -> Int {
        switch outcome {
        case .answered(let status): status == 408 || status == 429 || status >= 500 ? 3 : 1
        case .timedOut: 3
        case .unreachable: 2
        }
    }

    func isDelivered(_ outcome: Outcome) -> Bool {
        if case .answered(let status) = outcome { 200...299 ~= status } else { false }
    }

    /// - Parameters:
    ///   - attempt: the one that failed, from 1.
    ///   - elapsed: since the first began.
    /// - Returns: `nil` when there is no further attempt.
    func wait(after outcome: Outcome, attempt: Int, elapsed: Duration) -> Duration? {
        guard attempt < attempts(after: outcome) else { return nil }
        let wait = Duration.milliseconds(limits.deliveryRetryMilliseconds << (attempt - 1))
        return elapsed + wait < .seconds(limits.deliveryTotalSeconds) ? wait : nil
    }
}
