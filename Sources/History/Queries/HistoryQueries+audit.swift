package import Chat
import Limits
package import MongoDB

/// An entry's place in a list: latest first.
package struct AuditPosition: Sendable, Equatable {
    /// In whole milliseconds.
    package var at: Timestamp
    package var sequence: Int64
    package init(at: Timestamp, sequence: Int64) { (self.at, self.sequence) = (at, sequence) }
}

package struct AuditPage: Sendable {
    package let entries: [AuditRow]
    package let next: AuditPosition?
}

/// What entries are listed by; everything is optional.
package struct AuditFilter: Sendable, Equatable {
    package var action: String?
    package var key: String?
    package var actor: String?
    package var subjectKind: String?
    package var subject: String?
    package var user: String?
    package var from: Timestamp?
    /// Not from then on.
    package var until: Timestamp?
    package init() {}

    func document(after position: AuditPosition?) -> BSONDocument {
        var filter = BSONDocument()
        if let action { filter.append("action", action) }
        if let key { filter.append("key", key) }
        if let subjectKind { filter.append("kind", subjectKind) }
        if let actor { filter.append("values.\(SealedEntry.actor)", actor) }
        if let subject { filter.append("values.\(SealedEntry.subject)", subject) }
        if let user { filter.append("values.\(SealedEntry.user)", user) }
        let end = [until.map { $0.milliseconds - 1 }, position?.at.milliseconds].compactMap(\.self).min()
        if from != nil || end != nil {
            filter.append("at") {
                if let from { $0.append("$gte", date: from.milliseconds) }
                if let end { $0.append("$lte", date: end) }
            }
        }
        guard let position else { return filter }
        filter.append("$or") { (either: inout BSONArray) in
            either.append { $0.append("at") { $0.append("$ne", date: position.at.milliseconds) } }
            either.append { $0.append("_id") { $0.append("$lt", position.sequence) } }
        }
        return filter
    }
}

extension HistoryQueries {
    /// Entries of the audit trail, latest first; those that cannot be read are left to `backchannel audit verify`.
    package func audit(
        _ filter: AuditFilter,
        after position: AuditPosition?,
        limit: Int
    ) throws(MongoError) -> AuditPage {
        let found = try documents(
            .audit,
            filter.document(after: position),
            sort: .keys(("at", -1), ("_id", -1)),
            limit: limit + 1
        )
        let page = found.prefix(limit)
        let next = page.last.flatMap { last in
            last.time("at").flatMap { at in last.int64("_id").map { AuditPosition(at: at, sequence: $0) } }
        }
        return AuditPage(
            entries: page.compactMap { AuditLink($0).map(AuditRow.init) },
            next: found.count > limit ? next : nil
        )
    }
}
