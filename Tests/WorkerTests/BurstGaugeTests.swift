import Limits
import Testing

@testable import Worker

struct BurstGaugeTests {
    private let limits: Limits.Worker = {
        var limits = Limits.Worker()
        (limits.burstEventsPerSecond, limits.burstSeconds) = (1_000, 2)
        return limits
    }()

    /// Looks every 100 ms at counts that grow by `perLook`.
    private func looks(_ perLook: [Int64], _ gauge: inout BurstGauge, from count: Int64 = 0) -> [Bool] {
        var count = count
        return perLook.enumerated().map { index, more in
            count += more
            return gauge.shouldWait(count: count, at: .milliseconds(100 * index))
        }
    }

    @Test func waitsWhileMoreComesThanCanBeStored() {
        var gauge = BurstGauge(limits: limits)
        let waits = looks([0, 100, 101, 500, 100, 0], &gauge)
        #expect(waits == [false, false, true, true, false, false])
    }

    @Test func goesOnWhenTheBurstLasts() {
        var gauge = BurstGauge(limits: limits)
        let waits = looks(Array(repeating: 200, count: 40), &gauge)
        #expect(waits == [false] + Array(repeating: true, count: 20) + Array(repeating: false, count: 19))
    }

    @Test func aBurstAfterAQuietMomentIsANewOne() {
        var gauge = BurstGauge(limits: limits)
        let lasting = Array(repeating: Int64(200), count: 30)
        let waits = looks(lasting + [0] + [200], &gauge)
        #expect(waits.suffix(3) == [false, false, true])
    }

    @Test func twoLooksInAMomentTellNoRate() {
        var gauge = BurstGauge(limits: limits)
        let looks: [(count: Int64, time: Duration)] = [
            (0, .zero), (1_000, .milliseconds(1)), (1_000, .milliseconds(100)),
        ]
        let waits = looks.map { gauge.shouldWait(count: $0.count, at: $0.time) }
        #expect(waits == [false, false, true])
    }
}
