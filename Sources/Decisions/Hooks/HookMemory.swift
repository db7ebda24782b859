package import Blocking
package import Chat
import Dispatch
package import Facts
package import History
package import Limits
import Rules

/// What a node knows without asking anybody, for decisions that cannot wait: facts, users, channels, bans, the last messages.
///
/// What is asked for and not here counts as unknown, and is read behind the scenes for the next time; see ``HookLoader``.
/// What is here is kept current by the events that this node stores, and facts by what their sources tell of changes. Other
/// nodes' events reach it when it is read again, after `Limits.Hooks.recallSeconds`.
package final class HookMemory: Sendable {
    /// The thread that hooks are answered on.
    package let executor = ThreadExecutor(label: "hooks.judge", urgency: .awaited)

    private let state: Locked<State>
    private let store: FactStore
    private let patterns: ContextPatterns
    private let limits: Limits.Hooks
    private let now: @Sendable () -> Timestamp
    /// Rings when something is wanted.
    let bell = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    package init(
        facts: FactStore,
        patterns: ContextPatterns,
        limits: Limits.Hooks,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (store, self.patterns, self.limits, self.now) = (facts, patterns, limits, now)
        state = Locked(State(limits))
        facts.onForgotten { [weak self] in self?.renew($0) }
    }

    // MARK: Asking

    /// The ban that keeps a user from writing in a channel, if one is known to hold.
    func ban(of user: String, in cid: String, at now: Timestamp) -> (until: Timestamp?, isKnown: Bool) {
        state.withLock { state in
            let key = MemberRecord.Key(cid: cid, userID: user)
            let everywhere = recall(user, in: &state.users, &state.wanted.users, state.wanted.count, now)?.ban?.value
            let here = recall(key, in: &state.members, &state.wanted.members, state.wanted.count, now)?.ban?.value
            for ban in [everywhere, here].compactMap(\.self) where ban.keepsFromWriting(at: now) {
                return (ban.expires, true)
            }
            for place in [BanPlace(user: user, cid: nil), BanPlace(user: user, cid: cid)] {
                if let until = state.bans[place], until > now { return (until == .distantFuture ? nil : until, true) }
            }
            return (nil, false)
        }
    }

    /// Begins to answer by a rule set.
    func use(_ engine: RuleEngine) {
        state.withLock { state in
            guard state.ruleSet != engine.ruleSet.version else { return }
            state.ruleSet = engine.ruleSet.version
            state.windows.removeAll()
            state.wanted.preload = true
        }
        bell.continuation.yield()
    }

    func contexts(ofChannels ids: Set<String>, at now: Timestamp) -> [String: BusinessContext] {
        state.withLock { state in
            var contexts: [String: BusinessContext] = [:]
            for cid in ids {
                let record = recall(cid, in: &state.channels, &state.wanted.channels, state.wanted.count, now)
                contexts[cid] = record?.effectiveContext(patterns)
            }
            return contexts
        }
    }

    func facts(_ wanted: Set<FactKey>, at now: Timestamp) -> FactTable {
        let known = state.withLock { state in
            var known = ChatRecords()
            for key in wanted {
                if key.kind == "user" {
                    known.users[key.id] = recall(key.id, in: &state.users, &state.wanted.users, state.wanted.count, now)
                } else if key.kind == "channel" {
                    known.channels[key.id] =
                        recall(key.id, in: &state.channels, &state.wanted.channels, state.wanted.count, now)
                }
                guard state.facts[key] == nil else { continue }
                state.facts[key] = true
                if state.wanted.count < limits.wanted { state.wanted.facts.insert(key) }
            }
            return known
        }
        return store.remembered(wanted, knowing: known)
    }

    /// The last messages, those included that were let through and of which no event has told yet.
    func window(_ key: WindowCache.Key, _ needs: WindowNeeds, at now: Timestamp) -> Window {
        state.withLock { state in
            if state.windows[key] == nil {
                // What is stored from now on is noted in it, while what was before is read.
                state.windows[key] = Window(isComplete: false)
                if state.wanted.count < limits.wanted { state.wanted.windows.insert(key) }
            }
            var window = state.windows[key] ?? Window(isComplete: false)
            guard key.kind == .messages else { return window }
            for sent in state.sent[key.author] ?? [] where !sent.entry.isOver(at: now) { window.insert(sent.entry) }
            return window
        }
    }

    /// To be called after asking: has the loader look.
    func ring() {
        if state.withLock({ !$0.wanted.isEmpty }) { bell.continuation.yield() }
    }

    private func recall<Key: Hashable, Record>(
        _ key: Key,
        in kept: inout RecentlyUsed<Key, Known<Record>>,
        _ wanted: inout Set<Key>,
        _ count: Int,
        _ now: Timestamp
    ) -> Record? {
        let known = kept[key]
        let isOld = known.map { now.milliseconds - $0.readAt.milliseconds > limits.recallSeconds * 1_000 } ?? true
        if isOld, count < limits.wanted { wanted.insert(key) }
        return known?.record
    }

    // MARK: Being told

    /// A message was let through with this text.
    func noteSent(_ entry: WindowEntry, by user: String, in cid: String, text: String) {
        let sent = Sent(user: user, cid: cid, text: Self.digest(text), entry: entry)
        state.withLock { state in
            for author in MessageAuthor.all(user, cid) {
                var list = (state.sent[author] ?? []).filter { !$0.entry.isOver(at: entry.time) }
                list.append(sent)
                state.sent[author] = list.suffix(limits.sentKept)
            }
        }
    }

    /// The user was kept from writing, in one channel or everywhere.
    func noteBan(of user: String, in cid: String?, until: Timestamp) {
        state.withLock { $0.bans[BanPlace(user: user, cid: cid)] = until }
    }

    /// What a batch that is stored tells; hooks that come meanwhile go first.
    private func note(_ batch: BatchFold, at now: Timestamp) async {
        await takeIn(batch.users.after.values) { user, state in
            state.users.update(user.id) { $0 = Known(record: user, readAt: now) }
            guard user.ban != batch.users.before[user.id]?.ban else { return }
            state.bans[BanPlace(user: user.id, cid: nil)] = nil
        }
        await takeIn(batch.channels.after.values) { channel, state in
            state.channels.update(channel.cid) { $0 = Known(record: channel, readAt: now) }
        }
        await takeIn(batch.members.after.values) { member, state in
            state.members.update(member.key) { $0 = Known(record: member, readAt: now) }
            guard member.ban != batch.members.before[member.key]?.ban else { return }
            state.bans[BanPlace(user: member.key.userID, cid: member.key.cid)] = nil
        }
        guard let needs = batch.events.lazy.compactMap(\.received.rules).first?.windows else { return }
        await takeIn(batch.events) { event, state in
            guard !state.windows.isEmpty || !state.sent.isEmpty else { return }
            note(event.received, in: batch, needs, &state)
        }
    }

    private func takeIn<Things: Swift.Collection>(_ things: Things, _ take: (Things.Element, inout State) -> Void) async
    {
        for slice in things.slices(of: limits.takenAtOnce) {
            state.withLock { state in for thing in slice { take(thing, &state) } }
            await Task.yield()
        }
    }

    private func note(_ event: ReceivedEvent, in batch: BatchFold, _ needs: WindowNeeds, _ state: inout State) {
        guard let observation = event.observation, let entry = observation.entry else { return }
        for key in WindowCache.Key.all(of: observation, needs) {
            state.windows.update(key) {
                $0.insert(entry)
                $0.keepLast(needs.kept)
            }
        }
        guard !state.sent.isEmpty, let user = observation.subject.userID, let cid = observation.subject.cid,
            let id = observation.subject.messageID, let message = batch.messages.after[id]
        else { return }
        let text = Self.digest(message.record.content?.value.text ?? "")
        for author in MessageAuthor.all(user, cid) {
            state.sent.update(author) { list in
                guard let place = list.firstIndex(where: { $0.user == user && $0.cid == cid && $0.text == text }) else {
                    return
                }
                list.remove(at: place)
            }
        }
    }

    private func renew(_ forgotten: FactStore.Forgotten) {
        let isAnything = state.withLock { state in
            switch forgotten {
            case .things(let keys):
                if state.wanted.count + keys.count <= limits.wanted {
                    state.wanted.facts.formUnion(keys)
                } else {
                    state.wanted.preload = true
                }
            case .kinds(let kinds):
                let keys = state.facts.keys.filter { kinds?.contains($0.kind) != false }
                state.wanted.facts.formUnion(keys.prefix(max(0, limits.wanted - state.wanted.count)))
                state.wanted.preload = true
            }
            return !state.ruleSet.isEmpty
        }
        if isAnything { bell.continuation.yield() }
    }

    // MARK: Reading behind the scenes

    /// Things that were asked for and are not here yet.
    package var waiting: Int { state.withLock { $0.wanted.count + ($0.wanted.preload ? 1 : 0) + $0.loading } }

    func takeWanted() -> Wanted {
        state.withLock { state in
            defer { (state.wanted, state.loading) = (Wanted(), state.wanted.count + 1) }
            return state.wanted
        }
    }

    func endLoading() { state.withLock { $0.loading = 0 } }

    /// Could not be read: is to be tried again.
    func putBack(_ wanted: Wanted) {
        state.withLock { state in
            guard state.wanted.count + wanted.count <= limits.wanted else { return }
            state.wanted.users.formUnion(wanted.users)
            state.wanted.members.formUnion(wanted.members)
            state.wanted.channels.formUnion(wanted.channels)
            state.wanted.facts.formUnion(wanted.facts)
            state.wanted.windows.formUnion(wanted.windows)
            state.wanted.preload = state.wanted.preload || wanted.preload
        }
    }

    /// What the history says of those that were asked for.
    func keep(
        users: [UserRecord],
        members: [MemberRecord],
        channels: [ChannelRecord],
        for wanted: Wanted,
        at now: Timestamp
    ) {
        let (users, members, channels) = (
            Dictionary(users.map { ($0.id, $0) }) { first, _ in first },
            Dictionary(members.map { ($0.key, $0) }) { first, _ in first },
            Dictionary(channels.map { ($0.cid, $0) }) { first, _ in first }
        )
        for slice in wanted.users.slices(of: limits.takenAtOnce) {
            state.withLock { for id in slice { Self.keep(id, users[id], in: &$0.users, at: now) { $0.merge($1) } } }
        }
        for slice in wanted.members.slices(of: limits.takenAtOnce) {
            state.withLock {
                for key in slice { Self.keep(key, members[key], in: &$0.members, at: now) { $0.merge($1) } }
            }
        }
        for slice in wanted.channels.slices(of: limits.takenAtOnce) {
            state.withLock {
                for id in slice { Self.keep(id, channels[id], in: &$0.channels, at: now) { $0.merge($1) } }
            }
        }
    }

    /// What an event told of meanwhile is newer.
    private static func keep<Key: Hashable, Record>(
        _ key: Key,
        _ found: Record?,
        in kept: inout RecentlyUsed<Key, Known<Record>>,
        at now: Timestamp,
        _ merge: (inout Record, Record) -> Void
    ) {
        let known = kept[key]?.record
        guard var record = found else {
            kept[key] = Known(record: known, readAt: now)
            return
        }
        if let known { merge(&record, known) }
        kept[key] = Known(record: record, readAt: now)
    }

    func keep(_ window: Window, _ key: WindowCache.Key, _ needs: WindowNeeds, of engine: RuleEngine) {
        state.withLock { state in
            guard state.ruleSet == engine.ruleSet.version else { return }
            var window = window
            for entry in state.windows[key]?.entries ?? [] { window.insert(entry) }
            window.keepLast(needs.kept)
            state.windows[key] = window
        }
    }

    private static func digest(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }
}

