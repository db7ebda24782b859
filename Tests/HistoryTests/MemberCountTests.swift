import Analytics
import Chat
import Limits
import MongoDB
import TestSupport
import Testing

@testable import History

/// What is remembered of members is what a node that remembers nothing counts, and of what changes only that is counted again.
struct MemberCountTests {
    @Test func whatIsRememberedFollowsWhatChanges() async throws {
        let random = SeededRandom()
        try await withFreshDatabase { pool, database in
            let history = try FigureTests.open(pool, database)
            let ranges = [(0, 65), (3, 40), (30, 33)].map { Self.range($0.0, $0.1) }
            var generator = random
            for step in 0..<12 {
                let most = step == 5 ? Limits.Figures().memberCountsTold + 10 : 6
                var rollups = Rollups()
                for number in 0..<most {
                    let place = Self.place(
                        channel: number < 6 ? Int.random(in: 0..<8, using: &generator) : number,
                        listing: Int.random(in: 0..<3, using: &generator)
                    )
                    let day = Int64.random(in: 29...(step % 4 == 3 ? 60 : 30), using: &generator)
                    rollups.add(
                        Int64.random(in: -1...3, using: &generator),
                        to: .messages,
                        at: Self.quarter(day),
                        place
                    )
                }
                rollups.add(1, to: .messages, at: Self.quarter(31), RollupPlace(.listing, "l1", type: ""))
                try Self.write(rollups, history)
                let fresh = try FigureTests.open(pool, database)
                for range in ranges {
                    for scope in [RollupScope.channel, .listing, .venue] {
                        let (known, counted) = (
                            try Self.figures(scope, range, history), try Self.figures(scope, range, fresh)
                        )
                        #expect(known == counted, "\(step) \(scope) TEST_SEED=\(random.seed)")
                    }
                }
            }
        }
    }

    @Test func onlyWhatChangesIsCountedAgain() async throws {
        try await withFreshDatabase { pool, database in
            let history = try FigureTests.open(pool, database)
            let range = Self.range(0, 65)
            func add(_ channels: some Sequence<Int>, days: [Int64] = [40]) throws {
                var rollups = Rollups()
                for channel in channels {
                    for day in days {
                        let place = Self.place(channel: channel, listing: channel)
                        rollups.add(1, to: .messages, at: Self.quarter(day), place)
                    }
                }
                try Self.write(rollups, history)
            }
            func asked(_ scope: RollupScope) throws -> [String: Int64] {
                let rows = try Self.figures(scope, range, history).rows
                return rows.reduce(into: [:]) { if case .count(let count) = $1.value { $0[$1.group ?? ""] = count } }
            }
            try add([1, 2, 3])
            #expect(try asked(.channel) == ["c1": 1, "c2": 1, "c3": 1])
            #expect(try asked(.listing) == ["l1": 1, "l2": 1, "l3": 1])
            // What nobody has noted is not looked at.
            var first = BSONDocument()
            first.append("k", "c1")
            _ = try history.writer.connection.delete([(first, 0)], in: Collection.rollups.rawValue, of: database)
            try add([2])
            try add([3, 4], days: [41, 42])
            #expect(try asked(.channel) == ["c1": 1, "c2": 2, "c3": 3, "c4": 2])
            #expect(try asked(.listing) == ["l1": 1, "l2": 2, "l3": 3, "l4": 2])
            // Too many days for their channels to be told: all are counted.
            try add([2], days: [38, 39, 40])
            #expect(try asked(.channel) == ["c2": 5, "c3": 3, "c4": 2])
            #expect(try asked(.listing) == ["l2": 5, "l3": 3, "l4": 2])
            // Too many at once, and too many since.
            for runs in [[10..<10 + Limits.Figures().memberCountsTold + 1], Array(repeating: 3..<150, count: 3)] {
                first = BSONDocument()
                first.append("k", "c2")
                try add([2])
                #expect(try asked(.channel)["c2"] ?? 0 > 0)
                _ = try history.writer.connection.delete([(first, 0)], in: Collection.rollups.rawValue, of: database)
                for run in runs { try add(run) }
                #expect(try asked(.channel)["c2"] == nil)
                #expect(try asked(.listing)["l2"] == nil)
            }
        }
    }

    private static func quarter(_ day: Int64) -> Quarter { Quarter(Quarter(day: 20_423 + day).number + 50) }

    private static func place(channel: Int, listing: Int) -> RollupPlace {
        var objects = BusinessContext()
        objects[.listing] = "l\(listing)"
        return RollupPlace(.channel, "c\(channel)", type: "", about: objects)
    }

    /// Days from 2025-12-01 on.
    private static func range(_ first: Int64, _ end: Int64) -> FigureRange {
        let quarters = Quarter(day: 20_423 + first)..<Quarter(day: 20_423 + end)
        guard let range = FigureRange(quarters, every: .none, in: .utc, most: 1) else {
            preconditionFailure("\(first)")
        }
        return range
    }

    private static func write(_ rollups: Rollups, _ history: StoredHistory) throws {
        var plan = WritePlan()
        plan.write(rollups, part: 0)
        _ = try plan.execute(history.writer.connection, nil, history.store.database)
    }

    private static func figures(_ scope: RollupScope, _ range: FigureRange, _ history: StoredHistory) throws -> Figures
    {
        var question = VolumeQuestion(.messages, in: range)
        question.group = .scope(scope)
        return try HistoryQueries(history.store, limits: Limits.Query()).volume(question)
    }
}
