import MongoDB

/// The stage of an erasure that removes from the audit trail what names the user: values and their salts.
///
/// The commitments stay, so the chain holds, and what they were made of can no longer be found out.
struct AuditEraser {
    private let eraser: UserEraser

    init(_ eraser: UserEraser) { self.eraser = eraser }

    /// Where a user is named by the whole value.
    static let fields = [SealedEntry.actor, SealedEntry.subject, SealedEntry.user].map { "values.\($0)" }

    func step(limit: Int) throws(MongoError) -> UserEraser.Progress {
        var (seen, removed) = (0, 0)
        for collection in [Collection.auditPending, .audit] {
            var updates: [MongoUpdate] = []
            try eraser.find(collection, filter, .init(projection: .only("values"), limit: limit)) {
                (document: BSONDocument) throws(MongoError) in
                guard let id = document["_id"] else { return }
                let names = (document.document("values") ?? BSONDocument()).compactMap { name, value in
                    value.string?.names(eraser.user) ?? false ? name : nil
                }
                removed += names.count
                var itself = BSONDocument()
                itself.append("_id", value: id)
                var change = BSONDocument()
                change.append("$unset") {
                    for name in names {
                        $0.append("values.\(name)", Int32(1))
                        $0.append("salts.\(name)", Int32(1))
                    }
                }
                updates.append(MongoUpdate(filter: itself, update: change))
            }
            guard !updates.isEmpty else { continue }
            seen = max(seen, updates.count)
            _ = try eraser.sweeper.connection.update(
                updates,
                in: collection.rawValue,
                of: eraser.sweeper.database,
                session: eraser.sweeper.session
            )
        }
        try ErasureLedger(eraser.sweeper).add([.auditValues: removed], of: eraser.user)
        return seen < limit ? .done : .more(after: nil)
    }

    private var filter: BSONDocument {
        var filter = BSONDocument()
        filter.append("$or") { (either: inout BSONArray) in
            for field in Self.fields { either.append(.matching(field, eraser.user)) }
        }
        return filter
    }
}
