/// Whose turn it is at one destination: the first effect of each lane, in the order of writing; a value without a clock.
///
/// A lane waits as a whole while its first effect is under way or put off, so that no effect overtakes another.
package struct LaneScheduler<Row: LaneOrdered>: Sendable {
    private struct Lane {
        var rows: [Row] = []
        var isBusy = false
        /// Put off until then; in ``delayed`` or, once that has passed, in ``ready``.
        var isListed = false
    }

    private var lanes: [String: Lane] = [:]
    private var keys: Set<Row.Key> = []
    /// Lanes whose first row may be taken, longest waiting first; `head` are gone.
    private var ready: [String] = []
    private var head = 0
    /// Lanes put off, the soonest last.
    private var delayed: [(until: Duration, lane: String)] = []

    package init() {}

    /// Rows known, under way ones included.
    package var count: Int { keys.count }

    package func contains(_ key: Row.Key) -> Bool { keys.contains(key) }

    /// When the next lane that was put off may go on.
    package var nextDue: Duration? { delayed.last?.until }

    /// Makes a row known; one that is known already changes nothing.
    package mutating func add(_ row: Row, notBefore: Duration? = nil) {
        guard keys.insert(row.key).inserted else { return }
        var lane = lanes[row.lane] ?? Lane()
        // Rows come in order but for what was committed late.
        let place = lane.rows.lastIndex { $0.order <= row.order }.map { $0 + 1 } ?? 0
        lane.rows.insert(row, at: lane.isBusy ? max(place, 1) : place)
        lanes[row.lane] = lane
        guard !lane.isBusy, !lane.isListed else { return }
        if let notBefore { delay(row.lane, until: notBefore) } else { list(row.lane) }
    }

    /// Takes first rows of lanes, several of one action together where `batchSize` allows it.
    ///
    /// - Parameter calls: the most groups.
    package mutating func take(calls: Int, at uptime: Duration, batchSize: (Row) -> Int) -> [[Row]] {
        while let next = delayed.last, next.until <= uptime {
            delayed.removeLast()
            lanes[next.lane]?.isListed = false
            list(next.lane)
        }
        var groups: [[Row]] = []
        var open: [String: Int] = [:]
        var passed: [String] = []
        while head < ready.count {
            let name = ready[head]
            guard var lane = lanes[name], let row = lane.rows.first else {
                head += 1
                continue
            }
            let size = batchSize(row)
            if size > 1, let group = open[row.action], groups[group].count < size {
                groups[group].append(row)
            } else if groups.count < calls {
                if size > 1 { open[row.action] = groups.count }
                groups.append([row])
            } else if open.isEmpty {
                break
            } else {
                // Something behind may still join a group.
                head += 1
                passed.append(name)
                if passed.count >= Self.lookAhead { break }
                continue
            }
            head += 1
            (lane.isBusy, lane.isListed) = (true, false)
            lanes[name] = lane
        }
        ready.removeFirst(head)
        head = 0
        ready.insert(contentsOf: passed, at: 0)
        return groups
    }

    /// The row is not to be seen again: its lane goes on with the next.
    package mutating func remove(_ row: Row) {
        guard keys.remove(row.key) != nil, var lane = lanes[row.lane] else { return }
        if lane.rows.first?.key == row.key { lane.isBusy = false }
        lane.rows.removeAll { $0.key == row.key }
        lanes[row.lane] = lane.rows.isEmpty ? nil : lane
        if !lane.rows.isEmpty, !lane.isBusy { list(row.lane) }
    }

    /// The row stays first of its lane, which waits.
    package mutating func putOff(_ row: Row, until: Duration) {
        guard keys.contains(row.key), var lane = lanes[row.lane] else { return }
        lane.isBusy = false
        if let index = lane.rows.firstIndex(where: { $0.key == row.key }) { lane.rows[index] = row }
        lanes[row.lane] = lane
        if !lane.isListed { delay(row.lane, until: until) }
    }

    /// Forgets what is not under way and does not belong here any more.
    package mutating func forget(where isStrange: (Row) -> Bool) {
        for (name, lane) in lanes {
            let busy = lane.isBusy ? lane.rows.first?.key : nil
            let kept = lane.rows.filter { $0.key == busy || !isStrange($0) }
            guard kept.count < lane.rows.count else { continue }
            for row in lane.rows where !kept.contains(where: { $0.key == row.key }) { keys.remove(row.key) }
            var lane = lane
            lane.rows = kept
            lanes[name] = kept.isEmpty ? nil : lane
        }
        ready.removeAll { lanes[$0] == nil }
        delayed.removeAll { lanes[$0.lane] == nil }
    }

    private mutating func list(_ name: String) {
        guard let lane = lanes[name], !lane.isListed else { return }
        lanes[name]?.isListed = true
        ready.append(name)
    }

    private mutating func delay(_ name: String, until: Duration) {
        lanes[name]?.isListed = true
        var (low, high) = (0, delayed.count)
        while low < high {
            let middle = (low + high) / 2
            if delayed[middle].until > until { low = middle + 1 } else { high = middle }
        }
        delayed.insert((until, name), at: low)
    }

    /// Lanes looked at for one more that joins a group.
    private static var lookAhead: Int { 512 }
}

/// What a lane keeps in order.
package protocol LaneOrdered: Sendable {
    associatedtype Key: Hashable & Sendable
    var key: Key { get }
    var lane: String { get }
    var action: String { get }
    /// Of writing, across lanes and nodes.
    var order: Int64 { get }
}
