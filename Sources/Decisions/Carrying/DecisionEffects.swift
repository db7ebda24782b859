package import History
package import MongoDB
package import Outbox

/// What the rules decided about a batch, as writes to the outbox.
package struct DecisionEffects: EffectSource {
    private let outbox: OutboxWriter

    package init(outbox: OutboxWriter) { self.outbox = outbox }

    package func outboxWrites(of batch: BatchFold) -> [MongoUpdate] {
        outbox.writes(batch.judgement.effects)
    }
}
