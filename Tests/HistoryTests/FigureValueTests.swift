import Analytics
import Chat
import TestSupport
import Testing

/// Values that figures are made of.
struct FigureValueTests {
    /// Activity in any order, taken back in any order, comes through its bytes.
    @Test func peopleAreKeptExactly() throws {
        var random = SeededRandom()
        for _ in 0..<200 {
            var (person, counts) = (PersonRecord(id: "ada"), [Int64: Int64]())
            for _ in 0..<Int.random(in: 0...120, using: &random) {
                let quarter =
                    Int64.random(in: -300...300, using: &random) * [1, 1, 97, 100_000].randomElement(using: &random)!
                let amount = Int64.random(in: -3...200, using: &random)
                person.add(amount, at: Quarter(quarter))
                counts[quarter, default: 0] += amount
            }
            counts = counts.filter { $0.value != 0 }
            #expect(person.quarters.map(\.number) == counts.keys.sorted(), "seed \(random.seed)")
            #expect(person.messages == counts.values.reduce(0, +), "seed \(random.seed)")
            #expect(PersonRecord(id: "ada", encoded: person.encoded) == person, "seed \(random.seed)")
            let from = Int64.random(in: -400...400, using: &random)
            let range = Quarter(from)..<Quarter(from + Int64.random(in: 1...200, using: &random))
            let inside = counts.filter { range.contains(Quarter($0.key)) }
            #expect(person.wrote(in: range) == !inside.isEmpty, "seed \(random.seed)")
            #expect(person.messages(in: range) == inside.values.reduce(0, +), "seed \(random.seed)")
        }
        for bytes: [UInt8] in [[0x80], [2], [2, 0], [2, 2, 0, 2], [UInt8](repeating: 0xff, count: 11)] {
            #expect(PersonRecord(id: "ada", encoded: bytes) == nil)
        }
    }

    /// Quantiles are within 1 % of those of the latencies themselves.
    @Test func sketchesKeepTheirError() throws {
        var random = SeededRandom()
        for _ in 0..<100 {
            var (sketch, exact) = (LatencySketch(), [Int64]())
            for _ in 0..<Int.random(in: 1...500, using: &random) {
                let most = Int64(1) << Int64.random(in: 0...40, using: &random)
                let latency = Int64.random(in: 0...most, using: &random)
                sketch.add(latency)
                exact.append(latency)
            }
            exact.sort()
            for share in [0.01, 0.5, 0.9, 0.99, 1] {
                let rank = max(1, Int((share * Double(exact.count)).rounded(.up)))
                let seconds = Double(exact[rank - 1]) / 1_000
                let found = try #require(sketch.quantiles([share])[0])
                #expect(
                    abs(found - seconds) <= 0.010_000_1 * seconds,
                    "\(share) of \(exact.count), seed \(random.seed)"
                )
            }
        }
    }

    /// Business hours equal a count minute by minute.
    @Test func businessHoursEqualACountOfMinutes() throws {
        var random = SeededRandom()
        for name in ["UTC", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"] {
            let zone = try #require(Zone(name))
            for _ in 0..<12 {
                let opens = Int64.random(in: 0...1_000, using: &random)
                let hours = BusinessHours(
                    weekdays: 0...4,
                    minutes: opens..<Int64.random(in: (opens + 1)...1_440, using: &random),
                    zone: zone
                )
                // Days around a change of clocks are among these weeks; both ends are whole minutes.
                let from = 1_772_000_000_000 / 60_000 + Int64.random(in: 0...20_000, using: &random)
                let to = from + Int64.random(in: 0...60_000, using: &random)
                let minutes = (from..<to).count { minute in
                    let time = Timestamp(milliseconds: minute * 60_000)
                    let day = zone.day(of: time)
                    let passed = (time.milliseconds - zone.start(ofDay: day).milliseconds) / 60_000
                    return hours.weekdays.contains(((day + 3) % 7 + 7) % 7) && hours.minutes.contains(passed)
                }
                let found = hours.milliseconds(from: from * 60_000, to: to * 60_000)
                #expect(found == Int64(minutes) * 60_000, "\(name) \(from) \(to), seed \(random.seed)")
            }
        }
    }
}
