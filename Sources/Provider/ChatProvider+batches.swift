package import Limits

extension ChatProvider {
    /// Performs calls in order, in as few requests as possible.
    ///
    /// The provider refuses a whole batch for one bad user: then the batch is halved until only the bad one fails. Every
    /// request but the first waits for the endpoint's limit; the first must have been admitted.
    ///
    /// - Returns: an outcome for each call, in the same order.
    package func perform(
        _ calls: [ProviderCall],
        limits: Limits.Provider = Limits.Provider()
    ) async -> [ProviderOutcome] {
        var outcomes: [Int: ProviderOutcome] = [:]
        var isAdmitted = true
        for batch in CallBatch.batches(of: calls, limits: limits) {
            await perform(batch.parts[...], of: calls, isAdmitted: isAdmitted, limits, &outcomes)
            isAdmitted = false
        }
        return calls.indices.compactMap { outcomes[$0] }
    }

    /// The same, waiting for the limit of the first request, too: for commands.
    package func performWhenAdmitted(
        _ calls: [ProviderCall],
        limits: Limits.Provider = Limits.Provider()
    ) async throws(CancellationError) -> [ProviderOutcome] {
        guard let first = calls.first else { return [] }
        try await waitUntilAdmitted(first.endpoint)
        return await perform(calls, limits: limits)
    }

    /// - Parameter parts: of one batch, by their places among all.
    private func perform(
        _ parts: ArraySlice<Int>,
        of calls: [ProviderCall],
        isAdmitted: Bool,
        _ limits: Limits.Provider,
        _ outcomes: inout [Int: ProviderOutcome]
    ) async {
        guard let batch = CallBatch.batches(of: parts.map { calls[$0] }, limits: limits).first else { return }
        let outcome = await perform(batch.call, isAdmitted: isAdmitted)
        guard case .giveUp = outcome, parts.count > 1 else {
            for part in parts { outcomes[part] = outcome }
            return
        }
        let middle = parts.startIndex + parts.count / 2
        for half in [parts[..<middle], parts[middle...]] {
            await perform(half, of: calls, isAdmitted: false, limits, &outcomes)
        }
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
