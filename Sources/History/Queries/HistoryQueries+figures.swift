import Analytics
package import Chat
import Limits
package import MongoDB

/// What was sent in a range of time; deleted and erased messages count.
package struct MessageFigures: Sendable, Equatable {
    package var total: Int64 = 0
    /// Erased users count under their pseudonyms.
    package var uniqueUsers: Int64 = 0
    /// The business type, else the provider's, else "unknown"; most frequent first.
    package var byType: [Count<String>] = []
    /// Messages of each hour of the day, 0–23, busiest first; hours without messages are left out.
    package var byHour: [Count<Int>] = []

    package struct Count<Key: Sendable & Equatable>: Sendable, Equatable {
        package var key: Key
        package var count: Int64
        package init(_ key: Key, _ count: Int64) { (self.key, self.count) = (key, count) }
    }

    package init() {}
}

extension HistoryQueries {
    /// From what is kept by quarter-hour, where the range is made of them and everything is counted; otherwise from the
    /// messages.
    ///
    /// - Parameters:
    ///   - from: the first instant that counts, in whole milliseconds.
    ///   - to: the first that no longer does.
    ///   - zone: for the hours of the day.
    package func figures(
        from: Timestamp,
        to: Timestamp,
        in zone: Zone,
        listing: String?
    ) throws(MongoError) -> MessageFigures {
        let quarters = Quarter(from)..<Quarter(to)
        func counted() throws(MongoError) -> MessageFigures {
            try countedFigures(from: from, to: to, timeZone: zone.identifier, listing: listing)
        }
        guard quarters.lowerBound.start == from, quarters.upperBound.start == to, try figureState().isComplete else {
            return try counted()
        }
        let scope: RollupScope = listing == nil ? .all : .listing
        var figures = try keptFigures(RollupSelection(.messages, of: scope, id: listing, in: quarters), zone)
        guard try retention(of: scope.level, in: quarters) == nil else { return try counted() }
        if listing != nil {
            // Users of one listing are not kept; its messages are few.
            figures.uniqueUsers = try counted().uniqueUsers
        } else {
            try forEachPerson { if $0.wrote(in: quarters) { figures.uniqueUsers += 1 } }
        }
        return figures
    }

    private func keptFigures(_ selection: RollupSelection, _ zone: Zone) throws(MongoError) -> MessageFigures {
        var (types, sums): ([String: Int64], [Quarter: Int64]) = ([:], [:])
        try forEachCount(selection) { document in
            for (quarter, count) in document.counts {
                types[document.type, default: 0] += count
                sums[quarter, default: 0] += count
            }
        }
        var (clock, hours) = (ZoneClock(zone), [Int: Int64]())
        for (quarter, count) in sums.sorted(by: { $0.key < $1.key }) {
            hours[Int(clock.read(quarter).minute / 60), default: 0] += count
        }
        var figures = MessageFigures()
        figures.byType = types.filter { $0.value != 0 }.map { MessageFigures.Count($0.key, $0.value) }
        figures.byHour = hours.filter { $0.value != 0 }.map { MessageFigures.Count($0.key, $0.value) }
        figures.sort()
        return figures
    }

    /// One aggregation over the index by time, or by listing and time.
    private func countedFigures(
        from: Timestamp,
        to: Timestamp,
        timeZone: String,
        listing: String?
    ) throws(MongoError) -> MessageFigures {
        let pipeline = [
            Self.stage("$match") { match in
                match.append("listing_id", ifPresent: listing)
                match.append("createdAt") {
                    $0.append("$gte", date: from.milliseconds)
                    $0.append("$lt", date: to.milliseconds)
                }
            },
            Self.stage("$project") { project in
                project.append("_id", Int32(0))
                project.append("sender", "$sender_id")
                project.append("type", value: RollupSource.messageType)
                project.append("hour") {
                    $0.append("$hour") {
                        $0.append("date", "$createdAt")
                        $0.append("timezone", timeZone)
                    }
                }
            },
            Self.stage("$facet") { facet in
                facet.append("types") { (stages: inout BSONArray) in stages.append(Self.counting("$type")) }
                facet.append("hours") { (stages: inout BSONArray) in stages.append(Self.counting("$hour")) }
                facet.append("users") { (stages: inout BSONArray) in
                    stages.append(Self.counting("$sender"))
                    stages.append(Self.stage("$match") { $0.append("_id") { $0.append("$type", "string") } })
                    stages.append(BSONDocument.equal("$count", "n"))
                }
            },
        ]
        let answer = try aggregate(.messages, pipeline, milliseconds: limits.milliseconds).first
        return answer.map(MessageFigures.init) ?? MessageFigures()
    }

    private static func stage(_ name: String, _ build: (inout BSONDocument) -> Void) -> BSONDocument {
        var stage = BSONDocument()
        stage.append(name, document: build)
        return stage
    }

    private static func counting(_ field: String) -> BSONDocument {
        stage("$group") { group in
            group.append("_id", field)
            group.append("n") { $0.append("$sum", Int64(1)) }
        }
    }
}

extension MessageFigures {
    fileprivate init(_ answer: BSONDocument) {
        for type in answer.array("types") ?? [] {
            guard let document = type.document, let name = document.string("_id") else { continue }
            byType.append(Count(name, document.int64("n") ?? 0))
        }
        for hour in answer.array("hours") ?? [] {
            guard let document = hour.document, let number = document.int64("_id") else { continue }
            byHour.append(Count(Int(number), document.int64("n") ?? 0))
        }
        sort()
        uniqueUsers = answer.array("users")?.first?.document?.int64("n") ?? 0
    }

    /// The most frequent first, and all of them together.
    fileprivate mutating func sort() {
        byType.sort { ($1.count, $0.key) < ($0.count, $1.key) }
        byHour.sort { ($1.count, $0.key) < ($0.count, $1.key) }
        total = byType.reduce(0) { $0 + $1.count }
    }
}
