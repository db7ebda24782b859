import Blocking
package import Chat
package import History
package import Limits
import MongoDB
package import Rules
package import Telemetry

/// Keeps the rules in force as the files of a folder say, from the start on.
///
/// A valid set takes over between two batches; one with faults is reported, and the old one stays.
package final class RuleWatch: Sendable {
    private let folder: String
    private let rules: RulesInForce
    private let history: HistoryHandle
    private let settings: RuleEngine.Settings
    private let notifications: [String]
    private let limits: Limits.Rules
    private let log: Log
    private let now: @Sendable () -> Timestamp
    private let pool = BlockingPool(label: "rules.watch", threads: 1)

    /// - Parameter notifications: names of the templates of notifications.
    package init(
        folder: String,
        rules: RulesInForce,
        history: HistoryHandle,
        settings: RuleEngine.Settings,
        notifications: [String],
        limits: Limits.Rules,
        log: Log,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.folder, self.rules, self.history, self.settings) = (folder, rules, history, settings)
        (self.notifications, self.limits, self.log, self.now) = (notifications, limits, log, now)
    }

    /// Reads the folder for the first time.
    ///
    /// - Throws: ``RuleFolderFault`` with every fault: nothing may run on rules that are not as their authors think.
    package func start() throws(RuleFolderFault) {
        let loaded = try LoadedRules(folder: folder, settings: settings, notifications: notifications, limits: limits)
        take(loaded)
    }

    /// Looks again and again, until the task is cancelled.
    package func run() async {
        var seen = rules.engine?.ruleSet.version
        var kept: String?
        var rest = limits.pollMilliseconds
        while !Task.isCancelled {
            await keepVersion(&kept)
            // Decisions may name the version by now: it is to be kept soon, whenever MongoDB is there.
            let isKept = kept == rules.engine?.ruleSet.version
            let pause = isKept ? rest : min(rest, limits.keepMilliseconds)
            try? await Task.sleep(for: .milliseconds(pause))
            rest -= pause
            guard rest <= 0 else { continue }
            rest = limits.pollMilliseconds
            let (folder, limits) = (folder, limits)
            let found = await pool.run { try? LoadedRules.version(ofFolder: folder, limits: limits) }
            guard let found, found != seen, !Task.isCancelled else { continue }
            seen = found
            await change()
        }
    }

    private func change() async {
        let (folder, settings, notifications, limits) = (folder, settings, notifications, limits)
        let result: Result<LoadedRules, RuleFolderFault> = await pool.run {
            Result { () throws(RuleFolderFault) in
                try LoadedRules(folder: folder, settings: settings, notifications: notifications, limits: limits)
            }
        }
        switch result {
        case .success(let loaded):
            take(loaded)
            log.info(
                "other rules are in force",
                [
                    "version": .init(loaded.engine.ruleSet.version),
                    "rules": .init("\(loaded.engine.ruleSet.rules.count)"),
                ]
            )
        case .failure(let fault):
            rules.refuse(fault.faults)
            log.error(
                "the rule files have faults; the rules before stay in force",
                ["faults": .init("\(fault.faults.count)"), "first": .init(fault.faults.first ?? "")]
            )
        }
    }

    private func take(_ loaded: LoadedRules) {
        rules.take(loaded.engine, warnings: loaded.warnings, at: now())
        for warning in loaded.warnings { log.warning("rules", ["warning": .init(warning)]) }
    }

    /// Decisions name the version they were made by: it is kept with them.
    private func keepVersion(_ kept: inout String?) async {
        guard let ruleSet = rules.engine?.ruleSet, ruleSet.version != kept, let store = history.store else { return }
        let isKept = await pool.run {
            do throws(MongoError) {
                try RuleSetStore(store).keep(ruleSet)
                return true
            } catch {
                return false
            }
        }
        if isKept { kept = ruleSet.version }
    }
}
