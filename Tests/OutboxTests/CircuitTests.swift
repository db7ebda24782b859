import Chat
import Limits
import Testing

@testable import Outbox

struct CircuitTests {
    private let limits: Limits.Outbox = {
        var limits = Limits.Outbox()
        (limits.circuitFailures, limits.circuitFloorMilliseconds, limits.circuitCeilingMilliseconds) = (3, 1_000, 5_000)
        return limits
    }()

    @Test func opensAfterFailuresProbesAndCloses() {
        var circuit = Circuit(limits)
        for _ in 0..<2 { circuit.fail("down", at: .zero) }
        #expect(circuit.allowed(32, at: .zero) == 32)
        circuit.fail("down", at: .zero)
        #expect(circuit.allowed(32, at: .milliseconds(999)) == 0)
        #expect(circuit.reason == "down")
        #expect(circuit.allowed(32, at: .seconds(1)) == 1)
        circuit.begin()
        #expect(circuit.allowed(32, at: .seconds(1)) == 0)
        circuit.fail("still down", at: .seconds(1))
        #expect(circuit.opensAt == .seconds(3))
        circuit.begin()
        circuit.succeed()
        #expect(circuit.isClosed && circuit.reason == nil)
    }

    @Test func theWaitHasACeiling() {
        var circuit = Circuit(limits)
        for _ in 0..<40 {
            circuit.begin()
            circuit.fail("down", at: .zero)
        }
        #expect(circuit.opensAt == .seconds(5))
    }

    @Test func manyCallsThatFailAtOnceAreOneFailureMore() {
        var circuit = Circuit(limits)
        for _ in 0..<64 { circuit.fail("cut", at: .zero) }
        #expect(circuit.opensAt == .seconds(1))
    }

    @Test func whatSaysThatOurSettingsAreWrongIsLookedIntoOnceAndThenStops() {
        var circuit = Circuit(limits)
        circuit.stop("the key is not known", at: .zero)
        #expect(circuit.opensAt == .seconds(1))
        circuit.begin()
        circuit.stop("the key is not known", at: .seconds(1))
        #expect(circuit.allowed(32, at: .milliseconds(5_999)) == 0)
        #expect(circuit.opensAt == .seconds(6))
    }

    /// A receiver that refuses us while it is redeployed, and then does not answer at all.
    @Test func aProbeThatFailsInAnotherWayOpensItAgain() {
        var circuit = Circuit(limits)
        circuit.stop("403", at: .zero)
        circuit.begin()
        circuit.fail("502", at: .seconds(1))
        #expect(circuit.opensAt == .seconds(2))
        #expect(circuit.allowed(32, at: .seconds(2)) == 1)
    }

    @Test func aDestinationThatNamesATimeIsLeftAloneForSoLong() {
        var circuit = Circuit(limits)
        circuit.fail("503", asked: .seconds(30), at: .zero)
        circuit.fail("503", at: .seconds(1))
        #expect(circuit.opensAt == .seconds(30) && !circuit.isClosed)
        circuit.begin()
        circuit.fail("503", asked: .seconds(1_000_000), at: .seconds(30))
        #expect(circuit.opensAt == .seconds(30 + 3_600))
    }

    @Test func aProbeThatWasNotSentMakesRoomForAnother() {
        var circuit = Circuit(limits)
        circuit.fail("503", asked: .seconds(30), at: .zero)
        circuit.begin()
        circuit.learnNothing(at: .seconds(31))
        #expect(!circuit.isClosed && circuit.allowed(32, at: .seconds(31)) == 1)
        #expect(circuit.reason == "503")
    }

    @Test func retriesWaitLongerAndObeyTheDestination() {
        let schedule = RetrySchedule(Limits.Outbox())
        let longest: (ClosedRange<Int>) -> Int = { $0.upperBound }
        let shortest: (ClosedRange<Int>) -> Int = { $0.lowerBound }
        #expect(schedule.delay(failures: 1, asked: nil, random: longest) == .milliseconds(500))
        #expect(schedule.delay(failures: 4, asked: nil, random: longest) == .seconds(4))
        #expect(schedule.delay(failures: 4, asked: nil, random: shortest) == .milliseconds(250))
        #expect(schedule.delay(failures: 90, asked: nil, random: longest) == .seconds(300))
        #expect(schedule.delay(failures: 1, asked: .seconds(20), random: longest) == .seconds(20))
        #expect(schedule.delay(failures: 1, asked: .seconds(1_000_000), random: longest) == .seconds(3_600))
        #expect(!schedule.isExhausted(failures: 9) && schedule.isExhausted(failures: 10))
    }

    @Test func keysOfDifferentPartsDiffer() {
        func key(_ entity: String, _ version: String) -> String {
            Effect.EffectKey(entity: entity, version: version, cause: "c", action: "a").description
        }
        #expect(key("a/b", "c") != key("a", "b/c"))
        #expect(key("a%2Fb", "c") != key("a/b", "c"))
        #expect(key("m1", "1") == "m1/1/c/a")
    }
}
