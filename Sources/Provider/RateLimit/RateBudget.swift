package import Chat
package import Limits

/// Whether a call may be sent now.
package enum RateAdmission: Sendable, Equatable {
    /// It counts as sent: perform it, or withdraw it.
    case admitted
    /// Ask again after this long.
    case wait(Duration)
}

/// How many calls each endpoint still takes, learned from its answers: a value without a clock.
///
/// An endpoint has a limit a minute, in windows whose end the provider names, and takes a thirtieth of it a second. All
/// nodes share it. So what an answer says is left always wins over our own count; only our calls still under way, which
/// that answer may not include, are taken off. Source: the provider's "Rate limits" page.
package struct RateBudget: Sendable {
    private let limits: Limits.Provider
    private var endpoints: [ProviderEndpoint: EndpointBudget] = [:]

    package init(limits: Limits.Provider = Limits.Provider()) { self.limits = limits }

    /// Takes one of the endpoint's calls, if there is one.
    package mutating func admit(_ endpoint: ProviderEndpoint, at now: Timestamp) -> RateAdmission {
        change(endpoint, at: now) { $0.admit(at: now) }
    }

    /// Takes note of the answer to an admitted call.
    package mutating func learn(_ endpoint: ProviderEndpoint, _ reading: RateLimitReading, at now: Timestamp) {
        change(endpoint, at: now) { $0.learn(reading, at: now) }
    }

    /// An admitted call was not sent, or got no answer.
    package mutating func withdraw(_ endpoint: ProviderEndpoint, at now: Timestamp) {
        change(endpoint, at: now) { $0.withdraw() }
    }

    /// What is known of the endpoints that were called, by name.
    package func standing(at now: Timestamp) -> [EndpointLimit] {
        endpoints.map { $1.standing(of: $0, at: now) }.sorted { $0.endpoint.rawValue < $1.endpoint.rawValue }
    }

    private mutating func change<Result>(
        _ endpoint: ProviderEndpoint,
        at now: Timestamp,
        _ body: (inout EndpointBudget) -> Result
    ) -> Result {
        if endpoints[endpoint] == nil, endpoints.count >= limits.endpoints { endpoints.removeAll() }
        let perMinute = endpoint.documentedPerMinute ?? limits.callsPerMinute
        return body(
            &endpoints[
                endpoint,
                default: EndpointBudget(limit: perMinute, limits, at: now)
            ]
        )
    }
}
