import Analytics
import Chat
import Foundation
import Limits
import MongoDB
import TestSupport
import Testing

@testable import History

/// Figures of conversations equal what reading every channel from its first message to its last gives.
enum ConversationFigureTests {
    private struct Answer {
        let at: Int64
        let milliseconds: Int64
        let by: String
        let cid: String
        let listing: String?
        var isFirst = false
    }

    static func compare(
        _ queries: HistoryQueries,
        _ naive: NaiveFigures,
        _ range: FigureRange,
        _ comment: String
    ) throws {
        var (answers, started, answered): ([Answer], [Int64], [Int64]) = ([], [], [])
        var waiting: [(cid: String, since: Int64)] = []
        var lasted: [(cid: String, started: Int64, milliseconds: Int64, messages: Int)] = []
        for (cid, messages) in channels(naive) {
            started.append(messages[0].at)
            lasted.append((cid, messages[0].at, messages[messages.count - 1].at - messages[0].at, messages.count))
            var runs: [[SpokenMessage]] = []
            for message in messages {
                if runs.last?.last?.by == message.by {
                    runs[runs.count - 1].append(message)
                } else {
                    runs.append([message])
                }
            }
            for (index, run) in runs.enumerated().dropFirst() {
                answers.append(
                    Answer(
                        at: run[0].at,
                        milliseconds: run[0].at - runs[index - 1][0].at,
                        by: run[0].by,
                        cid: cid,
                        listing: run[0].listing,
                        isFirst: index == 1
                    )
                )
            }
            if runs.count > 1 { answered.append(runs[1][0].at) }
            if let seller = messages.last?.seller {
                if runs.last?[0].by != seller { waiting.append((cid, runs[runs.count - 1][0].at)) }
            } else if runs.count == 1 {
                waiting.append((cid, messages[0].at))
            }
        }
        let question = DatedQuestion(range, grouping: nil, target: 3_600_000, now: range.quarters.upperBound.start)
        try #require(queries.conversations(question, twoSided: false).counts == range.count(started), "\(comment)")
        try #require(queries.conversations(question, twoSided: true).counts == range.count(answered), "\(comment)")
        for (part, row) in try queries.conversationLongevity(question).rows.enumerated() {
            let exact = lasted.filter { range.isIn($0.started, part) }.map(\.milliseconds).sorted()
            try expect(row.value, exact, "longevity \(comment)")
        }
        // Those of one type are looked for one by one.
        for type in [nil] + Set(lasted.map { Channel.parts(ofCID: $0.cid).type }) {
            var question = question
            question.place = type.map { (.channelType, $0) }
            for (part, row) in try queries.conversationLength(question).rows.enumerated() {
                let lengths = lasted.filter { conversation in
                    let own = Channel.parts(ofCID: conversation.cid).type
                    return range.isIn(conversation.started, part) && own == type ?? own
                }
                let sum = lengths.reduce(0) { $0 + $1.messages }
                let mean = lengths.isEmpty ? nil : Double(sum) / Double(lengths.count)
                try #require(row.value == .ratio(mean), "length \(type ?? "") \(comment)")
            }
        }
        try compareUnanswered(queries, question, waiting, comment)
        try compareReads(queries, naive, range, comment)
        for isFirst in [true, false] {
            try compare(answers.filter { $0.isFirst || !isFirst }, question, "first \(isFirst) \(comment)") {
                try queries.replies($0, first: isFirst)
            }
        }
    }

    private static func compareUnanswered(
        _ queries: HistoryQueries,
        _ whole: DatedQuestion,
        _ waiting: [(cid: String, since: Int64)],
        _ comment: String
    ) throws {
        let comment = "unanswered \(comment)"
        let times = whole.range.milliseconds
        let ages = waiting.filter { times.contains($0.since) }.map { cid, since in
            (cid: cid, seconds: max(0, (whole.now.milliseconds - since) / 1_000))
        }
        let bands = try queries.unanswered(whole)
        try #require(bands.total == Int64(ages.count), "\(comment)")
        for (row, band) in zip(bands.rows, AgeBand.all) {
            let count = ages.count { band.seconds.contains($0.seconds) }
            try #require(row.group == band.name && row.value == .count(Int64(count)), "\(comment)")
        }
        let oldest = ages.sorted { ($1.seconds, $0.cid) < ($0.seconds, $1.cid) }
        var question = whole
        question.grouping = .channel
        for wanted in [0..<Int.max, 0..<1, 1..<3, 2..<4, 5..<9, 1_000..<2_000] {
            question.wanted = wanted
            let found = try queries.unanswered(question)
            let expected = oldest.dropFirst(wanted.lowerBound).prefix(wanted.count)
            try #require(found.rows.map(\.group) == expected.map(\.cid), "\(wanted) \(comment)")
            try #require(found.rows.map(\.value) == expected.map { .count($0.seconds) }, "\(wanted) \(comment)")
            try #require(found.count == ages.count && found.total == Int64(ages.count), "\(comment)")
        }
    }

