import API
import Analytics
import ChannelSync
import Chat
import Crypto
import Decisions
import Facts
import Foundation
import HTTPServer
import History
import Hooks
import JSON
import Limits
import Live
import Moderation
import MongoDB
import Outbox
import Provider
import Rules
import Spam
import Synchronization
import Telemetry
import TestSupport
import WebhookIngest

/// The whole interface over real HTTP, with a database of its own and a clock that tests set.
final class TestService: Sendable {
    static let adminKey = "bootstrap-key-of-the-tests"
    static let secret = SigningSecret(apiKey: "fixture-key", secret: "fixture-secret")
    /// When it is, unless a test says otherwise.
    static let epoch = "2026-05-20T12:00:00Z"

    /// What a test may set.
    struct Setup: Sendable {
        var limits = Setup.patient
        var dataFolder: String?
        var channels = ChannelTemplates()
        var mode: @Sendable () -> EffectMode = { .on }
        var users = APIServices.Users()
        /// By which stored events are judged.
        var rules: RuleEngine?
        var spam: SpamInForce?
        var origins: [String] = []
        /// Calls of it are checked and written down; nothing performs them.
        var provider: (any ChatProvider)?
        var dashboard = APIServices.Dashboard()
        var reviewWrites: ReviewWrites = { _ in [] }
        var log: @Sendable (String) -> Void = { _ in }
        var app: @Sendable (Limits) throws -> AppDatabase? = { _ in nil }
        var eraseUser: @Sendable (String, [AuditEntry]) async throws -> APIServices.Erasure? = { _, _ in nil }

        /// On a loaded machine the indexes of a new database take their time.
        private static var patient: Limits {
            var limits = Limits()
            limits.mongo.socketMilliseconds = 120_000
            return limits
        }
    }

    let queue: MemoryEventQueue
    let history: HistoryHandle
    let router: Router
    /// Every answer of every test is held against it.
    let document: OpenAPIDocument
    let metrics = Metrics()
    let server: HTTPServer
    let live: LiveFeed
    private let following: Task<Void, Never>
    private let clock = TestClock()
    private let rules: RuleEngine?
    private let facts: FactStore
    private let commits: GroupCommit

    init(uri: String, database: String, _ setup: Setup = Setup()) throws {
        let (limits, clock) = (setup.limits, clock)
        let now: @Sendable () -> Timestamp = { clock.now }
        let pool = try MongoPool(uri: uri, appName: "api-tests", limits: limits.mongo)
        history = HistoryHandle { () throws(HistoryError) in try Self.open(pool, database) }
        queue = MemoryEventQueue(limits: limits.queue)
        commits = GroupCommit(queue: queue, limits: limits.queue, metrics: metrics)
        let log = Log(level: .info, write: setup.log)
        let provider = StreamProvider()
        let receiver = WebhookReceiver(
            secrets: [Self.secret],
            queue: commits,
            provider: provider,
            limits: limits.ingest,
            log: log,
            metrics: metrics,
            now: now
        )
        let facts = FactStore(history: history, app: try setup.app(limits), limits: limits.facts, now: now)
        let inForce = RulesInForce()
        live = LiveFeed(
            history: history,
            limits: limits,
            metrics: metrics,
            log: log,
            now: now,
            queueStatus: { [queue] in LiveQueueStatus(rows: queue.status.rows, oldest: queue.status.oldest) }
        )
        let live = live
        following = Task { await live.run() }
        var services = APIServices(
            history: history,
            facts: facts,
            channels: setup.channels,
            queue: queue,
            receiver: receiver,
            hooks: HookDesk(
                receiver: receiver,
                judge: HookJudge(
                    rules: inForce,
                    memory: HookMemory(facts: facts, patterns: try ContextPatterns(), limits: limits.hooks, now: now),
                    provider: provider,
                    marks: HookMarks(secret: "fixture-secret")
                ),
                commits: commits,
                provider: provider,
                limits: limits.hooks,
                metrics: metrics,
                log: log,
                now: now
            ),
            provider: provider,
            effects: APIServices.Effects(
                order: WriteOrder(),
                mode: setup.mode,
                destinations: [.provider, .email],
                health: DestinationHealth(),
                notify: {},
                provider: setup.provider
            ),
            live: live,
            metrics: metrics,
            log: log,
            limits: limits,
            now: now,
            version: "1.2.3",
            bootstrapKey: Self.adminKey,
            dataFolder: setup.dataFolder,
            eraseUser: setup.eraseUser
        )
        services.users = setup.users
        services.spam = setup.spam
        services.dashboard = setup.dashboard
        services.origins = setup.origins
        services.reviews.writes = setup.reviewWrites
        if let rules = setup.rules {
            inForce.take(rules, warnings: ["a warning"], at: now())
            services.rules.inForce = inForce
            services.rules.settings = try Self.ruleSettings()
        }
        (self.rules, self.facts) = (setup.rules, facts)
        router = Router(services)
        document = router.document
        server = try HTTPServer(host: "127.0.0.1", port: 0, limits: limits.http, handler: router)
    }

