import Chat
import Decisions
import Delivery
import Facts
import History
import Limits
import Notifications
import Outbox
import Provider
import Rules
import Spam
import Telemetry
import WebhookIngest
import Worker

/// The rules of one node, and all that judges by them.
struct NodeRules: Sendable {
    let inForce = RulesInForce()
    let judge: RuleJudge
    let desk: RuleDesk
    let metrics: DecisionMetrics
    let user: OwnUser
    let spam = SpamInForce()
    /// What rules are compiled with.
    let settings: RuleEngine.Settings
    private let learner: SpamLearner
    private let planner: EffectPlanner
    private let watch: RuleWatch?

    /// Reads the rules.
    ///
    /// - Throws: ``CommandFailure`` with every fault of the rule files, each with its place.
    init(
        _ configuration: Configuration,
        history: HistoryHandle,
        facts: FactStore,
        log: Log,
        metrics: Metrics,
        mode: @escaping @Sendable () -> EffectMode,
        order: WriteOrder
    ) throws(CommandFailure) {
        let (limits, provider, now) = (configuration.limits, configuration.streamProvider, QueueClock.system.now)
        planner = EffectPlanner(configuration.effectPlanning)
        judge = RuleJudge(
            facts: facts,
            provider: provider,
            planner: planner,
            sample: SpamAudit(perMille: limits.spam.auditPerMille),
            limits: limits.rules,
            now: now
        )
        desk = RuleDesk(
            rules: inForce,
            history: history,
            facts: facts,
            provider: provider,
            limits: limits,
            now: now
        )
        let file = try configuration.spamModel
        // At once: rules judge by it also while MongoDB is away.
        if let file { spam.take(SpamModelInForce(file)) }
        learner = SpamLearner(history: history, inForce: spam, file: file, limits: limits.spam, log: log, now: now)
        var settings = try configuration.ruleSettings
        settings.spam = spam
        self.settings = settings
        self.metrics = DecisionMetrics(metrics, limits: limits.rules)
        let isOwn = configuration.rules.user == Configuration.Rules.standardUser
        user = OwnUser(
            id: isOwn ? configuration.rules.user : nil,
            history: history,
            mode: mode,
            order: order,
            limits: limits.outbox,
            now: now
        )
        guard let folder = configuration.rules.folder else {
            watch = nil
            return
        }
        let watch = RuleWatch(
            folder: folder,
            rules: inForce,
            history: history,
            settings: settings,
            notifications: try configuration.notificationTemplates.names,
            limits: limits.rules,
            log: log,
            now: now
        )
        do throws(RuleFolderFault) { try watch.start() } catch {
            throw CommandFailure("RULES_DIR: \(error.description)", exitCode: .configuration)
        }
        self.watch = watch
    }

    /// Works until the task is cancelled: files that change, channels that fall silent.
    func run(
        _ configuration: Configuration,
        history: HistoryHandle,
        facts: FactStore,
        log: Log,
        mode: @escaping @Sendable () -> EffectMode,
        order: WriteOrder,
        onEffects: @escaping @Sendable () -> Void
    ) async {
        guard let watch else { return await learner.run() }
        let silences = SilenceScan(
            rules: inForce,
            history: history,
            facts: facts,
            planner: planner,
            mode: mode,
            order: order,
            limits: configuration.limits.rules,
            log: log,
            now: QueueClock.system.now,
            onEffects: onEffects
        )
        await withDiscardingTaskGroup { group in
            group.addTask { await watch.run() }
            group.addTask { await learner.run() }
            group.addTask { await silences.run() }
            group.addTask { await user.run(onEffects: onEffects) }
        }
    }
}

extension Configuration {
    /// What rules are compiled with besides their files.
    var ruleSettings: RuleEngine.Settings {
        get throws(CommandFailure) {
            let spam = try spamModel.map { SpamInForce($0) }
            do throws(ContextPatterns.Fault) {
                let patterns = try ContextPatterns(channelPatterns)
                return RuleEngine.Settings(context: patterns, ownUserID: rules.user, spam: spam)
            } catch {
                throw CommandFailure("CHANNEL_PATTERNS: \(error.description)", exitCode: .configuration)
            }
        }
    }

    /// The model of `SPAM_MODEL`; `nil` where that is not set.
    ///
    /// - Throws: ``CommandFailure`` where the file cannot be read or is refused.
    var spamModel: SpamModel? {
        get throws(CommandFailure) {
            guard let path = rules.spamModel else { return nil }
            return try SpamModelFiles.read(path, limits.spam, setting: "SPAM_MODEL")
        }
    }

    fileprivate var effectPlanning: EffectPlanner.Settings {
        var destinations: [NotifyOrder.Channel: Effect.Destination] = [:]
        if notifications.smtpURL != nil { destinations[.email] = .email }
        if notifications.slackURL != nil { destinations[.slack] = .slack }
        if notifications.app.url != nil { destinations[.webhook] = .app }
        return EffectPlanner.Settings(
            ownUserID: rules.user,
            moderators: notifications.moderatorEmails.map(NotificationDesk.moderatorID),
            tellsByRole: !notifications.moderatorRoles.isEmpty,
            destinations: destinations,
            maximumAge: .seconds(limits.notifications.maximumAgeSeconds)
        )
    }
}
