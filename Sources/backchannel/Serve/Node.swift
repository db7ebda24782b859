import API
import Backfill
import Blocking
import ChannelSync
import Chat
import Decisions
import Facts
import Foundation
import HTTPServer
import History
import Hooks
import Limits
import Live
import MongoDB
import Outbox
import Rules
import Telemetry
import UserSync
import WebhookIngest
import Worker

/// Everything of one running service, wired together: receiver, queue, worker, history, server.
final class Node: Sendable {
    let configuration: Configuration
    let log: Log
    let metrics = Metrics()
    let queue: SQLiteEventQueue
    let history: HistoryHandle
    let facts: FactStore
    let server: HTTPServer
    private let groupCommit: GroupCommit
    private let worker: Worker
    private let dispatcher: Dispatcher
    private let watch: MongoWatch
    private let alerts: AlertMonitor?
    private let gaps: GapWatch?
    private let rules: NodeRules
    private let hooks: HookDesk
    private let recall: HookLoader
    private let effects: EffectSwitch
    private let order: WriteOrder
    private let live: LiveFeed

    /// Opens the queue and begins to accept; MongoDB may come later.
    ///
    /// - Throws: ``CommandFailure`` with one sentence that says what keeps the service from starting.
    init(_ configuration: Configuration, log: Log) throws(CommandFailure) {
        self.configuration = configuration
        self.log = log
        let limits = configuration.limits
        try Self.makeDataFolder(configuration.dataDirectory)
        queue = try Self.explaining { () throws(QueueError) in
            try SQLiteEventQueue(folder: configuration.dataDirectory, limits: limits.queue, log: log)
        }
        history = try HistoryHandle(configuration)
        facts = try FactStore(configuration, history: history, log: log, now: Self.now)
        groupCommit = GroupCommit(queue: queue, limits: limits.queue, metrics: metrics)
        let waiter = configuration.acknowledgement == .stored ? StoredWaiter(limits: limits.ingest) : nil
        let provider = configuration.streamProvider
        let receiver = WebhookReceiver(
            secrets: configuration.signingSecrets.map { SigningSecret(apiKey: $0.key, secret: $0.secret.revealed()) },
            queue: groupCommit,
            provider: provider,
            limits: limits.ingest,
            log: log,
            metrics: metrics,
            now: Self.now,
            storedWaiter: waiter
        )
        let effects = EffectSwitch(configured: configuration.effects)
        let (order, health) = (WriteOrder(), DestinationHealth())
        (self.effects, self.order) = (effects, order)
        let rules = try NodeRules(
            configuration,
            history: history,
            facts: facts,
            log: log,
            metrics: metrics,
            mode: { effects.mode },
            order: order
        )
        self.rules = rules
        let memory = HookMemory(
            facts: facts,
            patterns: try configuration.ruleSettings.context,
            limits: limits.hooks,
            now: Self.now
        )
        metrics.gauge(
            "backchannel_hook_memory_wanted",
            help: "Things that hooks have asked for and that are not remembered yet."
        ) { Double(memory.waiting) }
        let marks = configuration.signingSecrets.first.map { HookMarks(secret: $0.secret.revealed()) }
        hooks = HookDesk(
            receiver: receiver,
            judge: HookJudge(rules: rules.inForce, memory: memory, provider: provider, marks: marks),
            commits: groupCommit,
            provider: provider,
            limits: limits.hooks,
            metrics: metrics,
            log: log,
            now: Self.now
        )
        recall = HookLoader(
            memory: memory,
            rules: rules.inForce,
            facts: facts,
            history: history,
            provider: provider,
            limits: limits,
            now: Self.now
        )
        let chatProvider = configuration.chatProvider(metrics: metrics)
        let desk = try configuration.notificationDesk(history: history, facts: facts, order: order)
        var performers = configuration.performers(chatProvider).merging(try configuration.notifiers(desk)) { $1 }
        if let calls = performers[.provider], let chatProvider {
            performers[.provider] = ProfilePerformer(calls, provider: chatProvider, history: history, limits: limits)
        }
        performers[UserPushes.destination] = try UserPushPerformer(configuration, history: history)
        performers[.facts] = FactPerformer(desk: rules.desk)
        for destination in performers.keys {
            metrics.gauge(
                "backchannel_destination_stopped",
                help: "1 while a destination of effects is left alone because it does not answer or refuses us.",
                labels: ["destination": destination.description]
            ) { health.stopped[destination] == nil ? 0 : 1 }
        }
        performers[.provider] = performers[.provider].map { [history] in
            let checked = UnbanCheck($0, history: history, limits: limits, now: Self.now)
            return RulePerformer(checked, desk: rules.desk, user: rules.user)
        }
        dispatcher = Dispatcher(
            history: history,
            performers: performers,
            node: NodeName.read(folder: configuration.dataDirectory, log),
            effects: effects,
            limits: limits.outbox,
            order: order,
            health: health,
            log: log,
            metrics: metrics,
            clock: DispatcherClock(now: Self.now, uptime: QueueClock.system.uptime)
        )
        worker = Worker(
            queue: queue,
            provider: provider,
            history: history,
            dataFolder: configuration.dataDirectory,
            limits: limits.worker,
            log: log,
            metrics: metrics,
            now: Self.now,
            // Whoever waits for MongoDB is not served by waiting with MongoDB.
            accepted: { waiter == nil ? receiver.accepted : 0 },
            onStored: { waiter?.stored($0) },
            rules: rules.inForce,
            hooks: marks,
            judge: configuration.rules.folder == nil ? nil : rules.judge,
            effects: configuration.effectSources(mode: { effects.mode }, order: order, now: Self.now),
            onEffects: { [dispatcher] in dispatcher.notify() },
            observer: memory,
            onDecided: { rules.metrics.note($0, by: rules.inForce.engine?.ruleSet) }
        )
        live = LiveFeed(
            history: history,
            limits: limits,
            metrics: metrics,
            log: log,
            now: Self.now,
            queueStatus: { [queue] in LiveQueueStatus(rows: queue.status.rows, oldest: queue.status.oldest) }
        )
        watch = MongoWatch(history: history, log: log)
        alerts = configuration.alertWebhookURL.map { [queue, history] url in
            AlertMonitor(
                url: url,
                addresses: configuration.notifications.addresses,
                limits: limits.alert,
                log: log,
                observe: { AlertObservation(queue, limits.queue, history, receiver, health, at: Self.now()) }
            )
        }
        gaps = chatProvider.flatMap { [queue, history, metrics] client in
            configuration.gapWatch(client, history, log, metrics) {
                GapWatch.Observation(accepted: receiver.accepted, oldest: queue.status.oldest)
            }
        }
        var services = APIServices(
            history: history,
            facts: facts,
            channels: configuration.channelTemplates,
            queue: queue,
            receiver: receiver,
            hooks: hooks,
            provider: provider,
            effects: APIServices.Effects(
                order: order,
                mode: { effects.mode },
                destinations: performers.keys.sorted { $0.description < $1.description },
                health: health,
                notify: { [dispatcher] in dispatcher.notify() },
                provider: chatProvider
            ),
            live: live,
            metrics: metrics,
            log: log,
            limits: limits,
            now: Self.now,
            version: Version.current,
            bootstrapKey: configuration.adminAPIKey?.revealed(),
            dataFolder: configuration.dataDirectory,
            eraseUser: UserErasure(history: history, queue: queue, provider: provider, now: Self.now).erase
        )
        services.users = try APIServices.Users(configuration, chatProvider)
        services.rules.inForce = configuration.rules.folder == nil ? nil : rules.inForce
        services.rules.settings = rules.settings
        services.spam = rules.spam
        services.dashboard.files = try DashboardFiles.read(configuration, log: log)
        services.dashboard.sessionSecret = configuration.signingSecrets.first?.secret.revealed()
        services.dashboard.trustsProxy = configuration.dashboard.proxyHeaders == .trust
        services.origins = configuration.origins
        let router = Router(services)
        server = try Self.explaining { () throws(HTTPServerError) in
            try HTTPServer(
                host: configuration.host,
                port: UInt16(clamping: configuration.port),
                limits: limits.http,
                handler: router,
                onError: { log.warning("HTTP", ["reason": .init($0)]) }
            )
        }
    }

