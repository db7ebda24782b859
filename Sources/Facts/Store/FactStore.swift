import Blocking
import Chat
import Limits

/// The app's own data, from every source, for whoever decides or acts.
package final class FactStore: Sendable {
    /// A source that did not answer is left alone until then.
    private struct Failure {
        let until: Timestamp
        let reason: String
    }

    private struct Place: Hashable {
        let origin: FactOrigin
        let kind: String
    }

    private let sources: [any FactSource]
    private let limits: Limits.Facts
    private let now: @Sendable () -> Timestamp
    private let cache: Locked<FactCache>
    private let failures = Locked<[Place: Failure]>([:])
    private let listeners = Locked<[@Sendable (Forgotten) -> Void]>([])
    /// When each source was last asked for what is remembered.
    private let asked = Locked<[FactOrigin: Timestamp]>([:])

    /// - Parameter sources: in the order of precedence.
    init(sources: [any FactSource], limits: Limits.Facts, now: @escaping @Sendable () -> Timestamp) {
        (self.sources, self.limits, self.now) = (sources, limits, now)
        cache = Locked(FactCache(limits: limits))
    }

    /// What every source says of these things, with one query for each source, kind and thousand of them.
    ///
    /// Blocking, for a bounded time; what could not be asked is ``Fact/unavailable(reason:)``.
    ///
    /// - Parameter known: users and channels that need not be read again.
    package func load(_ wanted: Set<FactKey>, knowing known: ChatRecords = ChatRecords()) -> FactTable {
        var table = FactTable(keys: wanted)
        let byKind = Dictionary(grouping: wanted, by: \.kind)
        for source in sources {
            for (kind, keys) in byKind where source.covers(kind) {
                for (key, finding) in findings(of: keys, kind, from: source, known) {
                    table.add(finding, of: key, from: source.origin)
                }
            }
        }
        return table
    }

    /// What is remembered of these things, without asking anybody: as it was when last heard of.
    ///
    /// What is not remembered is ``Fact/unavailable(reason:)``.
    ///
    /// - Parameter known: users and channels as the chat tells of them.
    package func remembered(_ wanted: Set<FactKey>, knowing known: ChatRecords) -> FactTable {
        var table = FactTable(keys: wanted)
        for source in sources {
            let keys = wanted.filter { source.covers($0.kind) }
            guard !keys.isEmpty else { continue }
            let entries = source.isCached ? lastKnown(keys, source.origin) : [:]
            for key in keys {
                let finding =
                    if let record = source.record(of: key, in: known) { FactTable.Finding.found(record) } else {
                        entries[key]?.record.map { .found($0) } ?? Self.unremembered(entries[key])
                    }
                table.add(finding, of: key, from: source.origin)
            }
        }
        return table
    }

    private static func unremembered(_ entry: FactCache.Entry?) -> FactTable.Finding {
        entry == nil ? .unavailable(reason: "it is not remembered") : .missing
    }

    private func lastKnown(_ keys: Set<FactKey>, _ origin: FactOrigin) -> [FactKey: FactCache.Entry] {
        let time = now()
        asked.withLock { $0[origin] = time }
        return cache.withLock { cache in
            var entries: [FactKey: FactCache.Entry] = [:]
            for key in keys {
                let place = FactCache.Key(origin: origin, key: key)
                let all = FactCache.Key(origin: origin, key: .all(of: key.kind))
                if let entry = cache.lastKnown(place) {
                    entries[key] = entry
                } else if let whole = cache.lastKnown(all), whole.record == nil {
                    // The source has nothing of the kind at all.
                    entries[key] = whole
                }
            }
            return entries
        }
    }

    /// Remembers what the app has sent of these kinds, as much as half of the memory holds.
    ///
    /// Blocking.
    ///
    /// - Returns: how many things; `nil` where a source could not be asked.
    @discardableResult
    package func rememberAll(of kinds: Set<String>) -> Int? {
        var count = 0
        for source in sources where source.isCached {
            for kind in kinds.sorted() where source.covers(kind) && !isEmpty(kind, source) {
                let room = limits.cacheEntries / 2 - count
                guard room > 0 else { return count }
                let load = cache.withLock { $0.begin(allOf: kind, from: source.origin) }
                guard let records = try? source.loadAll(kind, most: room) else {
                    cache.withLock { $0.end(load, [:]) }
                    return nil
                }
                let time = now()
                let entries = records.map { id, record in
                    (
                        FactCache.Key(origin: source.origin, key: FactKey(kind: kind, id: id)),
                        FactCache.Entry(record: record, at: time)
                    )
                }
                cache.withLock { [entries] in $0.end(load, Dictionary(entries) { first, _ in first }) }
                count += entries.count
            }
        }
        return count
    }

    /// Forgets what is remembered of things that have just been changed here.
    package func forget(_ keys: some Sequence<FactKey>, from origin: FactOrigin) {
        let keys = Array(keys)
        cache.withLock { cache in
            for key in keys { Self.forget(key, from: origin, in: &cache) }
        }
        tell(.things(Set(keys)))
    }

    /// What was forgotten because it has changed, or may have.
    package enum Forgotten: Sendable {
        case things(Set<FactKey>)
        /// `nil` is every kind.
        case kinds(Set<String>?)
    }

    /// Has somebody told of everything that is forgotten: from any thread, quickly.
    package func onForgotten(_ listener: @escaping @Sendable (Forgotten) -> Void) {
        listeners.withLock { $0.append(listener) }
    }

    private func tell(_ forgotten: Forgotten) {
        for listener in listeners.withLock({ $0 }) { listener(forgotten) }
    }

    /// Notices what is changed elsewhere, until the task is cancelled.
    ///
    /// A source is watched while something of it may be remembered: to watch a collection, MongoDB reads all that is
    /// written to any, and decodes it: a fourteenth of what storing events costs it.
    /// Where changes cannot be watched, what is remembered is believed for `Limits.Facts.cacheSeconds`.
    package func watch(_ report: @escaping @Sendable (FactWatchReport) -> Void) async {
        await withDiscardingTaskGroup { group in
            for watch in sources.flatMap(\.watches) {
                let watcher = FactWatcher(watch, limits: limits, report: report) { [self] in
                    mayRemember(from: watch.origin)
                } forget: { [self] touched in
                    forget(touched, watch)
                }
                group.addTask { await watcher.run() }
            }
        }
    }

    /// With what is remembered of its kind as a whole.
    private static func forget(_ key: FactKey, from origin: FactOrigin, in cache: inout FactCache) {
        cache.forget(FactCache.Key(origin: origin, key: key))
        cache.forget(FactCache.Key(origin: origin, key: .all(of: key.kind)))
    }

    /// Not after the clock was set back either.
    private func mayRemember(from origin: FactOrigin) -> Bool {
        guard let last = asked.withLock({ $0[origin] }) else { return false }
        return 0..<Int64(limits.cacheSeconds) * 1_000 ~= now().milliseconds - last.milliseconds
    }

    private func forget(_ touched: [FactWatch.Touched], _ watch: FactWatch) {
        cache.withLock { cache in
            for touched in touched {
                switch touched {
                case .key(let key): Self.forget(key, from: watch.origin, in: &cache)
                case .everything: cache.forgetAll(from: watch.origin, kinds: watch.kinds)
                }
            }
        }
        let keys = touched.compactMap { if case .key(let key) = $0 { key } else { nil } }
        tell(keys.count == touched.count ? .things(Set(keys)) : .kinds(watch.kinds))
    }

    // MARK: One source and kind

    private func findings(
        of keys: [FactKey],
        _ kind: String,
        from source: any FactSource,
        _ known: ChatRecords
    ) -> [FactKey: FactTable.Finding] {
        var findings = source.isCached ? remembered(keys, source.origin) : [:]
        for key in keys { if let record = source.record(of: key, in: known) { findings[key] = .found(record) } }
        let unknown = keys.filter { findings[$0] == nil }
        if !unknown.isEmpty, isEmpty(kind, source) { return findings.merging(Self.all(unknown, .missing)) { $1 } }
        for start in stride(from: 0, to: unknown.count, by: limits.queryKeys) {
            let part = Array(unknown[start..<min(start + limits.queryKeys, unknown.count)])
            findings.merge(ask(source, kind, part)) { first, _ in first }
        }
        return findings
    }

    private func remembered(_ keys: [FactKey], _ origin: FactOrigin) -> [FactKey: FactTable.Finding] {
        let time = now()
        asked.withLock { $0[origin] = time }
        return cache.withLock { cache in
            var findings: [FactKey: FactTable.Finding] = [:]
            for key in keys {
                guard let entry = cache.find(FactCache.Key(origin: origin, key: key), now: time) else { continue }
                findings[key] = entry.record.map { .found($0) } ?? .missing
            }
            return findings
        }
    }

    /// Whether the source is known to have nothing of the kind; believed as long as that a single thing is missing.
    private func isEmpty(_ kind: String, _ source: any FactSource) -> Bool {
        guard source.isCached else { return false }
        let (key, time) = (FactKey.all(of: kind), now())
        let place = FactCache.Key(origin: source.origin, key: key)
        if let entry = cache.withLock({ $0.find(place, now: time) }) { return entry.record == nil }
        let load = begin([key], source.origin)
        // Where it cannot be asked, asking for single things says why.
        let hasAny = (try? source.hasAny(kind)) ?? true
        end(load, [key], hasAny ? [key.id: FactRecord()] : [:], source.origin, at: time)
        return !hasAny
    }

    private func ask(
        _ source: any FactSource,
        _ kind: String,
        _ keys: [FactKey]
    ) -> [FactKey: FactTable.Finding] {
        let place = Place(origin: source.origin, kind: kind)
        if let failure = failures.withLock({ $0[place] }), isRecent(failure) {
            return Self.all(keys, .unavailable(reason: failure.reason))
        }
        let load = source.isCached ? begin(keys, source.origin) : nil
        do throws(FactSourceError) {
            let time = now()
            let records = try source.load(kind, keys.map(\.id))
            if let load { end(load, keys, records, source.origin, at: time) }
            failures.withLock { $0[place] = nil }
            return Dictionary(
                keys.map { key in (key, records[key.id].map { .found($0) } ?? .missing) },
                uniquingKeysWith: { first, _ in first }
            )
        } catch {
            if let load { end(load, [], [:], source.origin, at: now()) }
            remember(failure: error.reason, at: place)
            return Self.all(keys, .unavailable(reason: error.reason))
        }
    }

    private func begin(_ keys: [FactKey], _ origin: FactOrigin) -> FactCache.Load {
        cache.withLock { $0.begin(keys.map { FactCache.Key(origin: origin, key: $0) }) }
    }

    private func end(
        _ load: FactCache.Load,
        _ keys: [FactKey],
        _ records: [String: FactRecord],
        _ origin: FactOrigin,
        at time: Timestamp
    ) {
        var entries: [FactCache.Key: FactCache.Entry] = [:]
        for key in keys {
            entries[FactCache.Key(origin: origin, key: key)] = FactCache.Entry(record: records[key.id], at: time)
        }
        cache.withLock { [entries] in $0.end(load, entries) }
    }

    private func remember(failure reason: String, at place: Place) {
        let until = Timestamp(milliseconds: now().milliseconds + Int64(limits.retrySeconds) * 1_000)
        // A place is a source and a kind; kinds are what callers ask for, so they are bounded here.
        failures.withLock { failures in
            if failures.count >= limits.queryKeys { failures.removeAll() }
            failures[place] = Failure(until: until, reason: reason)
        }
    }

    /// Not after the clock was set back either.
    private func isRecent(_ failure: Failure) -> Bool {
        0..<Int64(limits.retrySeconds) * 1_000 ~= failure.until.milliseconds - now().milliseconds - 1
    }

    private static func all(
        _ keys: [FactKey],
        _ finding: FactTable.Finding
    ) -> [FactKey: FactTable.Finding] {
        Dictionary(keys.map { ($0, finding) }) { first, _ in first }
    }
}
