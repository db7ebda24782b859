import Chat
import JSON
import Outbox
import Provider

/// Performs effects as calls of the chat provider; their payloads are ``ProviderCall``s as JSON.
///
/// Repetition is harmless: every call is the same performed twice as once.
struct ProviderPerformer: EffectPerformer {
    private let provider: any ChatProvider
    private let usersPerCall: Int

    init(_ provider: any ChatProvider, usersPerCall: Int) {
        (self.provider, self.usersPerCall) = (provider, usersPerCall)
    }

    func batchSize(for action: String) -> Int { ProviderCall.isBatchable(action) ? usersPerCall : 1 }

    func delay(before effects: [PendingEffect]) -> Duration? {
        guard let endpoint = endpoint(effects) else { return nil }
        guard case .wait(let duration) = provider.admit(endpoint) else { return nil }
        return duration
    }

    func withdraw(_ effects: [PendingEffect]) {
        if let endpoint = endpoint(effects) { provider.withdraw(endpoint) }
    }

    func perform(_ effects: [PendingEffect]) async -> [EffectOutcome] {
        var outcomes = [EffectOutcome?](repeating: nil, count: effects.count)
        var calls: [(place: Int, call: ProviderCall)] = []
        for (place, effect) in effects.enumerated() {
            do throws(ProviderCallError) {
                calls.append((place, try ProviderCall(json: effect.payload)))
            } catch {
                let reason = "read the stored call: \(error); if a newer version stored it, run that one"
                outcomes[place] = .unsent(.impossible(reason: reason))
            }
        }
        if calls.isEmpty { withdraw(effects) }
        let results = await provider.perform(calls.map(\.call))
        for (call, result) in zip(calls, results) { outcomes[call.place] = EffectOutcome(result) }
        return outcomes.map { $0 ?? .retry(reason: "the provider's client gave no outcome", after: nil) }
    }

    /// Effects of one action share one, since an action is a call's name.
    private func endpoint(_ effects: [PendingEffect]) -> ProviderEndpoint? {
        effects.lazy.compactMap { try? ProviderCall(json: $0.payload) }.first?.endpoint
    }
}

extension EffectOutcome {
    init(_ outcome: ProviderOutcome) {
        switch outcome {
        case .done(let answer):
            self = .done(answer: "answered \(answer.status)" + (answer.taskID.map { ", task \($0)" } ?? ""))
        case .alreadyDone(let reason): self = .alreadyDone(answer: reason.description)
        case .retry(let failure, let after, _):
            let reason = failure.description
            switch failure.status ?? 0 {
            case 429: self = .limited(reason: reason, after: after)
            case 408: self = .retry(reason: reason, after: after)
            // An answer that names what is missing, such as a channel's members.
            case 400..<500: self = .early(reason: reason)
            default: self = .retry(reason: reason, after: after)
            }
        case .giveUp(let failure): self = .refused(reason: failure.description)
        case .misconfigured(let failure): self = .misconfigured(reason: failure.description)
        }
    }
}
