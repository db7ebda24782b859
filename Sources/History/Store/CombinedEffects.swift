package import MongoDB

/// Several sources of effects as one.
package struct CombinedEffects: EffectSource {
    private let sources: [any EffectSource]

    package init(_ sources: [any EffectSource]) { self.sources = sources }

    package func outboxWrites(of batch: BatchFold) -> [MongoUpdate] {
        sources.flatMap { $0.outboxWrites(of: batch) }
    }
}
