import Chat
import Outbox
import Telemetry

extension Configuration {
    /// Who performs effects, as far as they are configured.
    func performers(log: Log) -> [Effect.Destination: any EffectPerformer] { [:] }
}
