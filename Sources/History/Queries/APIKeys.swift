package import Chat
package import Crypto
package import Limits
package import MongoDB

/// Creates, lists, finds and revokes API keys.
///
/// Every call blocks.
package struct APIKeys: Sendable {
    private let store: HistoryStore
    private let limits: Limits.API
    private let now: @Sendable () -> Timestamp

    package init(_ store: HistoryStore, limits: Limits.API = Limits.API(), now: @escaping @Sendable () -> Timestamp) {
        (self.store, self.limits, self.now) = (store, limits, now)
    }

    /// Makes a key.
    ///
    /// This is the only time that it can be read.
    ///
    /// - Parameter entries: what the audit trail is told of the key with this id.
    package func create(
        name: String,
        role: APIRole,
        entering entries: (_ id: String) -> [AuditEntry] = { _ in [] }
    ) throws(APIKeyError) -> (id: String, key: String) {
        let (id, secret) = try Self.draw()
        var document = BSONDocument()
        document.append("_id", id)
        document.append("secret_sha256", SHA256.digest(Array(secret.utf8)))
        document.append("name", name)
        document.append("role", role.rawValue)
        document.append("created", date: now().milliseconds)
        do throws(MongoError) {
            let (database, entries) = (store.database, entries(id))
            try store.withTransaction { connection, session throws(MongoError) in
                try connection.insert([document], into: Collection.apiKeys.rawValue, in: database, session: session)
                try AuditTrail().append(entries, connection, session, database)
            }
        } catch {
            throw .mongo(error)
        }
        return (id, "\(PresentedKey.prefix)_\(id)_\(secret)")
    }

    /// All keys, revoked ones included, oldest first.
    package func list() throws(MongoError) -> [APIKey] {
        try find(BSONDocument(), limit: limits.keysListed)
    }

    /// From now on the key opens nothing; other nodes notice within `Limits.API.keyCacheSeconds`.
    ///
    /// - Parameter entries: what the audit trail is told, if that changes something.
    /// - Returns: whether there is such a key; revoking it again changes nothing.
    package func revoke(
        id: String,
        entering entries: () -> [AuditEntry] = { [] }
    ) throws(MongoError) -> Bool {
        var filter = BSONDocument.id(id)
        filter.append("revoked") { $0.append("$exists", false) }
        var change = BSONDocument()
        change.append("$set") { $0.append("revoked", date: now().milliseconds) }
        let (database, update) = (store.database, MongoUpdate(filter: filter, update: change))
        let isRevoked = try store.withTransaction { connection, session throws(MongoError) in
            let collection = Collection.apiKeys.rawValue
            let result = try connection.update([update], in: collection, of: database, session: session)
            guard result.matched > 0 else { return false }
            try AuditTrail().append(entries(), connection, session, database)
            return true
        }
        if isRevoked { return true }
        return try find(id: id) != nil
    }

    package func find(id: String) throws(MongoError) -> APIKey? { try find(.id(id), limit: 1).first }

    /// Remembers the day on which a key was used, once a day.
    package func noteUse(of key: APIKey) throws(MongoError) {
        let day = now().startOfUTCDay
        guard key.lastUsed.map({ $0 < day }) ?? true else { return }
        var change = BSONDocument()
        change.append("$max") { $0.append("last_used", date: day.milliseconds) }
        _ = try update(.id(key.id), change)
    }

    private static func draw() throws(APIKeyError) -> (id: String, secret: String) {
        do throws(RandomnessUnavailable) {
            return (
                Hex.encode(try randomBytes(PresentedKey.idBytes)), Hex.encode(try randomBytes(PresentedKey.secretBytes))
            )
        } catch {
            throw .randomness(error)
        }
    }

    private func find(_ filter: BSONDocument, limit: Int) throws(MongoError) -> [APIKey] {
        var keys: [APIKey] = []
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Collection.apiKeys.rawValue,
                filter,
                in: store.database,
                options: .init(sort: .keys(("created", 1), ("_id", 1)), limit: limit)
            ) { (document: BSONDocument) throws(MongoError) in
                if let key = APIKey(document) { keys.append(key) }
                return true
            }
        }
        return keys
    }

    private func update(_ filter: BSONDocument, _ change: BSONDocument) throws(MongoError) -> Bool {
        try store.pool.withConnection { connection throws(MongoError) in
            let update = MongoUpdate(filter: filter, update: change)
            return try connection.update([update], in: Collection.apiKeys.rawValue, of: store.database).matched > 0
        }
    }
}

/// Why a key could not be made.
package enum APIKeyError: Error, Sendable, CustomStringConvertible {
    case mongo(MongoError)
    case randomness(RandomnessUnavailable)

    package var description: String {
        switch self {
        case .mongo(let error): error.description
        case .randomness(let error): error.description
        }
    }
}

extension Timestamp {
    private static let nanosecondsPerDay: Int64 = 86_400_000_000_000

    fileprivate var startOfUTCDay: Timestamp {
        let rest = nanoseconds % Self.nanosecondsPerDay
        return Timestamp(nanoseconds: nanoseconds - (rest < 0 ? rest + Self.nanosecondsPerDay : rest))
    }
}
