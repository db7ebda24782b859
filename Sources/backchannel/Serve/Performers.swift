import Chat
import HTTPClient
import Limits
import Outbox
import Provider
import Telemetry
import WebhookIngest

extension Configuration {
    /// The provider's API, if its key and secret are known.
    func chatProvider(metrics: Metrics) -> StreamClient? {
        guard let key = provider.apiKey, let secret = provider.apiSecret else { return nil }
        var client = limits.client
        client.concurrent = limits.outbox.providerCalls
        return StreamClient(
            credentials: StreamCredentials(apiKey: key, secret: secret.revealed(), baseURL: provider.baseURL),
            http: HTTPClient(limits: client),
            limits: limits.provider,
            metrics: metrics,
            now: QueueClock.system.now
        )
    }

    /// Who performs effects, as far as they are configured.
    func performers(_ provider: (any ChatProvider)?) -> [Effect.Destination: any EffectPerformer] {
        var performers: [Effect.Destination: any EffectPerformer] = [:]
        if let provider {
            performers[.provider] = ProviderPerformer(provider, usersPerCall: limits.provider.usersPerCall)
        }
        return performers
    }
}
