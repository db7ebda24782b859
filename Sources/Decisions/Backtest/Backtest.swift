import Blocking
package import Chat
package import Facts
package import History
import JSON
package import Limits
import MongoDB
package import Rules

/// Replays stored events through rules, without effects: what they would have come to.
///
/// One thread reads, others look at events, and decisions are made in the order of receipt.
package struct Backtest: Sendable {
    /// What is asked for.
    package struct Order: Sendable {
        package var from: Timestamp
        /// Not from then on.
        package var until: Timestamp
        package var tried: RuleEngine
        /// Another rule set that it is held against.
        package var compared: RuleEngine?
        /// Examples of each kind.
        package var examples: Int

        package init(
            from: Timestamp,
            until: Timestamp,
            trying tried: RuleEngine,
            against compared: RuleEngine? = nil,
            examples: Int = 10
        ) {
            (self.from, self.until, self.tried) = (from, until, tried)
            (self.compared, self.examples) = (compared, examples)
        }

        var engines: [RuleEngine] { [tried] + [compared].compactMap(\.self) }

        var types: [EventType] {
            engines.reduce(into: Set<EventType>([RuleEvent.messageNew])) { $0.formUnion($1.eventTypes) }
                .filter { $0 != RuleEvent.channelSilent }.sorted { $0.rawValue < $1.rawValue }
        }
    }

    private let store: HistoryStore
    private let facts: FactStore?
    private let provider: StreamProvider
    private let limits: Limits.Rules
    private let observers: Int

    /// - Parameters:
    ///   - facts: those of today; `nil` leaves every condition on facts unknown.
    ///   - observers: threads that look at events.
    package init(
        _ store: HistoryStore,
        facts: FactStore?,
        provider: StreamProvider,
        limits: Limits.Rules,
        observers: Int
    ) {
        (self.store, self.facts, self.provider) = (store, facts, provider.withoutUserIDs)
        (self.limits, self.observers) = (limits, max(1, observers))
    }

    /// - Parameter progress: told the share of the log's time that is read, and how many events were judged.
    /// - Throws: `MongoError`.
    package func run(
        _ order: Order,
        progress: @escaping @Sendable (Double, Int) -> Void = { _, _ in }
    ) async throws -> BacktestReport {
        let reading = BlockingPool(label: "backtest.read", threads: 1)
        let observing = BlockingPool(label: "backtest.look", threads: observers)
        let deciding = BlockingPool(label: "backtest.judge", threads: 1)
        let start = Timestamp(milliseconds: order.from.milliseconds - limits.backtestWarmUpSeconds * 1_000)
        let (store, limits) = (store, limits)
        let scan = try await reading.run { () throws(MongoError) in
            Locked(try LogScan(store, types: order.types, from: start, until: order.until))
        }
        let state = try await deciding.run { [self] () throws(MongoError) in
            Locked(try BacktestState(order, store, facts, provider, countedFrom: start, limits))
        }
        try await withThrowingTaskGroup(of: Step.self) { group in
            var (read, decided, isReading, isAtEnd) = (0, 0, false, false)
            var looked: [Int: LookedAt] = [:]
            func readOn() {
                guard !isReading, !isAtEnd, read - decided < limits.backtestPages else { return }
                isReading = true
                group.addTask {
                    let page = try await reading.run { () throws(MongoError) in
                        try scan.withLock { (scan) throws(MongoError) in try scan.next(limit: limits.backtestPage) }
                    }
                    return .read(page)
                }
            }
            readOn()
            while let step = try await group.next() {
                switch step {
                case .read(let page):
                    isReading = false
                    isAtEnd = page.isEmpty
                    guard !isAtEnd else { break }
                    let number = read
                    read += 1
                    group.addTask { [self] in
                        .looked(number, await observing.run { look(at: page, for: order) })
                    }
                case .looked(let number, let page): looked[number] = page
                }
                readOn()
                while let page = looked.removeValue(forKey: decided) {
                    try await deciding.run { () throws(MongoError) in
                        try state.withLock { (state) throws(MongoError) in try state.decide(page) }
                    }
                    decided += 1
                    readOn()
                    progress(scan.withLock { $0.share }, state.withLock { $0.events })
                }
            }
        }
        return state.withLock { $0.finished() }
    }

    private enum Step {
        case read([LoggedEvent])
        case looked(Int, LookedAt)
    }

    /// Pure: what a page's events say to each rule set.
    private func look(at page: [LoggedEvent], for order: Order) -> LookedAt {
        let (parser, examiners) = (JSONParser(), order.engines.map(Examiner.init))
        var looked = LookedAt()
        looked.items.reserveCapacity(page.count)
        for event in page {
            guard let bytes = event.body else {
                looked.gone += 1
                continue
            }
            guard
                let (decoded, body) = try? provider.decoded(
                    bytes,
                    id: event.id,
                    receivedAt: event.receivedAt,
                    parser: parser
                )
            else {
                looked.unreadable += 1
                continue
            }
            let observations = examiners.map { $0.observe(decoded, body) }
            looked.items.append(
                BacktestItem(decoded, observations, textCharacters: limits.backtestTextCharacters)
            )
        }
        return looked
    }
}

