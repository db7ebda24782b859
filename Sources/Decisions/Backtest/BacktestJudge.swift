import Chat
import Facts
import History
import Limits
import MongoDB
import Rules

/// Judges events by one rule set as ``RuleJudge`` does, with the windows of rates in memory.
///
/// Events come in the order of receipt. One that comes late has those after it judged again of which a rate changes.
struct BacktestJudge {
    let engine: RuleEngine
    /// Which of an item's observations is this one's.
    private let side: Int
    private let limits: Limits.Rules
    private let loader: WindowLoader
    private let warmUp: Duration
    private let sources: BacktestSources
    private var windows: WindowCache
    /// Of the page at hand.
    private var counted: [WindowCache.Key: Counted] = [:]
    private var remembered: RememberedItems
    /// The latest time of any event so far.
    private var latest = Timestamp(milliseconds: 0)

    init(
        _ engine: RuleEngine,
        side: Int,
        provider: StreamProvider,
        sources: BacktestSources,
        limits: Limits.Rules
    ) {
        (self.engine, self.side, self.sources, self.limits) = (engine, side, sources, limits)
        loader = WindowLoader(engine: engine, provider: provider, limits: limits)
        warmUp = .seconds(limits.backtestWarmUpSeconds)
        windows = WindowCache(most: limits.backtestWindows)
        windows.use(epoch: 0, ruleSet: engine.ruleSet.version)
        remembered = RememberedItems(most: limits.backtestRemembered)
    }

    /// - Parameters:
    ///   - items: what rates are counted by.
    ///   - judged: those of them to be judged.
    /// - Returns: what was decided, and what was decided anew.
    mutating func judge(
        counting items: [BacktestItem],
        judging judged: [BacktestItem]
    ) throws(MongoError) -> [(item: BacktestItem, outcome: BacktestOutcome?)] {
        for item in items { latest = max(latest, item.subject.time) }
        let changed = try count(items)
        var asked = judged.filter { $0.observations[side]?.mayFire == true }
        asked += changed.isEmpty ? [] : remembered.items(of: changed)
        let questions = asked.compactMap { item in item.observations[side].map { RuleJudge.Question($0) } }
        let decisions = try Inquiry(engine: engine).decide(questions, from: &self)
        trim()
        for (item, question) in zip(asked, questions) where question.observation.countsEarlier {
            remembered.add(item, question.place)
        }
        return zip(asked, decisions).map { ($0, $1.map(BacktestOutcome.init)) }
    }

    // MARK: Counting

    /// One subject's window while a page is judged.
    private struct Counted {
        var window: Window
        var new: [WindowEntry]
    }

    /// - Returns: entries of which something is counted otherwise than before.
    private mutating func count(_ items: [BacktestItem]) throws(MongoError) -> [WindowEntry] {
        let needs = engine.windows
        guard !needs.isEmpty else { return [] }
        var new: [WindowCache.Key: [WindowEntry]] = [:]
        for item in items {
            guard let observation = item.observations[side], let entry = observation.entry else { continue }
            for key in WindowCache.Key.all(of: observation, needs) { new[key, default: []].append(entry) }
        }
        var changed: [WindowEntry] = []
        for (key, entries) in new {
            var window = try remembered(key, entries)
            // What is read from the history holds these already.
            for entry in entries { window.remove(entry) }
            let before = window
            for entry in entries { window.insert(entry) }
            counted[key] = Counted(window: window, new: entries)
            // How often something was counted beyond what a rule asks for is told by no figure here.
            changed += window.changed(from: before, by: entries, key, needs).turned
            guard let onlookers = windows[WindowCache.Key(author: key.author, kind: .onlookers)] else { continue }
            if let first = entries.min() {
                changed += window.changed(from: before, for: onlookers.after(first), key, needs).turned
            }
        }
        for observation in items.compactMap({ $0.observations[side] }) { note(observation) }
        return changed
    }

