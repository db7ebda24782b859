import Analytics
import Chat
import MongoDB

/// One document of rollups: its `_id` is made of scope, period, member, type, the objects that it is about and, where nodes
/// share it, the node's part, so that the documents of a scope and of some time lie side by side.
///
/// What a channel's messages are about has them counted too: one document tells of the channel, the listing, the event, the
/// artist and the venue. Objects have documents of their own as well, of messages without a channel, and of what earlier versions counted or
/// ``RollupMending`` found missing; a count is the sum of all.
///
/// Below each measure's field are counts by quarter-hour of the period; one that is missing is 0.
struct RollupDocument {
    static func id(_ key: RollupKey, part: Int) -> String {
        var id = joinedID(key.scope.rawValue, key.period.text, key.id, key.type)
        key.objects.forEach { id += "/" + joinedID($0.rawValue, $1) }
        return key.scope.isShared ? id + "/\(part)" : id
    }

    /// Begins the `_id` of every document of a scope and a period, or of one of its members.
    static func prefix(_ scope: RollupScope, _ period: RollupPeriod, _ id: String? = nil) -> String {
        let prefix = scope.rawValue + "/" + period.text + "/"
        return id.map { prefix + joinedID($0) + "/" } ?? prefix
    }

    /// Those of some periods, the last included: of every member, or of one.
    ///
    /// Of an object also those of channels that are about it.
    static func filter(_ scope: RollupScope, _ periods: [RollupPeriod], _ id: String? = nil) -> BSONDocument {
        guard let first = periods.first, let last = periods.last else { return BSONDocument() }
        guard let id, !scope.hasOneMember else {
            return .either(
                [.between(prefix(scope, first), prefix(scope, last))] + ofChannels(about: scope, in: periods)
            )
        }
        let own = periods.map { period in
            let prefix = prefix(scope, period, id)
            return BSONDocument.between(prefix, prefix)
        }
        return .either(own + ofChannels(about: scope, [id], in: periods))
    }

    /// Whatever the period, of every member.
    static func filter(_ scope: RollupScope) -> BSONDocument {
        .either([.between(scope.rawValue + "/", scope.rawValue + "/")] + ofChannels(about: scope))
    }

    /// None where the scope is not of objects.
    ///
    /// - Parameters:
    ///   - ids: of these objects alone.
    ///   - periods: of these alone.
    private static func ofChannels(
        about scope: RollupScope,
        _ ids: [String]? = nil,
        in periods: [RollupPeriod]? = nil
    ) -> [BSONDocument] {
        guard let field = scope.kind?.field else { return [] }
        var filter = BSONDocument()
        if let periods {
            filter.append("p") {
                $0.append("$in") { (starts: inout BSONArray) in
                    for period in periods { starts.append(period.start.number) }
                }
            }
        }
        if let ids { filter.append(field, in: ids) } else { filter.append(field) { $0.append("$exists", true) } }
        return [filter]
    }

    /// Those of every period that ends by then, of every member.
    static func filter(_ scope: RollupScope, before start: Quarter) -> BSONDocument {
        var filter = BSONDocument()
        filter.append("_id") {
            $0.append("$gte", scope.rawValue + "/")
            $0.append("$lt", prefix(scope, RollupPeriod(of: start, byDay: scope.isByDay)))
        }
        return filter
    }

    /// Those of some members in one period; of a shared scope of every member.
    static func filter(_ scope: RollupScope, _ period: RollupPeriod, ids: [String]) -> BSONDocument {
        if scope.isShared { return filter(scope, [period]) }
        let own = ids.map { id in
            let prefix = prefix(scope, period, id)
            return BSONDocument.between(prefix, prefix)
        }
        return .either(own + ofChannels(about: scope, ids, in: [period]))
    }

