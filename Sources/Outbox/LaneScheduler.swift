package import Limits

/// Whose turn it is at one destination: the first effect of each lane, the longest ready first; a value without a clock.
///
/// A lane waits as a whole while its first effect is under way or put off, so that no effect overtakes another.
///
/// Only so many rows of a lane, and of an action, are held. Where more wait, the lane has a gap: its rows from there on are
/// taken in only by a sweep that reads across it. So what waits for one action, or in one busy lane, never hides the rest.
package struct LaneScheduler<Row: LaneOrdered>: Sendable {
    private struct Lane: Sendable {
        var rows: [Row] = []
        var turn = Turn.none
    }

    /// When a lane's first row may be taken.
    private enum Turn: Sendable, Equatable {
        case none
        case busy
        /// In its action's queue, under this ticket.
        case ready(Int)
        case delayed(Duration)
    }

    /// From an order on, rows of a lane may be unread.
    private struct Gap: Sendable {
        var from: Int64
        /// The action that had no room for the row there; `nil` if the lane had none, or nothing is known of the row.
        var action: String?
        /// The last sweep that met a row it could not take.
        var refusedIn = 0
    }

    /// Of one action.
    private struct Held: Sendable {
        var rows = 0
        var bytes = 0
        /// Lanes with a gap for want of room for this action.
        var gaps = 0
    }

    /// One reading of all rows from an order on, page by page.
    package struct Sweep: Sendable, Equatable {
        let number: Int
        package let start: Int64
        /// Read on from here.
        package fileprivate(set) var position: Int64
    }

    private let limits: Limits.Outbox
    private var lanes: [String: Lane] = [:]
    private var keys: Set<Row.Key> = []
    private var held: [String: Held] = [:]
    /// Lanes whose first row may be taken, by its action; an entry whose ticket is not the lane's is void.
    private var ready: [String: Fifo<(ticket: Int, lane: String)>] = [:]
    private var tickets = (first: 0, last: 0)
    /// Lanes put off, the soonest last; an entry whose time is not the lane's is void.
    private var delayed: [(until: Duration, lane: String)] = []
    private var gaps: [String: Gap] = [:]
    /// Lanes of which nothing is held though there may be something behind their gap, and room for it.
    private var starving: Set<String> = []
    /// The gap of every lane that is not known: nothing was read yet, or too many lanes have gaps.
    private var strangers: Gap? = Gap(from: .min)
    package private(set) var sweep: Sweep?
    private var sweeps = 0

    package init(_ limits: Limits.Outbox) { self.limits = limits }

    /// Rows held, under way ones included.
    package var count: Int { keys.count }

    package func contains(_ key: Row.Key) -> Bool { keys.contains(key) }

    // MARK: Reading

    /// Takes a row in, unless it is known or comes after a gap; one that finds no room makes a gap.
    ///
    /// - Parameters:
    ///   - notBefore: put off until then.
    ///   - isSwept: read by the sweep that is under way, not by a look at what is new.
    package mutating func add(_ row: Row, notBefore: Duration? = nil, isSwept: Bool = false) {
        guard !keys.contains(row.key) else { return }
        let gap = gaps[row.lane] ?? (lanes[row.lane] == nil ? strangers : nil)
        let isBehind = gap.map { row.order >= $0.from } ?? false
        if let gap, isBehind {
            guard isSwept, let sweep, gap.from >= sweep.start, gap.refusedIn != sweep.number else { return }
        }
        let canKeepGap = gaps[row.lane] != nil || gaps.count < limits.gapsKnown
        guard hasRoom(for: row), canKeepGap || !isBehind else { return refuse(row, gap, isSwept) }
        // Only the end of the sweep tells that nothing comes after it.
        if let gap, isBehind { setGap(Gap(from: row.order + 1, refusedIn: gap.refusedIn), of: row.lane) }
        insert(row, notBefore)
    }

    /// Takes a row in that comes before one that is known, whether or not there is room: without it the lane cannot go on.
    package mutating func addEarlier(_ row: Row, notBefore: Duration? = nil) {
        if !keys.contains(row.key) { insert(row, notBefore) }
    }

    /// - Parameter start: reads everything from this order on.
    package mutating func beginSweep(from start: Int64) {
        sweeps += 1
        sweep = Sweep(number: sweeps, start: start, position: start)
    }

    /// A full page was read, up to this order.
    package mutating func advanceSweep(to order: Int64) {
        guard let position = sweep?.position else { return }
        // Others may have the same order; but a page full of them must not be read for ever.
        sweep?.position = order > position ? order : position + 1
    }

    /// The sweep came to the end: gaps behind which nothing was refused are none.
    package mutating func endSweep() {
        guard let sweep else { return }
        self.sweep = nil
        func isClosed(_ gap: Gap) -> Bool { gap.from >= sweep.start && gap.refusedIn != sweep.number }
        for lane in gaps.filter({ isClosed($0.value) }).keys { setGap(nil, of: lane) }
        if let gap = strangers, isClosed(gap) { strangers = nil }
    }

    /// The sweep is not gone on with; gaps stay.
    package mutating func abandonSweep() { sweep = nil }

    /// Whether there is room, and perhaps something unread to fill it with.
    package var isHungry: Bool {
        if let strangers, strangers.from == .min || gaps.count < limits.gapsKnown / 2 { return true }
        return held.values.contains { $0.gaps > 0 && isLow($0) }
    }

    /// Whether lanes have nothing to do though something unread may wait in them.
    package var isStarving: Bool { !starving.isEmpty }

    /// Where a sweep begins that would find what there is room for.
    package var hungryFrom: Int64? {
        var from = isHungry ? strangers?.from : nil
        for (lane, gap) in gaps where gap.action.flatMap({ held[$0] }).map(isLow) ?? starving.contains(lane) {
            from = min(from ?? gap.from, gap.from)
        }
        return from
    }

    // MARK: Taking

    /// Lanes that were put off until now may go on.
    package mutating func wake(at uptime: Duration) {
        while let next = delayed.last, next.until <= uptime {
            delayed.removeLast()
            if lanes[next.lane]?.turn == .delayed(next.until) { list(next.lane) }
        }
    }

    /// The action of the lane that has been ready for longest.
    package mutating func nextAction(except resting: Set<String>) -> String? {
        var longest: (ticket: Int, action: String)?
        for action in ready.keys where !resting.contains(action) {
            guard let ticket = firstTicket(of: action) else { continue }
            if longest.map({ ticket < $0.ticket }) ?? true { longest = (ticket, action) }
        }
        return longest?.action
    }

    /// Takes the first rows of up to so many lanes, all of one action.
    package mutating func take(_ most: Int, of action: String) -> [Row] {
        var rows: [Row] = []
        while rows.count < most, firstTicket(of: action) != nil, let entry = ready[action]?.popFirst() {
            guard let row = lanes[entry.lane]?.rows.first else { continue }
            lanes[entry.lane]?.turn = .busy
            rows.append(row)
        }
        return rows
    }

    /// What was taken in vain is first again.
    package mutating func putBack(_ rows: [Row]) {
        for row in rows.reversed() where lanes[row.lane]?.turn == .busy {
            tickets.first -= 1
            lanes[row.lane]?.turn = .ready(tickets.first)
            ready[row.action, default: Fifo()].pushFirst((tickets.first, row.lane))
        }
    }

    /// When the next lane that was put off may go on.
    package var nextDue: Duration? { delayed.last?.until }

    package func hasReady(_ action: String) -> Bool { ready[action].map { !$0.isEmpty } ?? false }

    package func hasReady(except resting: Set<String>) -> Bool {
        ready.contains { !resting.contains($0.key) && !$0.value.isEmpty }
    }

    // MARK: What became of it

    /// The row is not to be seen again: its lane goes on with the next.
    package mutating func remove(_ row: Row) {
        guard keys.contains(row.key), var lane = lanes[row.lane] else { return }
        let isFirst = lane.rows.first?.key == row.key
        lane.rows.removeAll { $0.key == row.key }
        if isFirst { lane.turn = .none }
        lanes[row.lane] = lane.rows.isEmpty ? nil : lane
        release(row)
        if isFirst { list(row.lane) }
    }

    /// The row stays first of its lane, which waits.
    package mutating func putOff(_ row: Row, until: Duration) {
        guard let index = lanes[row.lane]?.rows.firstIndex(where: { $0.key == row.key }) else { return }
        lanes[row.lane]?.rows[index] = row
        delay(row.lane, until: until)
    }

    /// Forgets what is not under way and does not belong here any more; everything is to be read again.
    package mutating func forget(where isStrange: (Row) -> Bool) {
        for (name, lane) in lanes {
            let busy = lane.turn == .busy ? lane.rows.first?.key : nil
            let gone = lane.rows.filter { $0.key != busy && isStrange($0) }
            guard !gone.isEmpty else { continue }
            let kept = lane.rows.filter { row in !gone.contains { $0.key == row.key } }
            lanes[name]?.rows = kept
            if kept.isEmpty { lanes[name] = nil }
            for row in gone { release(row) }
        }
        for action in ready.keys { ready[action]?.removeAll { lanes[$0.lane]?.turn != .ready($0.ticket) } }
        delayed.removeAll { lanes[$0.lane]?.turn != .delayed($0.until) }
        strangers = Gap(from: .min)
        sweep = nil
    }
}

