import Foundation
import Limits
package import MongoDB

/// The MongoDB that `make test` starts for all tests.
///
/// - Throws: if there is none. No test passes because MongoDB was missing.
package func sharedMongoURI() throws -> String {
    guard let uri = ProcessInfo.processInfo.environment["MONGODB_URI"] else {
        throw TestFailure("MONGODB_URI is not set: run the tests through make test")
    }
    return uri
}

/// Connections to ``sharedMongoURI()``, shared by the tests of a process.
package func sharedMongoPool() throws -> MongoPool { try sharedPool.get() }

private let sharedPool = Result {
    var limits = Limits.Mongo()
    limits.poolConnections = 100  // all tests of the process run at once, and some keep theirs
    limits.socketMilliseconds = 120_000  // on a loaded machine the indexes of a new database take their time
    return try MongoPool(uri: sharedMongoURI(), appName: "backchannel-tests", limits: limits)
}

/// A name that no other test has.
package func freshDatabaseName() -> String {
    "test_" + UUID().uuidString.lowercased().replacing("-", with: "").prefix(20)
}

/// Blocking.
package func dropDatabase(_ name: String, in pool: MongoPool) throws {
    var command = BSONDocument()
    command.append("dropDatabase", Int32(1))
    try pool.withConnection { connection throws(MongoError) in _ = try connection.command(command, on: name) }
}

/// Runs blocking work with a connection and a database of the shared MongoDB, which is dropped afterwards.
package func withFreshDatabase<R: Sendable>(
    _ body: @escaping @Sendable (MongoPool, String) throws -> R
) async throws -> R {
    try await blocking {
        let pool = try sharedMongoPool()
        let name = freshDatabaseName()
        let result = Result { try body(pool, name) }
        try dropDatabase(name, in: pool)
        return try result.get()
    }
}
