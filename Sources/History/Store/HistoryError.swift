package import MongoDB

/// Why the history cannot be opened: one sentence that says what to do.
package enum HistoryError: Error, CustomStringConvertible, Equatable {
    /// MongoDB's own failure; `isTransient` when waiting may help.
    case mongo(MongoError)
    /// The database holds collections of these names that are not Backchannel's.
    case foreignDatabase(name: String, collection: String)
    /// The database belongs to another app.
    case otherApp(database: String, app: String)
    /// The database was written by a newer version.
    case newerSchema(database: String, found: Int64, known: Int64)
    case noReplicaSet
    /// The database holds no history yet.
    case noHistory(database: String)
    /// The database was written by an older version.
    case olderSchema(database: String)

    /// For callers that treat every failure to use MongoDB alike.
    package var asMongoError: MongoError {
        if case .mongo(let error) = self { error } else { MongoError.refusal(description) }
    }

    package var isTransient: Bool {
        if case .mongo(let error) = self { error.isTransient } else { false }
    }

    /// Whether a service of this version that is starting makes it right.
    package var isUnprepared: Bool {
        switch self {
        case .noHistory, .olderSchema: true
        default: false
        }
    }

    package var description: String {
        switch self {
        case .mongo(let error): error.description
        case .foreignDatabase(let name, let collection):
            """
            MongoDB database "\(name)" is not ours: it holds a collection "\(collection)" that Backchannel did not \
            make; name an empty database in MONGODB_DATABASE
            """
        case .otherApp(let database, let app):
            """
            MongoDB database "\(database)" belongs to app \(app); give each app a database of its own in \
            MONGODB_DATABASE, or set GETSTREAM_APP_ID if only the API key changed
            """
        case .newerSchema(let database, let found, let known):
            """
            MongoDB database "\(database)" has schema \(found) and this version knows up to \(known); run the newer \
            version of Backchannel
            """
        case .noHistory(let database):
            """
            MongoDB database "\(database)" holds no history; check MONGODB_URI and MONGODB_DATABASE, or run \
            'backchannel serve' once
            """
        case .olderSchema(let database):
            """
            MongoDB database "\(database)" has an older schema; run 'backchannel serve' of this version once, which \
            migrates it
            """
        case .noReplicaSet:
            """
            MongoDB at MONGODB_URI is a standalone server and transactions need a replica set; start mongod with \
            --replSet rs0 and run rs.initiate() once, a single node is enough
            """
        }
    }
}

/// Whose events a database holds.
package struct AppIdentity: Sendable, Equatable {
    /// The provider's app id, if configured: it outlives API keys.
    package var id: String?
    package var apiKeys: [String]
    package init(id: String?, apiKeys: [String]) { (self.id, self.apiKeys) = (id, apiKeys) }
    var isEmpty: Bool { id == nil && apiKeys.isEmpty }
}