// MARK: Lanes

extension LaneScheduler {
    private mutating func insert(_ row: Row, _ notBefore: Duration?) {
        keys.insert(row.key)
        held[row.action, default: Held()].rows += 1
        held[row.action, default: Held()].bytes += row.bytes
        starving.remove(row.lane)
        var lane = lanes[row.lane] ?? Lane()
        // Rows come in order but for what was committed late.
        let place = lane.rows.lastIndex { $0.order <= row.order }.map { $0 + 1 } ?? 0
        let index = lane.turn == .busy ? max(place, 1) : place
        lane.rows.insert(row, at: index)
        lanes[row.lane] = lane
        guard index == 0 else { return }
        if let notBefore { return delay(row.lane, until: notBefore) }
        if case .delayed = lane.turn { return }
        list(row.lane)
    }

    private mutating func list(_ name: String) {
        guard let action = lanes[name]?.rows.first?.action else { return }
        tickets.last += 1
        lanes[name]?.turn = .ready(tickets.last)
        ready[action, default: Fifo()].append((tickets.last, name))
    }

    private mutating func delay(_ name: String, until: Duration) {
        lanes[name]?.turn = .delayed(until)
        var (low, high) = (0, delayed.count)
        while low < high {
            let middle = (low + high) / 2
            if delayed[middle].until > until { low = middle + 1 } else { high = middle }
        }
        delayed.insert((until, name), at: low)
    }

