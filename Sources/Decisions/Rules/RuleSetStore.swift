package import History
package import MongoDB
package import Rules

/// Every rule set that ever decided, by its version, so that decisions can be explained and made again.
///
/// Every call blocks.
package struct RuleSetStore: Sendable {
    private let store: HistoryStore

    package init(_ store: HistoryStore) { self.store = store }

    /// Safe to repeat.
    package func keep(_ ruleSet: RuleSet) throws(MongoError) {
        var fields = BSONDocument()
        fields.append("files") { (array: inout BSONArray) in
            for file in ruleSet.files {
                array.append {
                    $0.append("name", file.name)
                    $0.append("bytes", file.bytes)
                }
            }
        }
        var change = BSONDocument()
        change.append("$setOnInsert", fields)
        try store.pool.withConnection { connection throws(MongoError) in
            _ = try connection.update(
                [MongoUpdate(filter: .id(ruleSet.version), update: change, upsert: true)],
                in: Collection.ruleSets.rawValue,
                of: store.database
            )
        }
    }

    /// The files of a version; `nil` where it is not known.
    package func files(of version: String) throws(MongoError) -> [RuleFile]? {
        var files: [RuleFile]?
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Collection.ruleSets.rawValue,
                .id(version),
                in: store.database,
                options: .init(limit: 1)
            ) { (document: BSONDocument) throws(MongoError) in
                files = (document.array("files") ?? []).compactMap { value in
                    guard let file = value.document, let name = file.string("name"), let bytes = file.binary("bytes")
                    else { return nil }
                    return RuleFile(name: name, bytes: bytes)
                }
                return false
            }
        }
        return files
    }
}
