import Blocking
package import Chat
package import Facts
package import History
package import Limits
import MongoDB
package import Rules

/// Reads behind the scenes what hooks have asked for and nobody knew.
package struct HookLoader: Sendable {
    private let memory: HookMemory
    private let rules: any RuleSource
    private let facts: FactStore
    private let history: HistoryHandle
    private let provider: StreamProvider
    private let limits: Limits
    private let now: @Sendable () -> Timestamp
    private let pool = BlockingPool(label: "hooks.load", threads: 1)

    package init(
        memory: HookMemory,
        rules: any RuleSource,
        facts: FactStore,
        history: HistoryHandle,
        provider: StreamProvider,
        limits: Limits,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.memory, self.rules, self.facts, self.history) = (memory, rules, facts, history)
        (self.provider, self.limits, self.now) = (provider, limits, now)
    }

    /// Works until the task is cancelled.
    package func run() async {
        for await _ in memory.bell.stream {
            let wanted = memory.takeWanted()
            defer { memory.endLoading() }
            guard !wanted.isEmpty else { continue }
            guard await pool.run({ load(wanted) }) else {
                memory.putBack(wanted)
                try? await Task.sleep(for: .milliseconds(limits.hooks.retryMilliseconds))
                memory.bell.continuation.yield()
                continue
            }
            try? await Task.sleep(for: .milliseconds(limits.hooks.loadPaceMilliseconds))
        }
    }

    /// Blocking.
    ///
    /// - Returns: false where MongoDB could not be asked.
    private func load(_ wanted: HookMemory.Wanted) -> Bool {
        guard let store = try? history.opened() else { return false }
        let reader = HistoryReader(store)
        do throws(MongoError) {
            let users = try reader.load(UserRecord.self, wanted.users)
            let members = try reader.load(MemberRecord.self, wanted.members)
            let channels = try reader.load(ChannelRecord.self, wanted.channels)
            memory.keep(users: users, members: members, channels: channels, for: wanted, at: now())
            if let engine = rules.engine {
                let loader = WindowLoader(engine: engine, provider: provider, limits: limits.rules)
                for key in wanted.windows {
                    memory.keep(try loader.load(key, BatchToJudge(), reader), key, engine.windows, of: engine)
                }
            }
            // Users and channels are read with the others: here only what the app says of them is asked for.
            let known = ChatRecords(
                users: Dictionary(wanted.facts.filter { $0.kind == "user" }.map { ($0.id, UserRecord(id: $0.id)) }) {
                    first,
                    _ in first
                },
                channels: Dictionary(
                    wanted.facts.filter { $0.kind == "channel" }.map { ($0.id, ChannelRecord(cid: $0.id)) }
                ) { first, _ in first }
            )
            _ = facts.load(wanted.facts, knowing: known)
        } catch {
            return false
        }
        guard wanted.preload else { return true }
        return facts.rememberAll(of: rules.engine?.factKinds ?? []) != nil
    }
}
