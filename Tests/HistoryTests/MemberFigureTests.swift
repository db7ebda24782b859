import Analytics
import Chat
import Limits
import TestSupport
import Testing

@testable import History

/// Figures of members, of pairs and of adoption equal what looking at every message gives.
enum MemberFigureTests {
    static func compare(
        _ queries: HistoryQueries,
        _ naive: NaiveFigures,
        _ range: FigureRange,
        _ comment: String
    ) throws {
        let spoken = spoken(naive)
        try compareConnections(queries, spoken, range, comment)
        try compareAdoption(queries, naive, range, comment)
        var limits = queries.limits
        // Nothing is remembered where nothing may be looked at.
        (limits.writerMessagesAtOnce, limits.writerMessagesMost) = (-1, -1)
        for queries in [queries, HistoryQueries(queries.store, limits: limits)] {
            for grouping in [nil, FigureGrouping.channel, .channelType, .listing] {
                try compareParticipation(queries, naive, spoken, range, grouping, comment)
            }
        }
    }

    /// What is remembered of channels, which does not wait for conversations that are due.
    static func compareRemembered(
        _ queries: HistoryQueries,
        _ naive: NaiveFigures,
        _ range: FigureRange,
        now: Timestamp,
        _ comment: String
    ) throws {
        let question = DatedQuestion(range, grouping: .channel, target: 0, now: now)
        let shares = try #require(try queries.rememberedShares(question), "\(comment)")
        var expected: [String: [Int]] = [:]
        for (cid, messages) in spoken(naive) {
            let writers = messages.filter { range.contains(Timestamp(milliseconds: time($0))) }
                .compactMap(\.record.sender)
            guard let all = naive.members[cid], !writers.isEmpty else { continue }
            expected[cid] = [all.intersection(writers).count, all.count]
        }
        let found = Dictionary(uniqueKeysWithValues: shares.map { ($0.cid, [$0.wrote, $0.members]) })
        try #require(found == expected, "\(comment)")
    }

    /// Of each channel in the order of the conversation.
    private static func spoken(_ naive: NaiveFigures) -> [String: [MessageState]] {
        let said = naive.messages.filter { $0.record.facts?.value.type != "system" && $0.record.sender != nil }
        return Dictionary(grouping: said) { $0.record.cid ?? "" }.mapValues { messages in
            messages.sorted { (time($0), $0.record.id) < (time($1), $1.record.id) }
        }
    }

    private static func time(_ state: MessageState) -> Int64 { state.record.created?.time.milliseconds ?? 0 }

    private static func compareConnections(
        _ queries: HistoryQueries,
        _ spoken: [String: [MessageState]],
        _ range: FigureRange,
        _ comment: String
    ) throws {
        var pairs: [Set<String>: Int64] = [:]
        for messages in spoken.values {
            var (first, order) = ([String: Int64](), [String]())
            for message in messages {
                guard let sender = message.record.sender, first[sender] == nil else { continue }
                first[sender] = time(message)
                order.append(sender)
            }
            for one in order.prefix(10) {
                for other in order.prefix(10) where one != other {
                    let since = max(first[one] ?? 0, first[other] ?? 0)
                    pairs[[one, other]] = min(pairs[[one, other]] ?? since, since)
                }
            }
        }
        var expected = [Int64](repeating: 0, count: range.parts.count)
        for time in pairs.values.map(Timestamp.init(milliseconds:)) where range.contains(time) {
            expected[range.naivePart(time)] += 1
        }
        let found = try queries.newConnections(range)
        try #require(found.rows.map(\.value) == expected.map { .count($0) }, "connections \(comment)")
        try #require(found.total == expected.reduce(0, +), "connections \(comment)")
    }

    private static func compareParticipation(
        _ queries: HistoryQueries,
        _ naive: NaiveFigures,
        _ spoken: [String: [MessageState]],
        _ range: FigureRange,
        _ grouping: FigureGrouping?,
        _ comment: String
    ) throws {
        var (wrote, members) = ([String: Int](), [String: Int]())
        for (cid, messages) in spoken {
            let writers = Set(
                messages.filter { range.contains(Timestamp(milliseconds: time($0))) }.compactMap(\.record.sender)
            )
            let group: String? =
                switch grouping {
                case .channel: cid
                case .channelType: String(cid.prefix { $0 != ":" })
                case .listing: messages.last?.context[.listing]
                default: ""
                }
            guard let group, let all = naive.members[cid], !writers.isEmpty else { continue }
            wrote[group, default: 0] += all.intersection(writers).count
            members[group, default: 0] += all.count
        }
        var question = DatedQuestion(range, grouping: grouping, target: 0, now: range.quarters.upperBound.start)
        let rows = try queries.participation(question).rows
        let shares = members.mapValues(Double.init).merging(wrote.mapValues(Double.init)) { $1 / $0 }
        if grouping == nil {
            try #require(rows.map(\.value) == [.ratio(shares[""])], "participation \(comment)")
        } else {
            let found = Dictionary(uniqueKeysWithValues: rows.map { ($0.group ?? "", $0.value) })
            try #require(
                found == shares.mapValues { .ratio($0) },
                "participation by \(String(describing: grouping)) \(comment)"
            )
        }
        guard grouping == .channel else { return }
        question.grouping = nil
        for cid in spoken.keys.sorted().prefix(2) {
            question.place = (.channel, cid)
            try #require(
                queries.participation(question).rows.map(\.value) == [.ratio(shares[cid])],
                "\(cid) \(comment)"
            )
        }
    }

    private static func compareAdoption(
        _ queries: HistoryQueries,
        _ naive: NaiveFigures,
        _ range: FigureRange,
        _ comment: String
    ) throws {
        guard [.none, .day, .week, .month].contains(range.interval) else { return }
        let quarter: Int64 = 900_000
        var (made, adopted) = (
            [Int](repeating: 0, count: range.parts.count), [Int](repeating: 0, count: range.parts.count)
        )
        for (user, time) in naive.made where range.contains(time) {
            made[range.naivePart(time)] += 1
            let start = time.milliseconds / quarter * quarter
            let times = naive.messages.filter { $0.record.sender == user }.map { Self.time($0) }
            if times.contains(where: { start <= $0 && $0 < start + 7 * 86_400_000 + quarter }) {
                adopted[range.naivePart(time)] += 1
            }
        }
        let expected = zip(made, adopted).map { FigureValue.ratio($0 == 0 ? nil : Double($1) / Double($0)) }
        try #require(queries.adoption(range, days: 7).rows.map(\.value) == expected, "adoption \(comment)")
    }
}
