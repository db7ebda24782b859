import Backfill
import Chat
import Limits
import Testing

@testable import backchannel

/// When the service reads back by itself.
struct GapTests {
    private var limits: Limits.Backfill {
        var limits = Limits.Backfill()
        (limits.afterGapSeconds, limits.settleSeconds, limits.overlapSeconds) = (900, 30, 60)
        return limits
    }

    private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1_000) }

    @Test func onlyLongerThanConfiguredIsAGap() throws {
        #expect(Gap(from: at(10_000), to: at(10_900), limits) == nil)
        let gap = try #require(Gap(from: at(10_000), to: at(10_901), limits))
        #expect(gap.request.since == at(9_940))
        #expect(gap.request.through == at(10_901))
        // Another clock may be ahead.
        #expect(Gap(from: at(10_000), to: at(9_000), limits) == nil)
    }

    @Test func itIsReadBackOnceNothingOfItIsOnItsWay() throws {
        let gap = try #require(Gap(from: at(10_000), to: at(11_000), limits))
        #expect(!gap.isSettled(at: at(11_029), oldest: nil, limits))
        #expect(gap.isSettled(at: at(11_030), oldest: nil, limits))
        #expect(!gap.isSettled(at: at(12_000), oldest: at(11_030), limits))
        #expect(gap.isSettled(at: at(12_000), oldest: at(11_031), limits))
    }
}
