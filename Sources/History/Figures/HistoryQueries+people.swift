package import Analytics
package import Chat
import Limits
package import MongoDB

/// What is asked about people.
package enum PeopleMeasure: Sendable, Equatable {
    /// Users who wrote.
    case active
    /// Users who wrote for the first time ever.
    case new
    /// Users who wrote and had written before the part began.
    case returning
    /// Messages a user who wrote.
    case messagesEach
}

extension HistoryQueries {
    /// From the numbers that are kept, where the zone's are and the range is made of whole days, weeks or months; of a range as a
    /// whole from what is remembered; otherwise from everyone's activity.
    package func people(
        _ measure: PeopleMeasure,
        _ range: FigureRange,
        now: Timestamp
    ) throws(MongoError) -> Figures {
        var counts: PeopleCounts
        if let kept = try keptPeople(range, now: now) {
            counts = kept
        } else if let people = try activePeople(range, now: now) {
            counts = PeopleCounts(people)
        } else {
            counts = try countPeople(range)
        }
        if measure == .messagesEach, counts.messages.isEmpty {
            let sent = try volume(VolumeQuestion(.messages, in: range))
            counts.messages = sent.rows.map { if case .count(let count) = $0.value { count } else { 0 } }
        }
        let rows = range.parts.indices.map { part in
            FigureRow(range.parts[part], counts.value(measure, part))
        }
        return Figures(rows, total: nil)
    }

    /// Users with most messages first.
    package func messagesByUser(_ range: FigureRange, now: Timestamp) throws(MongoError) -> Figures {
        if let people = try activePeople(range, now: now) { return people.figures(range) }
        var found: [(user: String, sum: Int64, parts: [(Int, Int64)])] = []
        try forEachPerson { person in
            var parts: [(Int, Int64)] = []
            for (quarter, count) in person.activity(in: range.quarters) {
                guard let part = range.part(of: quarter) else { continue }
                if parts.last?.0 == part { parts[parts.count - 1].1 += count } else { parts.append((part, count)) }
            }
            if !parts.isEmpty { found.append((person.id, parts.reduce(0) { $0 + $1.1 }, parts)) }
        }
        let sorted = found.sorted { ($1.sum, $0.user) < ($0.sum, $1.user) }
        let rows = sorted.flatMap { user in
            user.parts.map { FigureRow(range.parts[$0.0], group: user.user, .count($0.1)) }
        }
        return Figures(rows, total: found.reduce(0) { $0 + $1.sum })
    }

    /// Users by the part in which they first wrote, and how many of them wrote in it and in each that follows.
    package func cohorts(_ range: FigureRange) throws(MongoError) -> Figures {
        var table = range.parts.indices.map { [Int64](repeating: 0, count: range.parts.count - $0) }
        try forEachPerson { person in
            guard let cohort = person.first.flatMap({ range.part(of: $0) }) else { return }
            var last = -1
            for (quarter, _) in person.activity(in: range.quarters) {
                guard let part = range.part(of: quarter), part != last else { continue }
                last = part
                table[cohort][part - cohort] += 1
            }
        }
        let rows = range.parts.indices.map { part in
            FigureRow(range.parts[part], .matrix(size: table[part].first ?? 0, table[part]))
        }
        return Figures(rows, total: nil)
    }

    /// Of the users made in each part at the provider, the share that wrote within so many days of it.
    package func adoption(_ range: FigureRange, days: Int) throws(MongoError) -> Figures {
        var made: [String: Timestamp] = [:]
        var filter = BSONDocument()
        filter.append("createdAt") {
            $0.append("$gte", date: range.quarters.lowerBound.start.milliseconds)
            $0.append("$lt", date: range.quarters.upperBound.start.milliseconds)
        }
        let users = try documents(.users, filter, projection: .only("_id", "createdAt"), limit: limits.peopleMost + 1)
        guard users.count <= limits.peopleMost else { throw Self.tooManyPeople }
        for user in users {
            if let id = user.string("_id"), let time = user.time("createdAt") { made[id] = time }
        }
        let wanted = made.count <= limits.peopleAtOnce ? Array(made.keys) : nil
        var (all, adopted) = (
            [Int64](repeating: 0, count: range.parts.count), [Int64](repeating: 0, count: range.parts.count)
        )
        for time in made.values { if let part = range.part(of: Quarter(time)) { all[part] += 1 } }
        try forEachPerson(of: wanted) { person in
            guard let time = made[person.id], let part = range.part(of: Quarter(time)) else { return }
            let last = Quarter(Timestamp(milliseconds: time.milliseconds + Int64(days) * 86_400_000))
            if person.wrote(in: Quarter(time)..<Quarter(last.number + 1)) { adopted[part] += 1 }
        }
        let rows = range.parts.indices.map { part in
            FigureRow(range.parts[part], .ratio(all[part] == 0 ? nil : Double(adopted[part]) / Double(all[part])))
        }
        return Figures(rows, total: nil)
    }

    // MARK: Counting

