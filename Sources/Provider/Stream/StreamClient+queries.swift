package import Chat
import HTTPClient
import JSON
import Limits

extension StreamClient {
    private var queries: StreamQueries { StreamQueries(limits: limits) }

    package func appSettings() async throws(ProviderError) -> AppSettings {
        let request = queries.appSettings()
        guard let settings = AppSettings(answer: try await answer(to: request)) else {
            throw unreadable(request.endpoint)
        }
        return settings
    }

    package func write(_ plan: HookPlan) async throws(ProviderError) {
        // The list is replaced as a whole: what somebody added meanwhile would be lost.
        guard try await appSettings().hooks == plan.before else { throw .hooksChanged }
        _ = try await answer(to: queries.write(plan))
    }

    package func channels(_ query: ChannelQuery) async throws(ProviderError) -> [ChannelState] {
        let request = queries.channels(query)
        return try await elements("channels", of: request) { StreamProvider().channelState($0) }
    }

    package func state(
        of cid: String,
        by creator: String,
        messages: MessagePage,
        members: OffsetPage
    ) async throws(ProviderError) -> ChannelState {
        let request: StreamRequest
        do throws(ProviderFailure) {
            request = try queries.state(of: cid, by: creator, messages: messages, members: members)
        } catch { throw .refused(error) }
        let body = try await answer(to: request)
        guard let value = try? JSONParser().parse(body), let state = StreamProvider().channelState(value) else {
            throw unreadable(request.endpoint)
        }
        return state
    }

    package func users(ids: [String]) async throws(ProviderError) -> [Fetched<User>] {
        let request: StreamRequest
        do throws(ProviderFailure) { request = try queries.users(ids: ids) } catch { throw .refused(error) }
        return try await elements("users", of: request) { value in
            StreamProvider().user(answer: value).map { Fetched($0, json: value.serialized()) }
        }
    }

    package func bans(
        in cid: String?,
        since: Timestamp,
        _ page: OffsetPage
    ) async throws(ProviderError) -> [StandingBan] {
        try await elements("bans", of: queries.bans(in: cid, since: since, page)) { StreamProvider().standingBan($0) }
    }

    /// What the answer lists under `field`; an element that cannot be read is a fault of the whole, since a page with a
    /// hole would look like a loss.
    private func elements<Element>(
        _ field: String,
        of request: StreamRequest,
        _ decode: (JSONValue) -> Element?
    ) async throws(ProviderError) -> [Element] {
        let body = try await answer(to: request)
        guard let list = try? JSONParser().parse(body)[field], list.kind == .array else {
            throw unreadable(request.endpoint)
        }
        var elements: [Element] = []
        for value in list.array {
            guard let element = decode(value) else { throw unreadable(request.endpoint) }
            elements.append(element)
        }
        return elements
    }

    /// Waits for the limit and sends; anything but success is thrown.
    private func answer(to request: StreamRequest) async throws(ProviderError) -> [UInt8] {
        do throws(CancellationError) {
            try await waitUntilAdmitted(request.endpoint)
        } catch {
            throw .unavailable(ProviderFailure(request.endpoint, reason: "cancelled"), after: nil)
        }
        let judge = StreamOutcome(limits: limits)
        let outcome: ProviderOutcome
        var body: [UInt8] = []
        do throws(HTTPClientError) {
            let response = try await send(request)
            body = response.body
            outcome = judge.outcome(of: response, endpoint: request.endpoint, at: now())
        } catch {
            outcome = judge.outcome(error, endpoint: request.endpoint)
        }
        switch outcome {
        case .done, .alreadyDone: return body
        case .retry(let failure, let after, _): throw .unavailable(failure, after: after)
        case .giveUp(let failure): throw .refused(failure)
        case .misconfigured(let failure): throw .misconfigured(failure)
        }
    }

    private func unreadable(_ endpoint: ProviderEndpoint) -> ProviderError {
        .unavailable(
            ProviderFailure(endpoint, reason: "the answer lacks what it should hold. Check GETSTREAM_BASE_URL."),
            after: nil
        )
    }
}
