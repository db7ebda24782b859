package import Chat

/// The chat provider's API: what may be asked of it, whichever it is.
///
/// Nothing here is retried: whoever asks decides by the outcome.
package protocol ChatProvider: Sendable {
    /// Takes one of the endpoint's calls, if its limit leaves one.
    ///
    /// An admitted call must be performed or withdrawn.
    func admit(_ endpoint: ProviderEndpoint) -> RateAdmission

    /// Gives back an admitted call that will not be performed.
    func withdraw(_ endpoint: ProviderEndpoint)

    /// What is known of the limits of the endpoints that this node has called.
    func endpointLimits() -> [EndpointLimit]

    /// Why the provider would never take this call, as far as that can be known unsent; `nil` if it may.
    func refusal(of call: ProviderCall) -> ProviderFailure?

    /// Performs an admitted call once; doing so again is safe whatever came of it.
    func perform(_ call: ProviderCall) async -> ProviderOutcome

    /// What the app is set to; also the cheapest way to know whether key and secret are right.
    func appSettings() async throws(ProviderError) -> AppSettings

    /// Writes the plan's hooks, if the app's are still those that it was made of.
    ///
    /// - Throws: ``ProviderError/hooksChanged`` when they are not; then nothing was written.
    func write(_ plan: HookPlan) async throws(ProviderError)

    /// A page of channels; fewer than asked for is the last.
    func channels(_ query: ChannelQuery) async throws(ProviderError) -> [ChannelState]

    /// One channel with pages of its messages and members.
    ///
    /// The provider has one call for getting and making: list the channel first, since one that is gone would be made
    /// again.
    ///
    /// - Parameter creator: who made it; the provider does not answer without, and changes nothing of a channel that
    ///   exists.
    func state(
        of cid: String,
        by creator: String,
        messages: MessagePage,
        members: OffsetPage
    ) async throws(ProviderError) -> ChannelState

    /// Those of the users who exist, deactivated ones included.
    ///
    /// - Parameter ids: at most 100.
    func users(ids: [String]) async throws(ProviderError) -> [Fetched<User>]

    /// A page of the bans in force that were made since then, the oldest first.
    ///
    /// - Parameter cid: those of one channel; else all, also those that hold everywhere.
    func bans(in cid: String?, since: Timestamp, _ page: OffsetPage) async throws(ProviderError) -> [StandingBan]
}

extension ChatProvider {
    /// Waits for the endpoint's limit, then performs the call: for commands, which have nothing else to do meanwhile.
    package func performWhenAdmitted(_ call: ProviderCall) async throws(CancellationError) -> ProviderOutcome {
        try await waitUntilAdmitted(call.endpoint)
        return await perform(call)
    }

    func waitUntilAdmitted(_ endpoint: ProviderEndpoint) async throws(CancellationError) {
        while case .wait(let duration) = admit(endpoint) {
            do { try await Task.sleep(for: duration) } catch { throw CancellationError() }
        }
    }
}