    private struct PeopleCounts {
        var active: [Int64]
        var new: [Int64]
        /// Empty where they were not counted.
        var messages: [Int64] = []

        init(_ people: PeopleSums) {
            (active, new, messages) = ([people.active], [people.new], [people.messages.reduce(0, +)])
        }

        init(parts: Int) { (active, new) = ([Int64](repeating: 0, count: parts), [Int64](repeating: 0, count: parts)) }

        func value(_ measure: PeopleMeasure, _ part: Int) -> FigureValue {
            switch measure {
            case .active: .count(active[part])
            case .new: .count(new[part])
            case .returning: .count(active[part] - new[part])
            case .messagesEach: .ratio(active[part] == 0 ? nil : Double(messages[part]) / Double(active[part]))
            }
        }
    }

    /// What of the first and the last part is no whole period is counted.
    private func keptPeople(_ range: FigureRange, now: Timestamp) throws(MongoError) -> PeopleCounts? {
        guard let interval = range.interval.calendar, let firsts = range.wholePeriods,
            try figureState().zones.contains(range.zone.identifier)
        else { return nil }
        var counts = PeopleCounts(parts: firsts.count)
        for part in firsts.indices where firsts[part] == nil {
            guard let only = range.only(part), let people = try activePeople(only, now: now) else { return nil }
            (counts.active[part], counts.new[part]) = (people.active, people.new)
        }
        let whole = firsts.compactMap(\.self)
        guard let first = whole.first, let last = whole.last else { return counts }
        let parts = Dictionary(
            uniqueKeysWithValues: firsts.enumerated().compactMap { part, day in day.map { ($0, part) } }
        )
        let days = Quarter(day: first)..<Quarter(day: last + 1)
        for measure in [RollupMeasure.active, .new] {
            let selection = RollupSelection(
                measure,
                of: .people,
                id: range.zone.identifier,
                type: interval.rawValue,
                in: days
            )
            try forEachCount(selection) { document in
                for (quarter, count) in document.counts {
                    guard let part = parts[quarter.day] else { continue }
                    if measure == .active { counts.active[part] += count } else { counts.new[part] += count }
                }
            }
        }
        return counts
    }

    private func countPeople(_ range: FigureRange) throws(MongoError) -> PeopleCounts {
        var counts = PeopleCounts(parts: range.parts.count)
        counts.messages = [Int64](repeating: 0, count: range.parts.count)
        try forEachPerson { person in
            if let part = person.first.flatMap({ range.part(of: $0) }) { counts.new[part] += 1 }
            var last = -1
            for (quarter, count) in person.activity(in: range.quarters) {
                guard let part = range.part(of: quarter) else { continue }
                counts.messages[part] += count
                if part != last { counts.active[part] += 1 }
                last = part
            }
        }
        return counts
    }

    /// Everyone who ever wrote, in no order.
    ///
    /// - Throws: a refusal where they are more than can be looked at while somebody waits.
    package func forEachPerson(_ body: (PersonRecord) throws(MongoError) -> Void) throws(MongoError) {
        try forEachPerson(matching: BSONDocument(), body)
    }

    /// Of these users, those who ever wrote, in no order; without ids everyone.
    func forEachPerson(
        of ids: [String]?,
        _ body: (PersonRecord) throws(MongoError) -> Void
    ) throws(MongoError) {
        guard let ids else { return try forEachPerson(body) }
        for start in stride(from: 0, to: ids.count, by: Self.channelsAtOnce) {
            var filter = BSONDocument()
            filter.append("_id", in: Array(ids[start..<min(start + Self.channelsAtOnce, ids.count)]))
            try forEachPerson(matching: filter, body)
        }
    }

    private func forEachPerson(
        matching filter: BSONDocument,
        _ body: (PersonRecord) throws(MongoError) -> Void
    ) throws(MongoError) {
        var (seen, person) = (0, PersonRecord(id: ""))
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Collection.people.rawValue,
                filter,
                in: store.database,
                options: .init(batchSize: Self.rollupBatch, maxTimeMS: limits.milliseconds)
            ) { (document: BSONDocument) throws(MongoError) in
                seen += 1
                guard seen <= limits.peopleMost else { throw Self.tooManyPeople }
                if person.become(document) { try body(person) }
                return true
            }
        }
    }

    private static var tooManyPeople: MongoError {
        .refusal(
            "count people: they are too many to be looked at one by one. Ask for whole days, weeks or months of a zone of ANALYTICS_TIME_ZONES."
        )
    }
}

extension PeopleSums {
    /// Users with most messages first.
    fileprivate func figures(_ range: FigureRange) -> Figures {
        let names = names.all
        let sorted = messages.indices.filter { messages[$0] != 0 }.sorted {
            messages[$0] == messages[$1] ? names[$0] < names[$1] : messages[$0] > messages[$1]
        }
        let rows = sorted.map { FigureRow(range.quarters, group: names[$0], .count(messages[$0])) }
        return Figures(rows, total: messages.reduce(0, +))
    }
}