    static func new(_ key: RollupKey, _ cells: [RollupCell: Int64], part: Int) -> BSONDocument {
        var document = BSONDocument(capacity: 192)
        document.append("_id", id(key, part: part))
        document.append(contentsOf: key.fields)
        for measure in RollupMeasure.allCases {
            let counts = cells.filter { $0.key.measure == measure && $0.value != 0 }
            guard !counts.isEmpty else { continue }
            document.append(measure.field) {
                for (cell, count) in counts.sorted(by: { $0.key.slot < $1.key.slot }) {
                    $0.append("\(cell.slot)", Int32(clamping: count))
                }
            }
        }
        return document
    }

    /// Only what counting a scope by these measures needs.
    static func projection(_ measures: [RollupMeasure], of scope: RollupScope) -> BSONDocument {
        var projection = BSONDocument()
        for field in ["k", "t", "p"] + measures.map(\.field) + [scope.kind?.field].compactMap(\.self) {
            projection.append(field, Int32(1))
        }
        projection.append("_id", Int32(0))
        return projection
    }
}

extension RollupScope {
    fileprivate var hasOneMember: Bool { self == .all || self == .reactions }
}

extension BSONDocument {
    /// By an `_id` that begins with one of two prefixes, or is between them.
    fileprivate static func between(_ first: String, _ last: String) -> BSONDocument {
        var filter = BSONDocument()
        filter.append("_id") {
            $0.append("$gte", first)
            // Prefixes end with a slash, after which zero comes next.
            $0.append("$lt", String(last.dropLast()) + "0")
        }
        return filter
    }

    fileprivate static func either(_ filters: [BSONDocument]) -> BSONDocument {
        guard filters.count > 1 else { return filters.first ?? BSONDocument() }
        var filter = BSONDocument()
        filter.append("$or") { (either: inout BSONArray) in for filter in filters { either.append(filter) } }
        return filter
    }
}

extension Rollups {
    /// Documents of its own that each member has.
    func memberDocuments(part: Int) -> Set<String> {
        Set(changes.keys.lazy.filter { !$0.scope.isShared }.map { RollupDocument.id($0, part: part) })
    }
}

extension WritePlan {
    /// - Parameter known: tells which documents of members are there; any may be, where it is not given.
    mutating func write(_ rollups: Rollups, part: Int, known: Table<KnownRollup>? = nil) {
        days.noteWriters(in: rollups.writingHours)
        for time in rollups.readTimes { days.note(.reads, at: time) }
        let changes = rollups.changes.map { key, cells in (RollupDocument.id(key, part: part), key, cells) }
        for (id, key, cells) in changes.sorted(by: { $0.0 < $1.0 }) {
            let update = Self.increment(cells)
            guard !update.isEmpty else { continue }
            days.note(key, cells.lazy.filter { $0.value != 0 }.map(\.key))
            guard let known, known[id] != nil else {
                var change = update
                change.append("$setOnInsert", key.fields)
                self.update(MongoUpdate(filter: .id(id), update: change, upsert: true), in: .rollups)
                continue
            }
            if known.before[id] == nil {
                insert(RollupDocument.new(key, cells, part: part), into: .rollups)
            } else {
                // Names nothing that is indexed, which would cost as much again.
                self.update(MongoUpdate(filter: .id(id), update: update), in: .rollups)
            }
        }
    }

    private static func increment(_ cells: [RollupCell: Int64]) -> BSONDocument {
        let changed = cells.filter { $0.value != 0 }
        var change = BSONDocument(capacity: 96 + 24 * changed.count)
        guard !changed.isEmpty else { return change }
        change.append("$inc") {
            for (cell, amount) in changed { $0.append(cell.path, Int32(clamping: amount)) }
        }
        return change
    }
}

extension RollupCell {
    var path: String { "\(measure.field).\(slot)" }
}

extension RollupKey {
    /// What a reader need not take out of the `_id`.
    var fields: BSONDocument {
        var fields = BSONDocument()
        fields.append("k", id)
        fields.append("t", type)
        fields.append("p", period.start.number)
        objects.forEach { fields.append($0.field, $1) }
        return fields
    }
}
