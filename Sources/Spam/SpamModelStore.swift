package import Chat
package import History
package import Limits
package import MongoDB
package import Rules

/// The versions of the spam model, the newest ones, of which one is current.
///
/// Every call blocks.
package struct SpamModelStore: Sendable {
    /// A version, without its weights.
    package struct Version: Sendable, Equatable {
        package let version: String
        package let at: Timestamp
        package let origin: Origin
        /// Verdicts of the own community that it was made of.
        package let labels: Int
        /// The time of the last of them: verdicts from there on it has not learned.
        package let through: Timestamp

        package init(version: String, at: Timestamp, origin: Origin, labels: Int, through: Timestamp) {
            (self.version, self.at, self.origin) = (version, at, origin)
            (self.labels, self.through) = (labels, through)
        }
    }

    package enum Origin: String, Sendable {
        /// Of a file: `SPAM_MODEL`.
        case file
        /// Made anew of verdicts.
        case refit
    }

    /// The document that names the current version.
    private static let pointer = "current"

    private let store: HistoryStore
    private let limits: Limits.Spam

    package init(_ store: HistoryStore, _ limits: Limits.Spam) { (self.store, self.limits) = (store, limits) }

    package func currentVersion() throws(MongoError) -> String? {
        var version: String?
        try find(.id(Self.pointer)) { version = $0.string("version") }
        return version
    }

    package func version(_ version: String) throws(MongoError) -> Version? {
        var found: Version?
        try find(.id(version), without: "bytes") { found = Version($0) }
        return found
    }

    /// Newest first.
    package func versions() throws(MongoError) -> [Version] {
        var filter = BSONDocument()
        filter.append("at") { $0.append("$exists", true) }
        var found: [Version] = []
        try find(filter, without: "bytes", sort: .keys(("at", -1), ("_id", -1))) {
            if let version = Version($0) { found.append(version) }
        }
        return found
    }

    /// A version's bytes as they were stored; ``SpamModel`` says whether they are sound.
    package func bytes(of version: String) throws(MongoError) -> [UInt8]? {
        var bytes: [UInt8]?
        try find(.id(version)) { bytes = $0.binary("bytes") }
        return bytes
    }

    /// Stores a model and makes it current, unless another has become that since.
    ///
    /// - Parameter before: the version that was current when the model was made; `nil` for none.
    /// - Returns: whether it is current now.
    package func take(_ model: SpamModel, _ version: Version, inPlaceOf before: String?) throws(MongoError) -> Bool {
        var fields = BSONDocument()
        fields.append("at", date: version.at.milliseconds)
        fields.append("origin", version.origin.rawValue)
        fields.append("labels", Int64(version.labels))
        fields.append("through", date: version.through.milliseconds)
        fields.append("bytes", model.bytes)
        var change = BSONDocument()
        change.append("$set", fields)
        try update(MongoUpdate(filter: .id(model.version), update: change, upsert: true))
        var pointer = BSONDocument.id(Self.pointer)
        if let before { pointer.append("version", before) }
        var next = BSONDocument()
        next.append(before == nil ? "$setOnInsert" : "$set") { $0.append("version", model.version) }
        try update(MongoUpdate(filter: pointer, update: next, upsert: before == nil))
        try removeOld()
        return try currentVersion() == model.version
    }

    /// Leaves the newest ones, and the current one however old it is.
    private func removeOld() throws(MongoError) {
        let current = try currentVersion()
        let old = try versions().dropFirst(limits.modelsKept).map(\.version).filter { $0 != current }
        guard !old.isEmpty else { return }
        var filter = BSONDocument()
        filter.append("_id") { (range: inout BSONDocument) in range.append("$in", Array(old)) }
        try store.pool.withConnection { connection throws(MongoError) in
            _ = try connection.delete(
                [(filter: filter, limit: 0)],
                in: Collection.spamModels.rawValue,
                of: store.database
            )
        }
    }

    private func update(_ update: MongoUpdate) throws(MongoError) {
        try store.pool.withConnection { connection throws(MongoError) in
            _ = try connection.update([update], in: Collection.spamModels.rawValue, of: store.database)
        }
    }

    private func find(
        _ filter: BSONDocument,
        without field: String? = nil,
        sort: BSONDocument? = nil,
        _ each: (BSONDocument) -> Void
    ) throws(MongoError) {
        var projection: BSONDocument?
        if let field {
            var kept = BSONDocument()
            kept.append(field, Int32(0))
            projection = kept
        }
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Collection.spamModels.rawValue,
                filter,
                in: store.database,
                options: .init(sort: sort, projection: projection, limit: limits.modelsKept * 2)
            ) { (document: BSONDocument) throws(MongoError) in
                each(document)
                return true
            }
        }
    }
}

extension SpamModelStore.Version {
    fileprivate init?(_ document: BSONDocument) {
        guard let version = document.string("_id"), let at = document.time("at"),
            let origin = document.string("origin").flatMap(SpamModelStore.Origin.init)
        else { return nil }
        self.init(
            version: version,
            at: at,
            origin: origin,
            labels: Int(document.int64("labels") ?? 0),
            through: document.time("through") ?? at
        )
    }
}
