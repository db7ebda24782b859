import Crypto
import Limits
import MongoDB
import TestSupport

/// The stored events, and those set aside, read without the service.
enum EventLog {
    /// Ids in hex.
    ///
    /// Blocking.
    ///
    /// - Parameter collection: `dead_letters` for what could not be stored.
    static func ids(uri: String, database: String, in collection: String = "events") throws -> [String] {
        var ids: [String] = []
        var projection = BSONDocument()
        projection.append("_id", Int32(1))
        try MongoPool(uri: uri, appName: "tests", limits: Limits.Mongo()).withConnection {
            connection throws(MongoError) in
            try connection.find(collection, BSONDocument(), in: database, options: .init(projection: projection)) {
                (document: BSONDocument) throws(MongoError) in
                if let id = document.binary("_id") { ids.append(Hex.encode(id)) }
                return true
            }
        }
        return ids
    }

    /// Blocking: a transaction that a killed service left open is ended by MongoDB within a minute, and holds its locks until then.
    static func drop(uri: String, database: String) throws {
        var limits = Limits.Mongo()
        limits.socketMilliseconds = 120_000
        try dropDatabase(database, in: try MongoPool(uri: uri, appName: "tests", limits: limits))
    }

    /// Of the users, as an operator's mistake might; blocking.
    static func dropUserIndexes(uri: String, database: String) throws {
        var command = BSONDocument()
        command.append("dropIndexes", "users")
        command.append("index", "*")
        try MongoPool(uri: uri, appName: "tests", limits: Limits.Mongo()).withConnection {
            connection throws(MongoError) in
            _ = try connection.command(command, on: database)
        }
    }
}
