import Chat
import HTTPClient
import Limits
import Provider
import TestSupport
import Testing

struct RateBudgetTests {
    struct Load: CustomTestStringConvertible {
        var limit = 1_000
        var nodes = 1
        var callers = 8
        var latencyMilliseconds: Int64 = 50
        var stranger: Int64 = 0

        var testDescription: String {
            "\(limit)/min, \(nodes) nodes, \(callers) callers, \(latencyMilliseconds) ms, stranger \(stranger)/min"
        }
    }

    static let loads = [
        Load(), Load(callers: 64, latencyMilliseconds: 5), Load(callers: 64, latencyMilliseconds: 800),
        Load(limit: 300), Load(limit: 60), Load(limit: 10_000, callers: 100),
        Load(nodes: 2), Load(nodes: 2, latencyMilliseconds: 400), Load(nodes: 3), Load(nodes: 4, callers: 32),
        Load(stranger: 300),
    ]

    /// Whatever the phase of the provider's windows: at most 1 % refused, at least 95 % of the limit used.
    @Test(arguments: loads)
    func theLimitIsUsedAndNotHit(_ load: Load) {
        var random = SeededRandom()
        let phase = Int64.random(in: 0..<60_000_000_000, using: &random)
        let use = Self.use(of: load, phase: phase, random)
        #expect(use.share >= 0.95, "\(load.testDescription): used \(use.share), TEST_SEED=\(random.seed)")
        #expect(use.refused <= 0.01, "\(load.testDescription): refused \(use.refused), TEST_SEED=\(random.seed)")
    }

    /// A start near the end of the provider's window has calls refused in two of them, before the limit is known.
    @Test func aSmallLimitIsUsedWheneverInTheMinuteItStarts() {
        let random = SeededRandom()
        for second in 0..<60 {
            let use = Self.use(of: Load(limit: 60), phase: Int64(second) * 1_000_000_000 + 700_000_000, random)
            #expect(use.share >= 0.95, "second \(second): used \(use.share), TEST_SEED=\(random.seed)")
            #expect(use.refused <= 0.01, "second \(second): refused \(use.refused), TEST_SEED=\(random.seed)")
        }
    }

    /// - Parameter phase: how much after ours the provider's minutes begin, in nanoseconds.
    /// - Returns: parts of the limit, and of the calls.
    private static func use(of load: Load, phase: Int64, _ random: SeededRandom) -> (share: Double, refused: Double) {
        var nodes = SimulatedNodes(
            load.nodes,
            callers: load.callers,
            latencyMilliseconds: load.latencyMilliseconds,
            stranger: load.stranger,
            provider: SimulatedProvider(limit: load.limit, phase: phase),
            random: random
        )
        let minutes: Int64 = 12
        nodes.run(minutes: minutes)
        let result = nodes.provider
        // The windows that lie whole within the run, the first left to learning.
        let whole = (2..<minutes).map { result.accepted[$0, default: 0] }
        let share = Double(whole.reduce(0, +)) / Double(load.limit * whole.count)
        return (share, Double(result.refused) / Double(result.total))
    }

    private static let start = ProviderFixture.now

    private static func at(_ milliseconds: Int64) -> Timestamp {
        Timestamp(nanoseconds: start.nanoseconds + milliseconds * 1_000_000)
    }

    @Test func whatAnAnswerSaysIsLeftWins() {
        var budget = RateBudget()
        #expect(budget.admit(.sendMessage, at: Self.start) == .admitted)
        // Others have used nearly all: of 25 left, 20 are held back.
        budget.learn(
            .sendMessage,
            RateLimitReading(limit: 1_000, remaining: 25, resetsIn: .seconds(40)),
            at: Self.at(5)
        )
        var admitted = 0
        for step in 0..<100 where budget.admit(.sendMessage, at: Self.at(5 + Int64(step) * 200)) == .admitted {
            admitted += 1
        }
        #expect(admitted == 5)
        #expect(budget.admit(.sendMessage, at: Self.at(20_005)) == .wait(.seconds(20)))
        // Calls that came to nothing leave their place to others.
        budget.withdraw(.sendMessage, at: Self.at(20_006))
        #expect(budget.admit(.sendMessage, at: Self.at(20_007)) == .admitted)
        // Another endpoint has a limit of its own, and so has the next window.
        #expect(budget.admit(.ban, at: Self.at(20_010)) == .admitted)
        #expect(budget.admit(.sendMessage, at: Self.at(40_006)) == .admitted)
    }