extension HookMemory: BatchObserver {
    /// Waits until the batch is noted by the thread that answers hooks: a storing thread steps back for others, and would have
    /// hooks wait for it while it holds what they ask.
    package func stored(_ batch: BatchFold) {
        guard !state.withLock(\.isUntouched) else { return }
        let noted = DispatchSemaphore(value: 0)
        Task(executorPreference: executor) {
            await self.note(batch, at: self.now())
            noted.signal()
        }
        noted.wait()
    }
}

extension Swift.Collection {
    /// All of it in order, so many at a time.
    fileprivate func slices(of count: Int) -> some Sequence<SubSequence> {
        sequence(state: dropFirst(0)) { rest in
            guard !rest.isEmpty else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
    }
}

extension MessageAuthor {
    fileprivate static func all(_ user: String, _ cid: String) -> [MessageAuthor] {
        [.user(user), .channel(cid), .userInChannel(user, cid: cid)]
    }
}

extension WindowEntry {
    /// No event has told of it for so long that the provider has not sent it after all.
    fileprivate func isOver(at now: Timestamp) -> Bool {
        now.milliseconds - time.milliseconds > HookMarks.seconds * 1_000
    }
}

extension BanState {
    /// Whoever is banned unnoticed may go on writing.
    fileprivate func keepsFromWriting(at now: Timestamp) -> Bool {
        isBanned && !isShadow && expires.map { $0 > now } ?? true
    }
}
