import Chat
import Facts
import History
import Limits
import MongoDB
import Telemetry

extension FactStore {
    /// Nothing is opened yet.
    convenience init(
        _ configuration: Configuration,
        history: HistoryHandle,
        log: Log,
        now: @escaping @Sendable () -> Timestamp
    ) throws(CommandFailure) {
        let app: AppDatabase?
        do throws(MongoError) { app = try AppDatabase(configuration, log: log) } catch {
            throw CommandFailure(error.description, exitCode: .configuration)
        }
        self.init(
            history: history,
            app: app,
            order: configuration.facts.order,
            limits: configuration.limits.facts,
            now: now
        )
    }
}

extension AppDatabase {
    /// `nil` where nothing is mapped to it.
    fileprivate init?(_ configuration: Configuration, log: Log) throws(MongoError) {
        guard let uri = configuration.facts.appMongoURI, !configuration.facts.mappings.isEmpty else { return nil }
        try self.init(
            uri: uri.revealed(),
            mappings: configuration.facts.mappings,
            limits: configuration.limits,
            log: log
        )
    }
}

extension Log {
    /// How it stands with noticing changes.
    func note(_ report: FactWatchReport) {
        switch report {
        case .watching(let name): info("facts: changes are noticed", ["collection": .init(name)])
        case .changed(let name, let count):
            debug("facts: changes", ["collection": .init(name), "count": .init(count)])
        case .interrupted(let name, let reason):
            warning("facts: changes are not noticed for now", ["collection": .init(name), "reason": .init(reason)])
        case .refused(let name, let reason):
            warning(
                "facts: changes cannot be noticed; FACTS_CACHE_SECONDS alone says how old a fact may be",
                ["collection": .init(name), "reason": .init(reason)]
            )
        }
    }
}
