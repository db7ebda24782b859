package import Chat
import History
import Limits
package import MongoDB

/// An effect as it is stored: what is to be done and how far it has come.
package struct OutboxRow: Sendable, Equatable, LaneOrdered {
    package let key: Effect.EffectKey
    package let destination: Effect.Destination
    package let lane: String
    package let shard: Int
    package let action: String
    package let payload: String
    package let order: Int64
    package private(set) var state: EffectState
    package let eventTime: Timestamp
    package let created: Timestamp
    /// Not performed after that.
    package let expires: Timestamp?
    /// Not tried again before.
    package let retryAt: Timestamp?
    /// Times that it was begun.
    package private(set) var attempts: Int
    /// Attempts that failed while the destination was well otherwise.
    package private(set) var failures: Int
    /// Of the lease under which it was begun last.
    package private(set) var token: Int64
    /// Whether it waits once for each subject: see ``Effect/renewal(_:latest:order:_:at:)``.
    let isRenewable: Bool

    /// `nil` for a document that this version cannot read.
    init?(_ document: BSONDocument) {
        guard let key = document.string("_id"), let destination = document.string("destination"),
            let lane = document.string("lane"), let shard = document.int64("shard"),
            let action = document.string("action"), let order = document.int64("order"),
            let state = document.string("state").flatMap(EffectState.init),
            let eventTime = document.time("event_at"), let created = document.time("created")
        else { return nil }
        self.key = Effect.EffectKey(stored: key)
        self.destination = Effect.Destination(destination)
        (self.lane, self.shard, self.action, self.order) = (lane, Int(shard), action, order)
        (self.state, self.eventTime, self.created) = (state, eventTime, created)
        payload = document.string("payload") ?? "{}"
        expires = document.time("expires")
        retryAt = document.time("retry_at")
        attempts = Int(document.int64("attempts") ?? 0)
        failures = Int(document.int64("failures") ?? 0)
        token = document.int64("token") ?? 0
        isRenewable = document.date("latest_at") != nil
    }

    package var bytes: Int { payload.utf8.count + MemoryLayout<OutboxRow>.size }

    var pending: PendingEffect {
        PendingEffect(
            key: key,
            destination: destination,
            lane: lane,
            action: action,
            payload: payload,
            eventTime: eventTime,
            attempts: attempts
        )
    }

    /// As it is stored once it is begun under a lease.
    func begun(_ token: Int64) -> OutboxRow {
        var row = self
        (row.state, row.token, row.attempts) = (.running, token, attempts + 1)
        return row
    }

    /// As it is stored once an attempt failed.
    func putOff(isFailure: Bool) -> OutboxRow {
        var row = self
        (row.state, row.failures) = (.waiting, failures + (isFailure ? 1 : 0))
        return row
    }

    package func isStale(at now: Timestamp) -> Bool { expires.map { $0 < now } ?? false }
}

extension Effect {
    /// The write that puts it into the outbox unless it is there already: part of the transaction that causes it.
    ///
    /// - Parameters:
    ///   - mode: decides whether it will be performed.
    ///   - order: larger than that of what was written before: see ``WriteOrder``.
    /// - Returns: `nil` if nothing is to be written.
    package func outboxWrite(_ mode: EffectMode, order: Int64, at now: Timestamp) -> MongoUpdate? {
        guard mode != .off else { return nil }
        let fields = storedFields(mode, order: order, at: now)
        var change = BSONDocument(capacity: fields.byteCount + 32)
        change.append("$setOnInsert", fields)
        return MongoUpdate(filter: .id(key.description), update: change, upsert: true)
    }

    /// All but the key.
    func storedFields(_ mode: EffectMode, order: Int64, at now: Timestamp) -> BSONDocument {
        let state = initialState(mode, at: now)
        var fields = BSONDocument(capacity: payload.utf8.count + 512)
        fields.append("destination", destination.description)
        fields.append("lane", lane)
        fields.append("shard", Int32(Shard.of(lane)))
        fields.append("order", order)
        fields.append("action", action)
        fields.append("payload", payload)
        fields.append("cause", cause.kind.rawValue)
        fields.append("cause_id", cause.id)
        fields.append("event_at", date: eventTime.milliseconds)
        fields.append("created", date: now.milliseconds)
        if let maximumAge {
            fields.append("expires", date: Timestamp(nanoseconds: eventTime.nanoseconds + maximumAge.nanoseconds))
        }
        fields.append("state", state.rawValue)
        if state == .scheduled { fields.append("due", date: notBefore) }
        if state.isOpen { fields.append("open", true) }
        if !state.isOpen, state != .scheduled { fields.append("finished", date: now.milliseconds) }
        fields.append("timeline") { (array: inout BSONArray) in
            array.append { TimelineEntry(at: now, what: .written, detail: state.rawValue).write(to: &$0) }
        }
        return fields
    }

    private func initialState(_ mode: EffectMode, at now: Timestamp) -> EffectState {
        if mode == .record { return .recorded }
        if isStale(at: now) { return .stale }
        return notBefore.map { $0 > now } ?? false ? .scheduled : .waiting
    }
}

/// The part of all lanes that one belongs to.
package enum Shard {
    /// FNV-1a of the lane: the same on every node and in every version.
    package static func of(_ lane: String) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in lane.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int((hash >> 32) % UInt64(count))
    }

    package static var count: Int { Limits.Outbox.shards }
}
