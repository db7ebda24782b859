import Analytics
import Chat
import MongoDB

/// Sets the counters of some ids to what the history gives, in one transaction.
///
/// Blocking.
struct CounterMending {
    let scope: TallyKey.Scope
    let scan: HistoryScan

    func mend(_ ids: [String]) throws(MongoError) -> [Difference] {
        let fields = TallyFields(scope)
        let stored = try stored(ids, fields)
        let audit = CounterAudit(scan)
        var differences: [Difference] = []
        var updates: [MongoUpdate] = []
        for (id, expected) in try audit.expected(scope, ids).sorted(by: { $0.key < $1.key }) {
            let row = CounterAudit.Row(id: id, stored: stored[id] ?? BSONDocument(), expected: expected)
            let found = row.differences(scope)
            guard !found.isEmpty else { continue }
            differences += found
            updates.append(MongoUpdate(filter: .id(id), update: fields.replacement(expected), upsert: true))
        }
        if !updates.isEmpty {
            _ = try scan.connection.update(
                updates,
                in: fields.collection.rawValue,
                of: scan.database,
                session: scan.session
            )
        }
        return differences
    }

    private func stored(_ ids: [String], _ fields: TallyFields) throws(MongoError) -> [String: BSONDocument] {
        var found: [String: BSONDocument] = [:]
        var filter = BSONDocument()
        filter.append("_id", in: ids)
        try scan.find(fields.collection, filter) { (document: BSONDocument) throws(MongoError) in
            if let id = document.string("_id") { found[id] = document }
        }
        return found
    }
}

extension TallyFields {
    fileprivate func replacement(_ expected: TallyChange) -> BSONDocument {
        var set = BSONDocument()
        var unset = BSONDocument()
        for (field, count) in counters(expected) { set.append(field, count) }
        for (field, time) in times(expected) {
            if let time { set.append(field, date: time.milliseconds) } else { unset.append(field, Int32(1)) }
        }
        var change = BSONDocument()
        change.append("$set", set)
        if !unset.isEmpty { change.append("$unset", unset) }
        return change
    }
}
