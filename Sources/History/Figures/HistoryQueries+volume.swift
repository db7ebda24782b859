package import Analytics
import Chat
package import MongoDB

/// What counts of messages are grouped by.
package enum VolumeGroup: Sendable, Equatable {
    case type
    case scope(RollupScope)
    /// "1-00" to "7-23", Monday first: what clocks of the zone show.
    case weekdayHour
}

/// A question about counts of messages or reactions.
package struct VolumeQuestion: Sendable {
    package var measure: RollupMeasure
    /// Of whom: of everyone, or of one member of a scope.
    package var scope: RollupScope
    package var id: String?
    package var type: String?
    package var group: VolumeGroup?
    package var range: FigureRange

    package init(_ measure: RollupMeasure, in range: FigureRange) {
        (self.measure, self.range) = (measure, range)
        scope = measure == .reactions ? .reactions : .all
    }

    var selection: RollupSelection {
        var scope = scope
        if case .scope(let other) = group { scope = other }
        return RollupSelection(measure, of: scope, id: id, type: type, in: range.quarters)
    }
}

extension HistoryQueries {
    package func volume(_ question: VolumeQuestion) throws(MongoError) -> Figures {
        let figures =
            switch question.group {
            case nil: try ungroupedVolume(question)
            case .weekdayHour: try volumeByClock(question)
            case .type, .scope: try groupedVolume(question)
            }
        try requireKept(question.selection.scope.level, question.range.quarters)
        return figures
    }

    private func ungroupedVolume(_ question: VolumeQuestion) throws(MongoError) -> Figures {
        var sums = [Int64](repeating: 0, count: question.range.parts.count)
        try forEachCount(question.selection) { document in
            for (part, count) in document.sums(question.range) { sums[part] += count }
        }
        let rows = zip(question.range.parts, sums).map { FigureRow($0, .count($1)) }
        return Figures(rows, total: sums.reduce(0, +))
    }

    /// Groups with most first, and of each its parts in the order of time.
    private func groupedVolume(_ question: VolumeQuestion) throws(MongoError) -> Figures {
        let (selection, range) = (question.selection, question.range)
        if selection.id == nil, !selection.scope.isShared, question.group == .scope(selection.scope), range.isRemembered
        {
            return try volumeByMember(selection, range)
        }
        var sums: [String: [Int: Int64]] = [:]
        try forEachCount(question.selection) { document in
            let group = question.group == .type ? document.type : document.id
            for (part, count) in document.sums(range) { sums[group, default: [:]][part, default: 0] += count }
        }
        let totals = sums.map { (group: $0.key, total: $0.value.values.reduce(0, +), parts: $0.value) }
        let sorted = totals.filter { $0.total != 0 }.sorted { ($1.total, $0.group) < ($0.total, $1.group) }
        let rows = sorted.flatMap { group in
            group.parts.filter { $0.value != 0 }.sorted { $0.key < $1.key }.map {
                FigureRow(range.parts[$0.key], group: group.group, .count($0.value))
            }
        }
        return Figures(rows, total: sorted.reduce(0) { $0 + $1.total })
    }

    private func volumeByClock(_ question: VolumeQuestion) throws(MongoError) -> Figures {
        var quarters: [Quarter: Int64] = [:]
        try forEachCount(question.selection) { document in
            for (quarter, count) in document.counts { quarters[quarter, default: 0] += count }
        }
        var (clock, sums) = (ZoneClock(question.range.zone), [Int64](repeating: 0, count: 7 * 24))
        for (quarter, count) in quarters.sorted(by: { $0.key < $1.key }) {
            let (day, minute) = clock.read(quarter)
            let weekday = day - CalendarInterval.week.firstDay(of: day)
            sums[Int(weekday * 24 + minute / 60)] += count
        }
        let rows = sums.enumerated().map { index, sum in
            let hour = index % 24
            let name = "\(index / 24 + 1)-" + (hour < 10 ? "0" : "") + "\(hour)"
            return FigureRow(question.range.quarters, group: name, .count(sum))
        }
        return Figures(rows, total: sums.reduce(0, +))
    }
}
