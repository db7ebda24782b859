import Chat
import History
import Limits
import MongoDB

/// What the chat itself tells: of kind `user` by the user's id, of kind `channel` by the channel's `cid`.
///
/// Custom data are fields as well, where a name is not taken by a field that every user or channel may have. Nothing is
/// remembered: it is in our own database, and changes with every event.
struct ChatFactSource: FactSource {
    let history: HistoryHandle
    let limits: Limits.Facts
    let now: @Sendable () -> Timestamp

    let origin = FactOrigin.chat
    let isCached = false
    let watches: [FactWatch] = []

    func covers(_ kind: String) -> Bool { kind == "user" || kind == "channel" }

    func load(_ kind: String, _ ids: [String]) throws(FactSourceError) -> [String: FactRecord] {
        let time = now()
        return try history.read { (store) throws(MongoError) in
            if kind == "user" {
                try records(UserRecord.self, ids, store).mapValues { $0.facts(at: time) }
            } else {
                try records(ChannelRecord.self, ids, store).mapValues { $0.facts(store.settings.patterns) }
            }
        }
    }

    func record(of key: FactKey, in known: ChatRecords) -> FactRecord? {
        switch key.kind {
        case "user": known.users[key.id]?.facts(at: now())
        case "channel": history.store.flatMap { known.channels[key.id]?.facts($0.settings.patterns) }
        default: nil
        }
    }

    private func records<Record: StoredRecord>(
        _: Record.Type,
        _ ids: [String],
        _ store: HistoryStore
    ) throws(MongoError) -> [String: Record] where Record.Key == String {
        var records = [String: Record](minimumCapacity: ids.count)
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Record.collection.rawValue,
                .among("_id") { array in for id in ids { array.append(id) } },
                in: store.database,
                options: .init(maxTimeMS: limits.queryMilliseconds)
            ) { (document: BSONDocument) throws(MongoError) in
                if let record = Record(document) { records[record.key] = record }
                return true
            }
        }
        return records
    }
}

extension UserRecord {
    fileprivate func facts(at time: Timestamp) -> FactRecord {
        var record = FactRecord(custom: profile?.value.custom)
        let own = profile?.value
        record.set("name", own?.name)
        record.set("image", own?.image)
        record.set("role", own?.role)
        record.set("language", own?.language)
        record.set("teams", .strings(own?.teams ?? []))
        record.set("created_at", own?.createdAt.map { .time($0) })
        record.set("deactivated", .bool(deactivation?.value ?? false))
        record.set("banned", .bool(ban?.value.holds(at: time) ?? false))
        return record
    }
}

extension BanState {
    fileprivate func holds(at time: Timestamp) -> Bool { isBanned && expires.map { $0 > time } ?? true }
}

extension ChannelRecord {
    fileprivate func facts(_ patterns: ContextPatterns) -> FactRecord {
        var record = FactRecord(custom: profile?.value.custom)
        let (parts, own) = (Channel.parts(ofCID: cid), profile?.value)
        record.set("type", parts.type)
        record.set("id", parts.id)
        record.set("name", own?.name)
        record.set("image", own?.image)
        record.set("team", own?.team)
        record.set("created_by", own?.createdBy)
        record.set("created_at", own?.createdAt.map { .time($0) })
        record.set("member_count", own?.memberCount.map { .integer($0) })
        record.set("disabled", .bool(own?.isDisabled ?? false))
        record.set("frozen", .bool(frozen?.value ?? false))
        record.set("deleted", .bool(deletion?.value ?? false))
        let context = effectiveContext(patterns)
        // What the custom data itself says of these is in the context already.
        for kind in BusinessContext.Kind.allCases { if let id = context[kind] { record.set(kind.field, id) } }
        return record
    }
}

extension FactRecord {
    /// Custom data never stand for what the provider itself says or leaves open.
    fileprivate mutating func set(_ name: String, _ value: FactValue?) { fields[name] = value }
    fileprivate mutating func set(_ name: String, _ text: String?) { fields[name] = text.map { .string($0) } }
}

extension FactRecord {
    /// What a chat's record tells besides its custom data, at most, in fields.
    private static let ownFields = 16

    /// - Parameter custom: JSON, as the record keeps it.
    fileprivate init(custom: String?) {
        self = custom.map(FactFields.lenient) ?? FactRecord()
        // A dictionary that grows by steps is made anew at each.
        fields.reserveCapacity(fields.count + Self.ownFields)
    }
}