    static func compareReads(
        _ queries: HistoryQueries,
        _ naive: NaiveFigures,
        _ range: FigureRange,
        _ comment: String
    ) throws {
        let reads = naive.messages.compactMap { state -> Answer? in
            guard let (seller, milliseconds) = state.readLatency, let read = state.record.sellerRead,
                let cid = state.record.cid
            else { return nil }
            return Answer(
                at: read.at.milliseconds,
                milliseconds: milliseconds,
                by: seller,
                cid: cid,
                listing: state.context[.listing]
            )
        }
        let question = DatedQuestion(range, grouping: nil, target: 3_600_000, now: range.quarters.upperBound.start)
        try compare(reads, question, "reads \(comment)", queries.readLatency)
    }

    private static func compare(
        _ answers: [Answer],
        _ question: DatedQuestion,
        _ comment: String,
        _ ask: (DatedQuestion) throws -> Figures
    ) throws {
        let range = question.range
        let found = try ask(question).rows
        for (part, row) in found.enumerated() {
            let exact = answers.filter { range.isIn($0.at, part) }.map(\.milliseconds).sorted()
            try expect(row.value, exact, comment)
        }
        for grouping in [FigureGrouping.user, .channel, .channelType, .listing] {
            var question = question
            question.grouping = grouping
            var groups: [String: [Int64]] = [:]
            for answer in answers where range.contains(Timestamp(milliseconds: answer.at)) {
                let part = range.naivePart(Timestamp(milliseconds: answer.at))
                let group: String? =
                    switch grouping {
                    case .user: answer.by
                    case .channel: answer.cid
                    case .channelType: String(answer.cid.prefix { $0 != ":" })
                    default: answer.listing
                    }
                if let group { groups["\(part) \(group)", default: []].append(answer.milliseconds) }
            }
            let rows = try ask(question).rows
            try #require(rows.count == groups.count, "\(grouping) \(comment)")
            for row in rows {
                let name = "\(range.naivePart(row.quarters.lowerBound.start)) \(row.group ?? "")"
                try expect(row.value, (groups[name] ?? []).sorted(), "\(grouping) \(comment)")
            }
        }
    }

    private static func expect(_ value: FigureValue, _ exact: [Int64], _ comment: String) throws {
        guard case .latency(let summary) = value else { throw TestFailure("no latency: \(comment)") }
        try #require(summary.count == Int64(exact.count), "\(comment)")
        guard !exact.isEmpty else {
            try #require(summary.p50 == nil && summary.within == nil, "\(comment)")
            return
        }
        let mean = Double(exact.reduce(0, +)) / Double(exact.count) / 1_000
        try #require(abs((summary.mean ?? -1) - mean) < 1e-6 * max(1, mean), "\(comment)")
        for (share, found) in [(0.5, summary.p50), (0.9, summary.p90), (0.99, summary.p99)] {
            let rank = max(1, Int((share * Double(exact.count)).rounded(.up)))
            let seconds = Double(exact[rank - 1]) / 1_000
            try #require(abs((found ?? -1) - seconds) <= 0.010_001 * seconds + 0.000_5, "\(share) \(comment)")
        }
        let within = Double(exact.count { $0 <= 3_600_000 }) / Double(exact.count)
        try #require(summary.within == within, "\(comment)")
    }

    private static func channels(_ naive: NaiveFigures) -> [String: [SpokenMessage]] {
        var channels: [String: [SpokenMessage]] = [:]
        for state in naive.messages {
            guard let cid = state.record.cid, let by = state.record.sender, let at = state.record.created?.time,
                state.record.facts?.value.type != "system"
            else { continue }
            channels[cid, default: []].append(
                SpokenMessage(
                    id: state.record.id,
                    at: at.milliseconds,
                    by: by,
                    listing: state.context[.listing],
                    seller: state.context[.seller]
                )
            )
        }
        return channels.mapValues { $0.sorted { $0.at == $1.at ? $0.id < $1.id : $0.at < $1.at } }
    }
}

extension Figures {
    fileprivate var counts: [Int64] { rows.map { if case .count(let count) = $0.value { count } else { -1 } } }
}

extension FigureRange {
    fileprivate func isIn(_ milliseconds: Int64, _ part: Int) -> Bool {
        let time = Timestamp(milliseconds: milliseconds)
        return contains(time) && naivePart(time) == part
    }

    fileprivate func count(_ times: [Int64]) -> [Int64] {
        parts.indices.map { part in Int64(times.count { isIn($0, part) }) }
    }
}