    /// Remembers what looks on.
    private mutating func note(_ observation: Observation) {
        for key in WindowCache.Key.onlooking(observation, engine.windows) {
            var window = windows[key] ?? Window(isComplete: false)
            window.insert(observation.place)
            window.keepLast(engine.windows.kept)
            windows.keep(window, key)
        }
    }

    /// As it was before this page: of a subject that is not remembered far enough any more the history is asked.
    ///
    /// What is read there holds also what this run comes to later, so that the last of it may not reach back to now.
    private mutating func remembered(
        _ key: WindowCache.Key,
        _ entries: [WindowEntry]
    ) throws(MongoError) -> Window {
        let inMemory = windows[key]
        guard windows.hasForgotten, let first = entries.min() else { return inMemory ?? Window(isComplete: false) }
        if let inMemory, inMemory.covers(first, key, engine.windows) { return inMemory }
        // Also what came before this page and was made after what is in it.
        let window = try load(key, through: latest)
        if window.covers(first, key, engine.windows) { return window }
        return try loader.load(key, BatchToJudge(), sources.reader, through: latest, limit: limits.windowReach)
    }

    private func load(_ key: WindowCache.Key, through time: Timestamp) throws(MongoError) -> Window {
        try loader.load(key, BatchToJudge(), sources.reader, through: time)
    }

    private mutating func trim() {
        for (key, one) in counted {
            var window = one.window
            window.keepLast(engine.windows.kept)
            windows.keep(window, key)
        }
        counted.removeAll(keepingCapacity: true)
    }
}

extension BacktestJudge: AnswerSource {
    func known(_: InputKey, _: RuleJudge.Question) -> RuleAnswer? { nil }

    func contexts(ofChannels ids: Set<String>) throws(MongoError) -> [String: BusinessContext] {
        try sources.contexts(ofChannels: ids)
    }

    func facts(_ wanted: Set<FactKey>) -> FactTable? { sources.facts(wanted) }

    /// As far back as it takes.
    mutating func window(
        _ key: WindowCache.Key,
        for input: InputKey,
        of question: RuleJudge.Question
    ) throws(MongoError) -> Window? {
        var one = counted[key] ?? Counted(window: windows[key] ?? Window(isComplete: false), new: [])
        if input.looksFarther(than: warmUp), !one.window.covers(question.place, key, engine.windows) {
            // What stands in memory is kept: the history may not have it, such as what has been erased since.
            var window = try load(key, through: question.place.time)
            for entry in one.window.entries { window.insert(entry) }
            one.window = window
        }
        counted[key] = one
        return one.window
    }

    func removedMessages(of subject: Decision.Subject) throws(MongoError) -> Int? {
        try engine.removedMessages(of: subject, sources.reader)
    }

    func blockedHere(_ subject: Decision.Subject) throws(MongoError) -> Int? {
        try sources.reader.blockedHere(subject, most: limits.blockMembers)
    }
}

extension InputKey {
    /// Something is asked that the events of so long before do not tell.
    fileprivate func looksFarther(than warmUp: Duration) -> Bool {
        guard case .rate(_, let within, _) = self else { return true }
        return within > warmUp
    }
}

/// Items that rates were asked for, the last of them, by what they count as.
private struct RememberedItems {
    private struct Key: Hashable {
        let time: Timestamp
        let tieBreak: UInt64
    }

    private var young: [Key: BacktestItem] = [:]
    private var old: [Key: BacktestItem] = [:]
    private let most: Int

    init(most: Int) { self.most = most }

    mutating func add(_ item: BacktestItem, _ entry: WindowEntry) {
        if young.count >= most / 2 { (old, young) = (young, [:]) }
        young[Key(time: entry.time, tieBreak: entry.tieBreak)] = item
    }

    /// Each once.
    func items(of entries: [WindowEntry]) -> [BacktestItem] {
        Set(entries).compactMap { entry in
            let key = Key(time: entry.time, tieBreak: entry.tieBreak)
            return young[key] ?? old[key]
        }
    }
}
