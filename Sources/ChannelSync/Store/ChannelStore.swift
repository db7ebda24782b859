package import Chat
package import History
package import Limits
package import MongoDB
package import Outbox
import Provider

/// The channels of business objects in MongoDB, and the effects that make them so at the provider.
///
/// Every call blocks its thread.
package struct ChannelStore: Sendable {
    package enum Outcome: Sendable {
        /// With the effects that were written for it, if it changed.
        case synced(SyncedChannel, effects: [Effect])
        /// The object's channel is another's: two objects make the same channel id.
        case taken(kind: String, objectID: String)
        /// There is no such channel.
        case unknown
    }

    private let store: HistoryStore
    private let limits: Limits
    private let mode: EffectMode
    private let order: WriteOrder

    package init(_ store: HistoryStore, limits: Limits, mode: EffectMode, order: WriteOrder) {
        (self.store, self.limits, self.mode, self.order) = (store, limits, mode, order)
    }

    // MARK: Changing

    /// Stores what is asked of a channel together with the effects that follow, in one transaction.
    ///
    /// Safe to repeat: what is there already has no effect.
    package func apply(
        _ request: ChannelRequest,
        to cid: String,
        cause: Effect.Cause,
        at now: Timestamp
    ) throws(MongoError) -> Outcome {
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.withTransaction { session throws(MongoError) in
                let known = try find(.id(cid), limit: 1, connection, session).first
                if case .put(let desired, _) = request, let known, !known.isOf(desired) {
                    return .taken(kind: known.kind, objectID: known.objectID)
                }
                let decision = ChannelDecision.decide(
                    request,
                    on: known,
                    creation: try creation(of: known, connection, session),
                    mode: mode,
                    membersPerCall: limits.provider.membersPerCall,
                    at: now
                )
                guard var decision else { return known.map { .synced($0, effects: []) } ?? .unknown }
                let effects = decision.effects(cause: cause, at: now)
                if mode == .on, let key = decision.creation(among: effects) { decision.channel.creation = key }
                try write(decision.channel, effects, at: now, connection, session)
                return .synced(decision.channel, effects: mode == .off ? [] : effects)
            }
        }
    }

    private func write(
        _ channel: SyncedChannel,
        _ effects: [Effect],
        at now: Timestamp,
        _ connection: MongoConnection,
        _ session: MongoSession
    ) throws(MongoError) {
        let update = MongoUpdate(filter: .id(channel.cid), update: channel.document, upsert: true)
        let collection = Collection.channelObjects.rawValue
        _ = try connection.update([update], in: collection, of: store.database, session: session)
        let rows = effects.compactMap { $0.outboxWrite(mode, order: order.next(at: now), at: now) }
        guard !rows.isEmpty else { return }
        _ = try connection.update(rows, in: Collection.outbox.rawValue, of: store.database, session: session)
    }

    /// An effect that is kept no longer was done, or too long ago to matter.
    private func creation(
        of known: SyncedChannel?,
        _ connection: MongoConnection,
        _ session: MongoSession
    ) throws(MongoError) -> ChannelCreation {
        var creation = ChannelCreation.sound
        guard let key = known?.creation else { return creation }
        try connection.find(
            Collection.outbox.rawValue,
            .id(key),
            in: store.database,
            options: .init(projection: .keys(("state", 1), ("failures", 1)), limit: 1),
            session: session
        ) { (document: BSONDocument) throws(MongoError) in
            if let state = document.string("state").flatMap(EffectState.init) {
                creation = ChannelCreation(state, failures: document.int64("failures") ?? 0)
            }
            return false
        }
        return creation
    }

    // MARK: Messages

    /// Writes the effect that sends a message, unless one of the same request was written before.
    ///
    /// - Returns: whether it was written now.
    package func send(_ effect: Effect, at now: Timestamp) throws(MongoError) -> Bool {
        try OutboxStore(store, limits: limits.outbox).write([effect], mode: mode, order: order, at: now) > 0
    }

    // MARK: Reading

    /// The channels of one object, by `cid`.
    ///
    /// - Parameter cid: that one only; else those behind `after`.
    package func channels(
        kind: String,
        objectID: String,
        cid: String? = nil,
        after: String? = nil,
        limit: Int
    ) throws(MongoError) -> [SyncedChannel] {
        var filter = BSONDocument()
        filter.append("kind", kind)
        filter.append("object_id", objectID)
        if let cid {
            filter.append("_id", cid)
        } else if let after {
            filter.append("_id") { $0.append("$gt", after) }
        }
        return try store.pool.withConnection { connection throws(MongoError) in
            try find(filter, limit: limit, connection, nil)
        }
    }

    private func find(
        _ filter: BSONDocument,
        limit: Int,
        _ connection: MongoConnection,
        _ session: MongoSession?
    ) throws(MongoError) -> [SyncedChannel] {
        var found: [SyncedChannel] = []
        try connection.find(
            Collection.channelObjects.rawValue,
            filter,
            in: store.database,
            options: .init(
                sort: .keys(("_id", 1)),
                limit: limit,
                maxTimeMS: session == nil ? limits.query.milliseconds : nil
            ),
            session: session
        ) { (document: BSONDocument) throws(MongoError) in
            if let channel = SyncedChannel(document) { found.append(channel) }
            return true
        }
        return found
    }
}

extension SyncedChannel {
    fileprivate func isOf(_ channel: DesiredChannel) -> Bool {
        kind == channel.kind && objectID == channel.objectID
    }
}

extension ChannelDecision {
    /// Each change is a version of its own, and each call a part of it: nothing of it acts twice.
    fileprivate func effects(cause: Effect.Cause, at now: Timestamp) -> [Effect] {
        calls.enumerated().map { index, call in
            Effect(call, version: "object \(channel.version).\(index)", cause: cause, eventTime: now)
        }
    }

    /// The key of the effect that creates the channel.
    fileprivate func creation(among effects: [Effect]) -> String? {
        zip(calls, effects).first { call, _ in
            if case .createChannel = call { true } else { false }
        }?.1.key.description
    }
}