    func stop() async {
        await server.stop()
        following.cancel()
        await following.value
        try? await blocking { [commits] in commits.stop() }
    }

    func setTime(_ text: String) throws { clock.set(try timestamp(text)) }

    /// Stores events, given as bodies, as the worker would.
    func store(_ bodies: [String]) async throws {
        let (history, rules, facts, clock) = (history, rules, facts, clock)
        try await blocking {
            let judge = RuleJudge(
                facts: facts,
                provider: StreamProvider(),
                planner: EffectPlanner(.init(ownUserID: "backchannel", maximumAge: .seconds(900))),
                limits: Limits.Rules(),
                now: { clock.now }
            )
            let writer = try HistoryWriter(try history.opened(), judge: rules == nil ? nil : judge)
            if let rules { try RuleSetStore(try history.opened()).keep(rules.ruleSet) }
            let examiner = rules.map(Examiner.init)
            let provider = StreamProvider()
            let parser = JSONParser()
            var events: [ReceivedEvent] = []
            for body in bodies {
                let bytes = Array(body.utf8)
                let (event, json) = try provider.decoded(
                    bytes,
                    id: EventID(bytes: SHA256.digest(bytes)),
                    receivedAt: try timestamp(Self.epoch),
                    parser: parser
                )
                let observation = examiner?.observe(event, json)
                events.append(ReceivedEvent(event: event, observation: observation, body: bytes, signature: []))
            }
            for start in stride(from: 0, to: events.count, by: 500) {
                _ = try writer.commit(Array(events[start..<min(start + 500, events.count)]))
            }
            while try writer.sweep(messages: 500) {}
        }
    }

    static func ruleSettings() throws -> RuleEngine.Settings {
        RuleEngine.Settings(context: try ContextPatterns(), ownUserID: "backchannel")
    }

    private static func open(_ pool: MongoPool, _ database: String) throws(HistoryError) -> HistoryStore {
        do {
            return try HistoryStore.open(
                pool: pool,
                database: database,
                app: AppIdentity(id: nil, apiKeys: ["fixture-key"]),
                patterns: try ContextPatterns(),
                weights: EngagementWeights()
            )
        } catch let error as HistoryError {
            throw error
        } catch {
            throw .noReplicaSet
        }
    }
}

/// Runs a test against a service with a fresh database of the shared MongoDB, which is dropped afterwards.
func withService<R: Sendable>(
    _ setup: TestService.Setup = .init(),
    _ body: (TestService) async throws -> R
) async throws -> R {
    let name = freshDatabaseName()
    let service = try TestService(uri: sharedMongoURI(), database: name, setup)
    let result: Result<R, any Error>
    do { result = .success(try await body(service)) } catch { result = .failure(error) }
    await service.stop()
    try await blocking { try dropDatabase(name, in: try sharedMongoPool()) }
    return try result.get()
}

func timestamp(_ text: String) throws -> Timestamp {
    guard let time = Timestamp(rfc3339: text) else { throw TestFailure("not a time: \(text)") }
    return time
}

private final class TestClock: Sendable {
    private let nanoseconds = Atomic(Timestamp(rfc3339: TestService.epoch)?.nanoseconds ?? 0)
    var now: Timestamp { Timestamp(nanoseconds: nanoseconds.load(ordering: .relaxed)) }
    func set(_ time: Timestamp) { nanoseconds.store(time.nanoseconds, ordering: .relaxed) }
}
