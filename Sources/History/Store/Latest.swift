import Analytics
import Chat
import MongoDB

/// Looks up latest times again after something was taken back: arithmetic cannot lower a maximum.
struct Latest {
    let connection: MongoConnection
    let session: MongoSession?
    let database: String

    func lookUp(_ keys: [TallyKey]) throws(MongoError) {
        for key in keys {
            guard let times = try times(of: key) else { continue }
            var set = BSONDocument()
            var unset = BSONDocument()
            for (field, time) in times {
                if let time { set.append(field, date: time) } else { unset.append(field, Int32(1)) }
            }
            var change = BSONDocument()
            if !set.isEmpty { change.append("$set", set) }
            if !unset.isEmpty { change.append("$unset", unset) }
            let update = MongoUpdate(filter: .id(key.id), update: change)
            let collection = TallyFields(key.scope).collection.rawValue
            _ = try connection.update([update], in: collection, of: database, session: session)
        }
    }

    private func times(of key: TallyKey) throws(MongoError) -> [(field: String, time: Int64?)]? {
        switch key.scope {
        case .seller: return nil
        case .listing: return [("last_message_at", try latest(.messages, "listing_id", key.id, "createdAt"))]
        case .channel: return [("last_message_at", try latest(.messages, "cid", key.id, "createdAt"))]
        case .user:
            let message = try latest(.messages, "sender_id", key.id, "createdAt")
            let reaction = try latest(.reactions, "user_id", key.id, "createdAt")
            let read = try latest(.readMarks, "user_id", key.id, "at")
            let activity = [message, reaction, read].compactMap(\.self).max()
            return [("last_message_at", message), ("last_activity", activity)]
        }
    }

    private func latest(
        _ collection: Collection,
        _ field: String,
        _ id: String,
        _ timeField: String
    ) throws(MongoError) -> Int64? {
        var filter = BSONDocument()
        filter.append(field, id)
        var sort = BSONDocument()
        sort.append(timeField, Int32(-1))
        var projection = BSONDocument()
        projection.append(timeField, Int32(1))
        var time: Int64?
        try connection.find(
            collection.rawValue,
            filter,
            in: database,
            options: .init(sort: sort, projection: projection, limit: 1),
            session: session
        ) { (document: BSONDocument) throws(MongoError) in
            time = document.date(timeField)
            return false
        }
        return time
    }
}