    @Test func withoutALimitNothingIsHeldBack() {
        var budget = RateBudget()
        #expect(budget.admit(.sendMessage, at: Self.start) == .admitted)
        budget.learn(.sendMessage, RateLimitReading(), at: Self.start)
        for _ in 0..<10_000 { #expect(budget.admit(.sendMessage, at: Self.start) == .admitted) }
        // Until an answer names one.
        budget.learn(.sendMessage, RateLimitReading(limit: 1_000, remaining: 0, resetsIn: .seconds(9)), at: Self.start)
        #expect(budget.admit(.sendMessage, at: Self.start) == .wait(.seconds(9)))
    }

    /// The limit is shared: a call of the last window, answered late, tells how little others had left of that one.
    @Test func aLateAnswerOfTheLastWindowSaysNothingOfThisOne() {
        var budget = RateBudget()
        func learn(_ remaining: Int, _ resetsIn: Duration, at milliseconds: Int64) {
            let reading = RateLimitReading(limit: 1_000, remaining: remaining, resetsIn: resetsIn)
            budget.learn(.sendMessage, reading, at: Self.at(milliseconds))
        }
        #expect(budget.admit(.sendMessage, at: Self.start) == .admitted)
        learn(900, .seconds(60), at: 5)
        #expect(budget.admit(.sendMessage, at: Self.at(59_900)) == .admitted)
        #expect(budget.admit(.sendMessage, at: Self.at(60_050)) == .admitted)
        learn(999, .milliseconds(59_900), at: 60_100)
        learn(15, .seconds(1), at: 60_200)
        #expect(budget.admit(.sendMessage, at: Self.at(60_300)) == .admitted)
        // One of this window that overtook another still counts.
        learn(15, .milliseconds(59_600), at: 60_400)
        #expect(budget.admit(.sendMessage, at: Self.at(60_500)) == .wait(.milliseconds(59_550)))
    }

    @Test func whatIsKnownIsTold() throws {
        var budget = RateBudget()
        func standing(at milliseconds: Int64) throws -> EndpointLimit {
            let all = budget.standing(at: Self.at(milliseconds))
            #expect(all.map(\.endpoint) == [.sendMessage])
            return try #require(all.first)
        }
        #expect(budget.standing(at: Self.start).isEmpty)
        #expect(budget.admit(.sendMessage, at: Self.start) == .admitted)
        let assumed = try standing(at: 1)
        #expect(assumed.limit == 1_000 && assumed.remaining == 1_000 && assumed.underWay == 1)
        #expect(assumed.resetsAt == nil && !assumed.isConfirmed && assumed.pausedUntil == nil)

        let answer = RateLimitReading(limit: 500, remaining: 25, resetsIn: .seconds(40))
        budget.learn(.sendMessage, answer, at: Self.at(5))
        let said = try standing(at: 6)
        #expect(said.limit == 500 && said.remaining == 25 && said.underWay == 0 && said.isConfirmed)
        #expect(said.resetsAt == Self.at(40_005))
        // Of the next window nobody has said anything yet.
        let next = try standing(at: 40_005)
        #expect(next.limit == 500 && next.remaining == 500 && next.resetsAt == nil && next.isConfirmed)

        let refusal = RateLimitReading(limit: 500, remaining: 0, retryAfter: .seconds(7), isRefusal: true)
        budget.learn(.sendMessage, refusal, at: Self.at(10))
        #expect(try standing(at: 11).pausedUntil == Self.at(7_010))
        #expect(try standing(at: 7_010).pausedUntil == nil)
        budget.learn(.sendMessage, RateLimitReading(), at: Self.at(8_000))
        let unlimited = try standing(at: 8_000)
        #expect(unlimited.limit == nil && unlimited.remaining == nil && unlimited.resetsAt == nil)
    }

    @Test func aPauseIsKept() {
        var budget = RateBudget()
        #expect(budget.admit(.ban, at: Self.start) == .admitted)
        budget.learn(.ban, RateLimitReading(retryAfter: .seconds(7), isRefusal: true), at: Self.start)
        #expect(budget.admit(.ban, at: Self.at(2_000)) == .wait(.seconds(5)))
        #expect(budget.admit(.ban, at: Self.at(7_000)) == .admitted)
        // For an hour, not for ever.
        budget.learn(.ban, RateLimitReading(retryAfter: .seconds(864_000), isRefusal: true), at: Self.at(7_000))
        #expect(budget.admit(.ban, at: Self.at(8_000)) == .wait(.seconds(3_599)))
    }

    /// Set back by an hour, a clock must not make a window of an hour; set forward, none is lost.
    @Test(arguments: [-3_600_000, 3_600_000])
    func aClockThatJumpsStopsNothingForLong(_ jump: Int64) {
        var budget = RateBudget()
        #expect(budget.admit(.ban, at: Self.start) == .admitted)
        budget.learn(.ban, RateLimitReading(limit: 300, remaining: 0, resetsIn: .seconds(50)), at: Self.start)
        #expect(budget.admit(.ban, at: Self.at(1)) == .wait(.milliseconds(49_999)))
        _ = budget.admit(.ban, at: Self.at(jump))
        #expect(budget.admit(.ban, at: Self.at(jump + 1_000)) == .admitted)
    }

    @Test func endpointsRememberedAreBounded() {
        var limits = Limits.Provider()
        limits.endpoints = 2
        var budget = RateBudget(limits: limits)
        for name in ["a", "b", "c", "d"] {
            let endpoint = ProviderEndpoint(rawValue: name)
            #expect(budget.admit(endpoint, at: Self.start) == .admitted)
            budget.learn(endpoint, RateLimitReading(limit: 60, remaining: 0, resetsIn: .seconds(9)), at: Self.start)
        }
        #expect(budget.admit(ProviderEndpoint(rawValue: "d"), at: Self.start) == .wait(.seconds(9)))
        #expect(budget.admit(ProviderEndpoint(rawValue: "a"), at: Self.start) == .admitted)
    }

    struct Headers: CustomTestStringConvertible {
        let testDescription: String
        var limit = "1000"
        var remaining = "998"
        var reset = "1778235120"
        var date: String?
        var resetsIn: Int64 = 48
    }

    @Test(arguments: [
        Headers(testDescription: "plain"),
        Headers(testDescription: "lists", limit: ",1000,5", remaining: " ,998", reset: "1778235120,"),
        Headers(testDescription: "the provider's clock", date: "Fri, 08 May 2026 10:11:00 GMT", resetsIn: 60),
        Headers(testDescription: "another form of date is none", date: "2026-05-08T10:11:00Z"),
        Headers(testDescription: "over", reset: "12", resetsIn: 0),
    ])
    func headersAreRead(_ headers: Headers) {
        var list = [
            (name: "X-RateLimit-Limit", value: headers.limit),
            (name: "x-ratelimit-remaining", value: headers.remaining),
            (name: "X-RateLimit-Reset", value: headers.reset),
        ]
        if let date = headers.date { list.append((name: "Date", value: date)) }
        let reading = RateLimitReading(HTTPClientResponse(status: 200, headers: list), at: ProviderFixture.now)
        #expect(
            reading == RateLimitReading(limit: 1_000, remaining: 998, resetsIn: .seconds(headers.resetsIn))
        )
    }
}
