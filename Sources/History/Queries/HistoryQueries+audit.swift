package import Chat
import Limits
package import MongoDB

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

    func document(after position: ListPosition?) -> BSONDocument {
        var filter = BSONDocument()
        if let action { filter.append("action", action) }
        if let key { filter.append("key", key) }
        if let subjectKind { filter.append("kind", subjectKind) }
        if let actor { filter.append("values.\(SealedEntry.actor)", actor) }
        if let subject { filter.append("values.\(SealedEntry.subject)", subject) }
        if let user { filter.append("values.\(SealedEntry.user)", user) }
        filter.append(latestBy: "at", from: from, until: until, after: position)
        return filter
    }
}

extension HistoryQueries {
    /// Entries of the audit trail, latest first; those that cannot be read are left to `backchannel audit verify`.
    package func audit(
        _ filter: AuditFilter,
        after position: ListPosition?,
        limit: Int
    ) throws(MongoError) -> ListPage<AuditRow> {
        try page(.audit, filter.document(after: position), limit: limit).compactMap { AuditLink($0).map(AuditRow.init) }
    }
}
