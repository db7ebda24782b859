package import Analytics
package import Chat
import Limits
package import MongoDB

/// The history in one MongoDB database.
///
/// Every call blocks its thread.
package final class HistoryStore: Sendable {
    package let pool: MongoPool
    package let database: String
    package let settings: FoldSettings
    /// What numbers stand for in all that this node's readers remember.
    let names = FigureNamePool(Limits.Figures())
    /// What they have counted of channels, listings and other members of scopes.
    let members = MemberMemory(Limits.Figures())
    /// How long answers and readings took, as far as they have looked.
    let latencies = LatencyMemory(Limits.Figures())
    /// Who wrote, as far as they have looked.
    let people = PeopleMemory(Limits.Figures())
    /// Who wrote in channels and who their members are, as far as they have looked.
    let channels = ChannelMemory(Limits.Figures())
    /// Reads for them what takes longer than anybody waits.
    let reader = FigureReader()

    private init(pool: MongoPool, database: String, settings: FoldSettings) {
        var settings = settings
        settings.rollupPart = Int.random(in: 0..<Self.rollupParts)
        (self.pool, self.database, self.settings) = (pool, database, settings)
    }

    /// Nodes share a bounded number of parts of a rollup: two that meet in one repeat a transaction now and then.
    private static let rollupParts = 16

    /// Opens the history: marks a new database as ours, migrates an older one, creates missing indexes.
    ///
    /// - Parameter keepsFigures: without them what there is of them is removed; see ``FigureNote``.
    /// - Throws: ``HistoryError`` with one sentence; `isTransient` when MongoDB may yet come.
    package static func open(
        pool: MongoPool,
        database: String,
        app: AppIdentity,
        patterns: ContextPatterns,
        weights: EngagementWeights,
        zones: [Zone] = [.utc],
        keepsFigures: Bool = true
    ) throws(HistoryError) -> HistoryStore {
        let mark = try withSchema(pool, database) { (schema) throws(HistoryError) in
            try schema.requireReplicaSet()
            let mark = try schema.claim(for: app)
            do throws(MongoError) {
                try schema.migrate(from: mark.version)
                let figures = FigureNote(schema.connection, database)
                if keepsFigures {
                    try figures.settle(zones)
                } else {
                    try figures.settleWithout { () throws(MongoError) in try schema.forgetFigures() }
                }
                try schema.createMissingIndexes()
            } catch {
                throw .mongo(error)
            }
            return mark
        }
        var settings = FoldSettings(patterns: patterns, weights: weights, salt: mark.salt, zones: zones)
        settings.keepsFigures = keepsFigures
        return HistoryStore(pool: pool, database: database, settings: settings)
    }

    /// Opens a history that is in use already, without changing anything in the database.
    ///
    /// - Parameter app: whose it must be; an empty one is any.
    /// - Throws: ``HistoryError``, also ``HistoryError/noHistory(database:)`` for a database that is not marked as ours.
    package static func attach(
        pool: MongoPool,
        database: String,
        app: AppIdentity,
        patterns: ContextPatterns,
        weights: EngagementWeights,
        zones: [Zone] = [.utc]
    ) throws(HistoryError) -> HistoryStore {
        let (mark, keepsFigures) = try withSchema(pool, database) { (schema) throws(HistoryError) in
            try schema.requireReplicaSet()
            let mark = try schema.existing(for: app)
            do throws(MongoError) {
                return (mark, try FigureNote(schema.connection, database).state().areKept)
            } catch {
                throw .mongo(error)
            }
        }
        var settings = FoldSettings(patterns: patterns, weights: weights, salt: mark.salt, zones: zones)
        settings.keepsFigures = keepsFigures
        return HistoryStore(pool: pool, database: database, settings: settings)
    }

    /// When the history was last verified to the end; `nil` if never.
    package func lastVerification() throws(MongoError) -> VerificationNote.Last? {
        try pool.withConnection { connection throws(MongoError) in try VerificationNote(self, connection).last() }
    }

    /// Creates the indexes that are missing, which blocks until they are built.
    package func createMissingIndexes() throws(MongoError) {
        try pool.withConnection { connection throws(MongoError) in
            try Schema(connection: connection, database: database).createMissingIndexes()
        }
    }

    /// Channels and users whose messages are yet to be recomputed.
    package func waitingSweeps() throws(MongoError) -> [String] {
        try pool.withConnection { connection throws(MongoError) in
            try HistoryScan(self, connection, nil).waitingSweeps()
        }
    }

    /// What `backchannel indexes` prints.
    package func indexDifference() throws(MongoError) -> IndexDifference {
        try pool.withConnection { connection throws(MongoError) in
            try Schema(connection: connection, database: database).indexDifference()
        }
    }

    /// Asks MongoDB for a sign of life.
    package func ping() throws(HistoryError) {
        do throws(MongoError) {
            try pool.withConnection { connection throws(MongoError) in
                _ = try connection.command(.command("ping", Int32(1)), on: database)
            }
        } catch {
            throw .mongo(error)
        }
    }

    private static func withSchema<R>(
        _ pool: MongoPool,
        _ database: String,
        _ body: (Schema) throws(HistoryError) -> R
    ) throws(HistoryError) -> R {
        var result: Result<R, HistoryError>?
        do throws(MongoError) {
            try pool.withConnection { connection throws(MongoError) in
                let schema = Schema(connection: connection, database: database)
                result = Result { () throws(HistoryError) in try body(schema) }
            }
        } catch {
            throw .mongo(error)
        }
        guard let result else { throw .noReplicaSet }
        return try result.get()
    }
}
