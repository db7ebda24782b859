import Limits

/// Counts calls by endpoint in windows of a minute and of a second, as the provider does for an app's servers.
///
/// Source: contract, "Rate limits".
struct RateWindows: Sendable {
    /// How many calls are allowed.
    struct Rules: Sendable, Equatable {
        /// Nothing is limited.
        var isOff = false
        /// Calls a minute, where they are not the provider's defaults.
        var callsPerMinute: [Endpoint: Int] = [:]
        /// Also no more than this part of them in a second; 0 is no such limit.
        var secondShare = Limits.LocalProvider().secondsPerMinuteShare

        func limit(_ endpoint: Endpoint) -> Int { callsPerMinute[endpoint] ?? endpoint.callsPerMinute }
    }

    /// What an answer's headers say.
    struct Standing: Sendable, Equatable {
        let limit: Int
        let remaining: Int
        /// In seconds since 1970: the end of the minute.
        let reset: Int64
        let isAllowed: Bool
    }

    private struct Window {
        var start: Int64 = 0
        var calls = 0

        mutating func count(at start: Int64) -> Int {
            if self.start != start { (self.start, calls) = (start, 0) }
            return calls
        }
    }

    let rules: Rules
    private var minutes: [Endpoint: Window] = [:]
    private var seconds: [Endpoint: Window] = [:]

    init(_ rules: Rules) { self.rules = rules }

    /// Counts one call, unless it is not allowed.
    ///
    /// - Parameter now: in seconds since 1970.
    /// - Returns: `nil` when nothing is limited.
    mutating func admit(_ endpoint: Endpoint, at now: Int64) -> Standing? {
        guard !rules.isOff else { return nil }
        let limit = rules.limit(endpoint)
        let used = minutes[endpoint, default: Window()].count(at: now / 60)
        let usedThisSecond = seconds[endpoint, default: Window()].count(at: now)
        let isAllowed = used < limit && (rules.secondShare == 0 || usedThisSecond < max(1, limit / rules.secondShare))
        if isAllowed {
            minutes[endpoint]?.calls += 1
            seconds[endpoint]?.calls += 1
        }
        let remaining = max(0, limit - used - (isAllowed ? 1 : 0))
        return Standing(limit: limit, remaining: remaining, reset: (now / 60 + 1) * 60, isAllowed: isAllowed)
    }

    /// What is left, without counting a call.
    func standing(_ endpoint: Endpoint, at now: Int64) -> Standing {
        let limit = rules.isOff ? Int(Int32.max) : rules.limit(endpoint)
        let used = minutes[endpoint].map { $0.start == now / 60 ? $0.calls : 0 } ?? 0
        return Standing(
            limit: limit,
            remaining: max(0, limit - used),
            reset: (now / 60 + 1) * 60,
            isAllowed: used < limit
        )
    }
}
