import Blocking
package import Chat
package import HTTPClient
import JSON
package import Limits
package import Telemetry

/// Stream's API.
///
/// What is asked and what answers mean is decided elsewhere (``StreamSpelling``, ``StreamQueries``, ``StreamOutcome``):
/// this only sends, and lets the limits learn.
package final class StreamClient: ChatProvider {
    let limits: Limits.Provider
    let now: @Sendable () -> Timestamp
    private let credentials: StreamCredentials
    private let http: HTTPClient
    private let budget: Locked<RateBudget>
    private let metrics: Metrics

    /// - Parameter http: its number of requests at once is how many calls are under way at most.
    package init(
        credentials: StreamCredentials,
        http: HTTPClient,
        limits: Limits.Provider = Limits.Provider(),
        metrics: Metrics = Metrics(),
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.credentials = credentials
        self.http = http
        self.limits = limits
        self.metrics = metrics
        self.now = now
        budget = Locked(RateBudget(limits: limits))
    }

    package func admit(_ endpoint: ProviderEndpoint) -> RateAdmission {
        let now = now()
        return budget.withLock { $0.admit(endpoint, at: now) }
    }

    package func withdraw(_ endpoint: ProviderEndpoint) {
        let now = now()
        budget.withLock { $0.withdraw(endpoint, at: now) }
    }

    package func endpointLimits() -> [EndpointLimit] {
        let now = now()
        return budget.withLock { $0.standing(at: now) }
    }

    package func refusal(of call: ProviderCall) -> ProviderFailure? {
        do throws(ProviderFailure) {
            _ = try StreamSpelling(limits: limits).request(for: call, at: now())
            return nil
        } catch {
            return error
        }
    }

    package func perform(_ call: ProviderCall) async -> ProviderOutcome {
        let outcome = await performed(call)
        metrics.counter(
            "backchannel_provider_calls_total",
            help: "Calls to the chat provider by what came of them.",
            labels: ["endpoint": call.endpoint.rawValue, "outcome": outcome.name]
        ).add()
        return outcome
    }

    private func performed(_ call: ProviderCall) async -> ProviderOutcome {
        let request: StreamRequest
        do throws(ProviderFailure) {
            switch try StreamSpelling(limits: limits).request(for: call, at: now()) {
            case .request(let spelled): request = spelled
            case .over:
                withdraw(call.endpoint)
                return .alreadyDone(.over)
            }
        } catch {
            withdraw(call.endpoint)
            return .giveUp(error)
        }
        let judge = StreamOutcome(limits: limits)
        do throws(HTTPClientError) {
            let response = try await send(request)
            return judge.outcome(of: response, to: call, at: now())
        } catch {
            return judge.outcome(error, endpoint: call.endpoint)
        }
    }

    /// Sends an admitted request; an answer of the provider's own teaches the limits.
    func send(_ request: StreamRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let signed = credentials.signed(request, timeout: .milliseconds(limits.callMilliseconds))
        let response: HTTPClientResponse
        do throws(HTTPClientError) {
            response = try await http.send(signed)
        } catch {
            withdraw(request.endpoint)
            throw error
        }
        let now = now()
        let reading = RateLimitReading(response, at: now)
        // Only an accepted call without headers tells that there is no limit: what stands in between, and an error that
        // never came to the limit, have none either.
        let isAccepted = (200..<300).contains(response.status)
        let isTelling = reading.limit != nil || reading.isRefusal || (isAccepted && StreamAnswer(response).isJSON)
        budget.withLock {
            if isTelling {
                $0.learn(request.endpoint, reading, at: now)
            } else {
                $0.withdraw(request.endpoint, at: now)
            }
        }
        return response
    }
}
