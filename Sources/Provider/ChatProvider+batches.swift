package import Limits

extension ChatProvider {
    /// Performs calls in order, in as few requests as possible.
    ///
    /// The provider refuses a whole batch for one bad user: then each call of it is performed alone, so that only the bad
    /// one fails. Every request but the first waits for the endpoint's limit; the first must have been admitted.
    ///
    /// - Returns: an outcome for each call, in the same order.
    package func perform(
        _ calls: [ProviderCall],
        limits: Limits.Provider = Limits.Provider()
    ) async -> [ProviderOutcome] {
        var outcomes: [Int: ProviderOutcome] = [:]
        var isAdmitted = true
        for batch in CallBatch.batches(of: calls, limits: limits) {
            let outcome = await perform(batch.call, isAdmitted: isAdmitted)
            isAdmitted = false
            guard case .giveUp = outcome, batch.parts.count > 1 else {
                for part in batch.parts { outcomes[part] = outcome }
                continue
            }
            for part in batch.parts { outcomes[part] = await perform(calls[part], isAdmitted: false) }
        }
        return calls.indices.compactMap { outcomes[$0] }
    }

    private func perform(_ call: ProviderCall, isAdmitted: Bool) async -> ProviderOutcome {
        if isAdmitted { return await perform(call) }
        do throws(CancellationError) {
            return try await performWhenAdmitted(call)
        } catch {
            let failure = ProviderFailure(call.endpoint, reason: "cancelled before it was sent")
            return .retry(failure, after: nil, mayHaveBeenApplied: false)
        }
    }
}