    /// Works until the task is cancelled; then takes nothing new, finishes what is under way and closes.
    ///
    /// - Throws: ``CommandFailure`` when MongoDB's database turns out not to be ours to use.
    func run() async throws(CommandFailure) {
        let fault = await withTaskGroup(of: HistoryError?.self) { group in
            group.addTask {
                await self.worker.run()
                return nil
            }
            group.addTask {
                await self.dispatcher.run()
                return nil
            }
            group.addTask {
                await self.alerts?.run()
                return nil
            }
            group.addTask {
                await self.gaps?.run()
                return nil
            }
            group.addTask {
                await self.hooks.run()
                return nil
            }
            group.addTask {
                await self.recall.run()
                return nil
            }
            group.addTask {
                await self.rules.run(
                    self.configuration,
                    history: self.history,
                    facts: self.facts,
                    log: self.log,
                    mode: { self.effects.mode },
                    order: self.order,
                    onEffects: { self.dispatcher.notify() }
                )
                return nil
            }
            group.addTask {
                await self.live.run()
                return nil
            }
            group.addTask {
                await self.facts.watch { self.log.note($0) }
                return nil
            }
            group.addTask {
                // First of all nothing new is taken, while the others finish what they have.
                let (never, continuation) = AsyncStream.makeStream(of: Never.self)
                for await _ in never {}
                continuation.finish()
                await self.server.stop()
                return nil
            }
            group.addTask { await self.watch.run() }
            // The watch alone ends early, and only with a fault.
            var fault: HistoryError?
            for await result in group {
                guard let result else { continue }
                fault = result
                group.cancelAll()
            }
            return fault
        }
        groupCommit.stop()
        queue.close()
        if let fault { throw CommandFailure(fault.description, exitCode: .configuration) }
    }

    private static let now: @Sendable () -> Timestamp = { QueueClock.system.now() }

    private static func makeDataFolder(_ path: String) throws(CommandFailure) {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw CommandFailure("DATA_DIR \(path) cannot be made: \(error.localizedDescription); name one that can")
        }
    }

    private static func explaining<Value, Failure: Error & CustomStringConvertible>(
        _ body: () throws(Failure) -> Value
    ) throws(CommandFailure) -> Value {
        do throws(Failure) { return try body() } catch { throw CommandFailure(error.description) }
    }
}

extension Configuration {
    var streamProvider: StreamProvider {
        var options = DecodingOptions()
        options.businessTypeFields = messageTypeFields
        options.limits = limits.worker
        return StreamProvider(options: options)
    }
}

extension Configuration {
    var channelTemplates: ChannelTemplates {
        var templates = ChannelTemplates(channels.templates, creator: channels.creator)
        // Custom data of a message lie beside its other fields: a path leads to them only if it has one step.
        if let field = messageTypeFields.first(where: { !$0.contains(".") }) { templates.messageTypeField = field }
        return templates
    }
}

extension HistoryHandle {
    /// Nothing is opened yet.
    convenience init(_ configuration: Configuration) throws(CommandFailure) {
        let location = try HistoryLocation(configuration)
        self.init { () throws(HistoryError) in try location.open() }
    }
}
