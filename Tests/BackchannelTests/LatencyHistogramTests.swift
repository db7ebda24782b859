import TestSupport
import Testing

@testable import backchannel

struct LatencyHistogramTests {
    @Test func quantilesAreWithinOnePercent() {
        var random = SeededRandom()
        var histogram = LatencyHistogram()
        var values: [UInt64] = []
        for _ in 0..<20_000 {
            let value = random.next() >> random.next() % 60
            values.append(value)
            histogram.record(nanoseconds: value)
        }
        values.sort()
        for share in [0.001, 0.5, 0.9, 0.99, 0.999, 1] {
            let exact = values[max(1, Int((Double(values.count) * share).rounded(.up))) - 1]
            let found = histogram.quantile(share)
            #expect(found >= exact, "seed \(random.seed)")
            #expect(Double(found) <= Double(exact) * 1.01 + 1, "seed \(random.seed)")
        }
    }

    @Test func smallValuesAreExact() {
        var histogram = LatencyHistogram()
        for value in 1...100 { histogram.record(nanoseconds: UInt64(value)) }
        #expect([0.01, 0.5, 0.99, 1].map { histogram.quantile($0) } == [1, 50, 99, 100])
    }

    @Test func emptyIsZero() { #expect(LatencyHistogram().quantile(0.99) == 0) }
}
