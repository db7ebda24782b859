import Blocking
import Chat
import History
import Limits
import MongoDB
import Worker

/// Where the history is, and whose: everything that opening it needs.
struct HistoryLocation: Sendable {
    let pool: MongoPool
    private let database: String
    private let app: AppIdentity
    private let patterns: ContextPatterns
    private let configuration: Configuration

    /// Nothing is opened yet.
    ///
    /// - Parameter sessions: where the service notes the sessions that it writes in.
    /// - Throws: ``CommandFailure`` when `MONGODB_URI` or `CHANNEL_PATTERNS` cannot be used.
    init(_ configuration: Configuration, sessions: SessionLedger? = nil) throws(CommandFailure) {
        self.configuration = configuration
        database = configuration.mongoDatabase
        app = AppIdentity(id: configuration.provider.appID, apiKeys: configuration.signingSecrets.compactMap(\.key))
        do throws(MongoError) {
            pool = try MongoPool(
                uri: configuration.mongoURI.revealed(),
                appName: "backchannel",
                limits: configuration.limits.mongo,
                onTransaction: { sessions?.note($0) }
            )
        } catch {
            throw CommandFailure(error.description, exitCode: .configuration)
        }
        do throws(ContextPatterns.Fault) {
            patterns = try ContextPatterns(configuration.channelPatterns)
        } catch {
            throw CommandFailure(error.description, exitCode: .configuration)
        }
    }

    /// For the service: marks a new database as ours, migrates an older one.
    ///
    /// Blocking.
    func open() throws(HistoryError) -> HistoryStore {
        try HistoryStore.open(
            pool: pool,
            database: database,
            app: app,
            patterns: patterns,
            weights: configuration.engagement,
            zones: configuration.analyticsZones.compactMap { Zone($0) },
            keepsFigures: configuration.keepsFigures
        )
    }

    /// For commands: changes nothing, and wants a history that is there.
    ///
    /// Blocking.
    func attach() throws(HistoryError) -> HistoryStore {
        try HistoryStore.attach(
            pool: pool,
            database: database,
            app: app,
            patterns: patterns,
            weights: configuration.engagement,
            zones: configuration.analyticsZones.compactMap { Zone($0) }
        )
    }
}

extension CommandContext {
    /// For work that blocks.
    static let thread = BlockingPool(label: "command", threads: 4)

    /// Runs work on the history, which blocks, on a thread of its own.
    func withHistory<Value: Sendable>(
        _ work: @escaping @Sendable (HistoryStore, Configuration) throws -> Value
    ) async throws -> Value {
        let configuration = try configuration(for: .asking)
        let location = try HistoryLocation(configuration)
        return try await CommandContext.thread.run { () throws(any Error) in try work(location.attach(), configuration)
        }
    }
}