    /// Of the first entry that holds; those before it are dropped.
    private mutating func firstTicket(of action: String) -> Int? {
        while let entry = ready[action]?.first {
            if lanes[entry.lane]?.turn == .ready(entry.ticket) { return entry.ticket }
            _ = ready[action]?.popFirst()
        }
        return nil
    }

    private mutating func release(_ row: Row) {
        keys.remove(row.key)
        held[row.action]?.rows -= 1
        held[row.action]?.bytes -= row.bytes
        noteHunger(of: row.lane)
    }
}

// MARK: Gaps

extension LaneScheduler {
    private func hasRoom(for row: Row) -> Bool {
        guard hasRoom(inLane: row.lane) else { return false }
        // The first of each action always has room.
        guard let held = held[row.action], held.rows > 0 else { return true }
        return held.rows < limits.rowsPerAction && held.bytes + row.bytes <= limits.bytesPerAction
    }

    private func hasRoom(inLane lane: String) -> Bool { (lanes[lane]?.rows.count ?? 0) < limits.rowsPerLane }

    private func isLow(_ held: Held) -> Bool {
        held.rows <= limits.rowsPerAction / 2 && held.bytes <= limits.bytesPerAction / 2
    }

    private mutating func refuse(_ row: Row, _ known: Gap?, _ isSwept: Bool) {
        var gap = Gap(from: row.order, action: hasRoom(inLane: row.lane) ? row.action : nil)
        gap.refusedIn = known?.refusedIn ?? 0
        // What the sweep has met, or has passed already, it does not meet again.
        if let sweep, isSwept || row.order < sweep.position { gap.refusedIn = sweep.number }
        if lanes[row.lane] == nil, gaps[row.lane] == nil, gaps.count >= limits.gapsKnown {
            if !isSwept, let strangers { gap.from = min(gap.from, strangers.from) }
            strangers = gap
        } else {
            setGap(gap, of: row.lane)
        }
    }

    private mutating func setGap(_ gap: Gap?, of lane: String) {
        if let action = gaps[lane]?.action { held[action]?.gaps -= 1 }
        gaps[lane] = gap
        if let action = gap?.action { held[action, default: Held()].gaps += 1 }
        noteHunger(of: lane)
    }

    private mutating func noteHunger(of lane: String) {
        if let gap = gaps[lane], gap.action == nil, lanes[lane] == nil {
            starving.insert(lane)
        } else {
            starving.remove(lane)
        }
    }
}

/// What a lane keeps in order.
package protocol LaneOrdered: Sendable {
    associatedtype Key: Hashable & Sendable
    var key: Key { get }
    var lane: String { get }
    var action: String { get }
    /// Of writing, across lanes and nodes.
    var order: Int64 { get }
    /// What it takes in memory, about.
    var bytes: Int { get }
}
