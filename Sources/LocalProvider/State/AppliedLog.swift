import Chat

/// What was carried out, for judging whether an effect happened exactly once.
struct AppliedLog: Sendable {
    struct Entry: Sendable {
        let at: Timestamp
        let endpoint: Endpoint
        let effect: AppliedEffect
    }

    struct Count: Sendable, Equatable {
        /// How often it was accepted.
        var calls = 0
        /// How often it made a difference: a repeated upsert of the same data makes none.
        var changes = 0
    }

    private(set) var entries: [Entry] = []
    private(set) var counts: [AppliedEffect.Kind: Count] = [:]

    mutating func append(_ effect: AppliedEffect, _ endpoint: Endpoint, at time: Timestamp) {
        entries.append(Entry(at: time, endpoint: endpoint, effect: effect))
        counts[effect.kind, default: Count()].calls += 1
        if effect.isChange { counts[effect.kind, default: Count()].changes += 1 }
    }
}

/// One operation on one entity.
struct AppliedEffect: Sendable, Equatable {
    struct Kind: Sendable, Hashable {
        /// Its kind and identifier: `message:m1`, `user:ada`, `member:messaging:general/ada`, `ban:*/ada`.
        let entity: String
        /// What was done: `send`, `upsert`, `ban` and the like.
        let operation: String
    }

    let kind: Kind
    let isChange: Bool

    init(_ entity: String, _ operation: String, isChange: Bool = true) {
        kind = Kind(entity: entity, operation: operation)
        self.isChange = isChange
    }
}

/// What the provider tells its hooks.
struct ProviderEvent: Sendable, Equatable {
    let type: String
    /// The message, user or channel it is about, for lists of what was dropped.
    let entity: String
    let body: Fields
    /// Below the hook's address; only for hooks of pending messages.
    var path: String?
}
