import Chat
import Limits

/// What sources have said, for a while, in bounded memory.
///
/// Two generations: what is used moves to the young one, and when that is full the old one goes. So what is used often
/// stays without a list of uses being kept.
struct FactCache {
    struct Key: Hashable {
        let origin: FactOrigin
        let key: FactKey

        var byteCount: Int { 96 + key.kind.utf8.count + key.id.utf8.count }
    }

    struct Entry {
        /// `nil`: there is none.
        let record: FactRecord?
        let at: Timestamp
        /// Something else has been said since: good only for whoever may not wait.
        fileprivate(set) var isOutdated = false
    }

    /// What a load under way may still keep.
    private enum Scope {
        case these(Set<Key>)
        /// All of a kind but what has changed since.
        case kind(FactOrigin, String, changed: Set<Key>)

        func allows(_ key: Key) -> Bool {
            switch self {
            case .these(let keys): keys.contains(key)
            case .kind(let origin, let kind, let changed):
                key.origin == origin && key.key.kind == kind && !changed.contains(key)
            }
        }

        mutating func remove(_ key: Key) {
            switch self {
            case .these(var keys):
                keys.remove(key)
                self = .these(keys)
            case .kind(let origin, let kind, var changed):
                changed.insert(key)
                self = .kind(origin, kind, changed: changed)
            }
        }

        mutating func remove(from gone: FactOrigin, kinds: Set<String>?) {
            func isMeant(_ origin: FactOrigin, _ kind: String) -> Bool {
                origin == gone && kinds?.contains(kind) != false
            }
            switch self {
            case .these(let keys): self = .these(keys.filter { !isMeant($0.origin, $0.key.kind) })
            case .kind(let origin, let kind, _): if isMeant(origin, kind) { self = .these([]) }
            }
        }
    }

    /// A load under way, whose result may meanwhile have become untrue.
    struct Load: Hashable { fileprivate let number: Int }

    private let limits: Limits.Facts
    private var young: [Key: Entry] = [:]
    private var old: [Key: Entry] = [:]
    private var youngBytes = 0
    private var loads: [Load: Scope] = [:]
    private var lastLoad = 0

    init(limits: Limits.Facts) { self.limits = limits }

    var count: Int { young.count + old.count }

    /// What is remembered, unless it is too old or outdated.
    mutating func find(_ key: Key, now: Timestamp) -> Entry? {
        guard let entry = young[key] ?? old[key], !entry.isOutdated, isFresh(entry, at: now) else { return nil }
        if old.removeValue(forKey: key) != nil { keep(entry, as: key) }
        return entry
    }

    /// What is remembered, however old, or outdated by a change that nobody has read yet.
    mutating func lastKnown(_ key: Key) -> Entry? {
        if let entry = young[key] { return entry }
        guard let entry = old.removeValue(forKey: key) else { return nil }
        keep(entry, as: key)
        return entry
    }

    /// Before a source is asked.
    mutating func begin(_ keys: some Sequence<Key>) -> Load { begin(.these(Set(keys))) }

    /// The same, for all that a source has of a kind.
    mutating func begin(allOf kind: String, from origin: FactOrigin) -> Load {
        begin(.kind(origin, kind, changed: []))
    }

    private mutating func begin(_ scope: Scope) -> Load {
        lastLoad += 1
        let load = Load(number: lastLoad)
        loads[load] = scope
        return load
    }

    /// Keeps what a source answered; what has changed since it was asked is outdated from the start.
    mutating func end(_ load: Load, _ entries: [Key: Entry]) {
        guard let scope = loads.removeValue(forKey: load) else { return }
        for (key, var entry) in entries {
            if !scope.allows(key) {
                guard !key.key.isWholeKind, (young[key] ?? old[key])?.isOutdated != false else { continue }
                entry.isOutdated = true
            }
            keep(entry, as: key)
        }
    }

    /// From now on it is found no more, only last known.
    ///
    /// What is known of a kind as a whole goes altogether: it would deny what has just come.
    mutating func forget(_ key: Key) {
        if key.key.isWholeKind {
            if let entry = young.removeValue(forKey: key) { youngBytes -= size(entry, of: key) }
            old[key] = nil
        } else {
            young[key]?.isOutdated = true
            old[key]?.isOutdated = true
        }
        for load in loads.keys { loads[load]?.remove(key) }
    }

    /// - Parameter kinds: `nil` is all of them.
    mutating func forgetAll(from origin: FactOrigin, kinds: Set<String>?) {
        func isMeant(_ key: Key) -> Bool { key.origin == origin && kinds?.contains(key.key.kind) != false }
        for key in young.keys where isMeant(key) { forget(key) }
        for key in old.keys where isMeant(key) { forget(key) }
        for load in loads.keys { loads[load]?.remove(from: origin, kinds: kinds) }
    }

    private mutating func keep(_ entry: Entry, as key: Key) {
        let bytes = size(entry, of: key)
        if young.count >= limits.cacheEntries / 2 || youngBytes + bytes > limits.cacheBytes / 2 {
            (old, young, youngBytes) = (young, [:], 0)
        }
        guard bytes <= limits.cacheBytes / 2, limits.cacheEntries >= 2 else { return }
        if let before = young.updateValue(entry, forKey: key) { youngBytes -= size(before, of: key) }
        youngBytes += bytes
        old[key] = nil
    }

    /// Not after the clock was set back either.
    private func isFresh(_ entry: Entry, at now: Timestamp) -> Bool {
        let seconds = entry.record == nil ? min(limits.missingSeconds, limits.cacheSeconds) : limits.cacheSeconds
        return 0..<Int64(seconds) * 1_000 ~= now.milliseconds - entry.at.milliseconds
    }

    private func size(_ entry: Entry, of key: Key) -> Int { key.byteCount + (entry.record?.byteCount ?? 0) }
}