/// A page of the log, looked at.
struct LookedAt: Sendable {
    var items: [BacktestItem] = []
    var gone = 0
    var unreadable = 0
}

/// Where a backtest stands.
struct BacktestState {
    private let order: Backtest.Order
    private let countedFrom: Timestamp
    private let limits: Limits.Rules
    private var judges: [BacktestJudge]
    private var tally: BacktestTally

    /// Blocking.
    init(
        _ order: Backtest.Order,
        _ store: HistoryStore,
        _ facts: FactStore?,
        _ provider: StreamProvider,
        countedFrom: Timestamp,
        _ limits: Limits.Rules
    ) throws(MongoError) {
        (self.order, self.countedFrom, self.limits) = (order, countedFrom, limits)
        let sources = BacktestSources(HistoryReader(store), facts: facts, most: limits.backtestChannels)
        let engines = order.engines
        judges = engines.enumerated().map { side, engine in
            BacktestJudge(engine, side: side, provider: provider, sources: sources, limits: limits)
        }
        let moderation = try Moderation(
            ModerationScan(store, ownUserID: order.tried.ownUserID),
            from: order.from,
            until: order.until,
            reach: limits.backtestBanReachSeconds,
            most: limits.backtestMessages
        )
        let report = BacktestReport(
            from: order.from,
            until: order.until,
            countedFrom: countedFrom,
            asksFacts: facts != nil,
            tried: BacktestReport.Side(version: "", rules: [])
        )
        tally = BacktestTally(
            report,
            rules: engines.map(\.ruleSet),
            moderation,
            examples: order.examples,
            limits: limits
        )
    }

    /// Events judged so far.
    var events: Int { tally.report.events }

    /// The next page, in the order of receipt.
    ///
    /// Blocking.
    mutating func decide(_ page: LookedAt) throws(MongoError) {
        tally.note(gone: page.gone, unreadable: page.unreadable)
        let counted = page.items.filter { countedFrom <= $0.subject.time && $0.subject.time < order.until }
        var judged: [BacktestItem] = []
        for item in counted where order.from <= item.subject.time {
            if tally.begin(item) { judged.append(item) }
        }
        var (changed, isChanged): ([BacktestItem], Set<ObjectIdentifier>) = ([], [])
        for side in judges.indices {
            let decided = try judges[side].judge(counting: counted, judging: judged)
            for (item, outcome) in decided where item.outcomes[side] != outcome {
                if isChanged.insert(ObjectIdentifier(item)).inserted {
                    changed.append(item)
                    tally.add(item, sign: -1)
                }
                item.outcomes[side] = outcome
            }
        }
        for item in changed { tally.add(item, sign: 1) }
        let new = Set(judged.map(ObjectIdentifier.init))
        tally.noteAgain(changed.count { !new.contains(ObjectIdentifier($0)) })
    }

    func finished() -> BacktestReport { tally.finished() }
}
