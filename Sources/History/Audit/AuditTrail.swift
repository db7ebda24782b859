import Crypto
package import Limits
package import MongoDB

/// Enters what was done into the audit trail.
package struct AuditTrail: Sendable {
    private let limits: Limits.Audit

    package init(limits: Limits.Audit = Limits.Audit()) { self.limits = limits }

    /// Enters in a transaction, so that an act and its entry commit together or not at all.
    ///
    /// The entries wait beside the chain (`audit_pending`) until ``AuditChain`` takes them up, which whoever answers for the act
    /// has done before the answer: were the chain's end part of transactions, they would abort each other, and one left open by
    /// a crash would hold up everybody for a minute.
    package func append(
        _ entries: [AuditEntry],
        _ connection: MongoConnection,
        _ session: MongoSession,
        _ database: String
    ) throws(MongoError) {
        guard !entries.isEmpty else { return }
        let sealed = try seal(entries, connection, session, database)
        try connection.insert(
            sealed.map(\.pendingDocument),
            into: Collection.auditPending.rawValue,
            in: database,
            session: session
        )
    }

    /// Commits to the values of entries, leaving out what names users who are erased already.
    func seal(
        _ entries: [AuditEntry],
        _ connection: MongoConnection,
        _ session: MongoSession?,
        _ database: String
    ) throws(MongoError) -> [SealedEntry] {
        let erased = try erasedUsers(among: entries, connection, session, database)
        do throws(RandomnessUnavailable) {
            return try entries.map { entry throws(RandomnessUnavailable) in
                try SealedEntry(entry.withoutUsers(erased), limits: limits)
            }
        } catch {
            throw .refusal("enter into the audit trail: \(error)")
        }
    }

    private func erasedUsers(
        among entries: [AuditEntry],
        _ connection: MongoConnection,
        _ session: MongoSession?,
        _ database: String
    ) throws(MongoError) -> Set<String> {
        let people = entries.reduce(into: Set<String>()) { $0.formUnion($1.people) }
        guard !people.isEmpty else { return [] }
        var filter = BSONDocument()
        filter.append("_id", in: people)
        filter.append("erased", true)
        var erased: Set<String> = []
        try connection.find(
            Collection.users.rawValue,
            filter,
            in: database,
            options: .init(projection: .only("_id"), hint: Index.erasedUsers.name),
            session: session
        ) { (document: BSONDocument) throws(MongoError) in
            if let id = document.string("_id") { erased.insert(id) }
            return true
        }
        return erased
    }
}

extension SealedEntry {
    fileprivate var pendingDocument: BSONDocument {
        var document = BSONDocument(capacity: 1_024)
        document.append("_id", origin)
        append(to: &document)
        return document
    }
}
