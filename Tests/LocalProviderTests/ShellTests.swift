import Limits
import TestSupport
import Testing

@testable import local_provider

/// The pure parts around the state: limits, faults, retries, filters, command line.
struct ShellTests {
    // MARK: Limits

    @Test func aMinutesCallsAreCounted() {
        var windows = RateWindows(.init(callsPerMinute: [.ban: 3], secondShare: 0))
        let standings = (0..<5).map { windows.admit(.ban, at: 600 + $0) }
        #expect(standings.map { $0?.isAllowed } == [true, true, true, false, false])
        #expect(standings.map { $0?.remaining } == [2, 1, 0, 0, 0])
        #expect(standings.map { $0?.reset } == [660, 660, 660, 660, 660])
        #expect(windows.admit(.unban, at: 610)?.isAllowed == true)
        #expect(windows.standing(.ban, at: 659).remaining == 0)
        #expect(windows.standing(.ban, at: 660).remaining == 3)
        #expect(windows.admit(.ban, at: 660)?.remaining == 2)
    }

    @Test func aSecondHasItsShare() {
        var windows = RateWindows(.init(callsPerMinute: [.sendMessage: 90]))
        let allowed = (0..<5).map { _ in windows.admit(.sendMessage, at: 60)?.isAllowed }
        #expect(allowed == [true, true, true, false, false])
        #expect(windows.admit(.sendMessage, at: 61)?.isAllowed == true)
    }

    @Test func withoutLimitsThereIsNothingToTell() {
        var windows = RateWindows(.init(isOff: true))
        #expect(windows.admit(.sendMessage, at: 0) == nil)
    }

    // MARK: Faults

    private func plan(_ json: String) throws -> FaultPlan {
        try FaultPlan(try Value(parsing: json).object ?? [:], limits: Limits.LocalProvider())
    }

    @Test func theNextCallsMeetAFaultAndThenNoMore() throws {
        var plan = try plan(#"{"rules":[{"fault":"cut_after_apply","next":2,"endpoint":"SendMessage"}]}"#)
        var random = SplitMix(seed: 1)
        let endpoints: [Endpoint] = [.ban, .sendMessage, .ban, .sendMessage, .sendMessage]
        let faults = endpoints.map { plan.next(for: $0, using: &random) }
        #expect(faults == [nil, .cutAfterApply, nil, .cutAfterApply, nil])
        #expect(plan.rules.isEmpty)
    }

    @Test func someCallsPassBeforeAFault() throws {
        var plan = try plan(#"{"rules":[{"fault":"cut","after":2,"next":1,"endpoint":"SendMessage"}]}"#)
        var random = SplitMix(seed: 1)
        let endpoints: [Endpoint] = [.sendMessage, .ban, .sendMessage, .ban, .sendMessage, .sendMessage]
        let faults = endpoints.map { plan.next(for: $0, using: &random) }
        #expect(faults == [nil, nil, nil, nil, .cut, nil])
        #expect(plan.rules.isEmpty)
    }

    @Test func aShareOfCallsMeetsAFault() throws {
        var plan = try plan(#"{"rules":[{"fault":"error","status":503,"share":0.25,"retry_after":2}]}"#)
        var random = SplitMix(seed: 7)
        let faults = (0..<4_000).compactMap { _ in plan.next(for: .ban, using: &random) }
        #expect(900...1_100 ~= faults.count)
        #expect(faults.first == .error(status: 503, code: -1, retryAfter: 2))
    }

    @Test func anOutageCutsEveryCall() throws {
        var plan = try plan(#"{"outage":true,"latency_ms":3}"#)
        var random = SplitMix(seed: 1)
        #expect(plan.next(for: .getApp, using: &random) == .cut)
        #expect(plan.latency(using: &random) == .milliseconds(3))
    }

    @Test(arguments: [
        #"{"latency":1}"#, #"{"latency_ms":-1}"#, #"{"latency_ms":"5"}"#, #"{"latency_ms":60001}"#,
        #"{"rules":[{"fault":"flood","next":1}]}"#, #"{"rules":[{"fault":"cut"}]}"#,
        #"{"rules":[{"fault":"cut","share":2}]}"#, #"{"rules":[{"fault":"cut","next":1,"endpoint":"Sing"}]}"#,
        #"{"rules":[{"fault":"error","status":200,"next":1}]}"#,
        #"{"rules":[{"fault":"cut","next":1,"after":-1}]}"#,
    ])
    func aWrongPlanIsRefused(_ json: String) {
        #expect(throws: Refusal.self) { try plan(json) }
    }

    @Test func aPlanIsShownAsItWasGiven() throws {
        let rule =
            #"{"after":2,"next":3,"share":0.0,"endpoint":"Ban","fault":"error","status":429,"code":9,"retry_after":1}"#
        let json = #"{"latency_ms":1,"jitter_ms":2,"outage":false,"drop_webhooks":4,"rules":[\#(rule)]}"#
        #expect(try Value.object(plan(json).fields) == Value(parsing: json))
    }

    // MARK: Deliveries

    @Test(arguments: [
        (DeliveryPolicy.Outcome.answered(status: 200), 1), (.answered(status: 404), 1), (.answered(status: 401), 1),
        (.answered(status: 408), 3), (.answered(status: 429), 3), (.answered(status: 503), 3), (.timedOut, 3),
        (.unreachable, 2),
    ])
    func deliveriesAreTriedAsOftenAsTheProviderDoes(_ outcome: DeliveryPolicy.Outcome, _ attempts: Int) {
        let policy = DeliveryPolicy()
        let waits = (1...5).map { policy.wait(after: outcome, attempt: $0, elapsed: .zero) }
        #expect(waits.count { $0 != nil } == attempts - 1)
        #expect(policy.wait(after: outcome, attempt: 1, elapsed: .seconds(15)) == nil)
    }

    // MARK: Filters

    static let ada: Fields = [
        "id": "ada", "age": 36, "tags": ["x", "y"], "born": "1815-12-10T00:00:00Z", "name": "Ada Lovelace",
        "address": ["city": "London"],
    ]

    @Test(arguments: [
        (#"{}"#, true), (#"{"id":"ada"}"#, true), (#"{"id":"bob"}"#, false), (#"{"id":{"$in":["ada","bob"]}}"#, true),
        (#"{"id":{"$nin":["ada"]}}"#, false), (#"{"id":{"$ne":"bob"}}"#, true), (#"{"age":{"$gt":35,"$lt":37}}"#, true),
        (#"{"age":{"$gte":37}}"#, false), (#"{"age":36.0}"#, true), (#"{"age":{"$gt":"35"}}"#, false),
        (#"{"tags":"x"}"#, true), (#"{"tags":{"$in":["z","y"]}}"#, true), (#"{"tags":{"$contains":"z"}}"#, false),
        (#"{"address.city":"London"}"#, true), (#"{"address.zip":{"$exists":false}}"#, true),
        (#"{"born":{"$lt":"1815-12-10T01:00:00.5+00:30"}}"#, true), (#"{"name":{"$autocomplete":"love"}}"#, true),
        (#"{"$or":[{"id":"bob"},{"age":36}]}"#, true), (#"{"$nor":[{"id":"bob"},{"age":36}]}"#, false),
        (#"{"$and":[{"id":"ada"},{"age":1}]}"#, false), (#"{"nothing":{"$gt":1}}"#, false),
    ])
    func aFilterMatches(_ conditions: String, _ matches: Bool) throws {
        #expect(try Filter.matches(Self.ada, Value(parsing: conditions).object ?? [:]) == matches)
    }

    @Test func whatLacksTheKeyComesLast() throws {
        let people: [Fields] = [["id": 1], ["id": 2, "age": 5], ["id": 3, "age": 9], ["id": 4, "age": 5]]
        let order: [Value] = [["field": "age", "direction": -1], ["field": "id", "direction": 1]]
        #expect(people.sorted(by: order).map { $0["id"] } == [3, 2, 4, 1])
    }

    // MARK: Command line

    @Test func theCommandLineIsRead() throws {
        let words = ["--api-key", "k", "--api-secret", "s", "--port", "81", "--limit", "Ban=7", "--no-limits"]
        let options = try Options(words)
        #expect(options.port == 81 && options.rules.callsPerMinute == [.ban: 7] && options.rules.isOff)
    }

    @Test(arguments: [
        [], ["--api-key", "k"], ["--api-key", "k", "--api-secret", "s", "--port", "x"],
        ["--api-key", "k", "--api-secret", "s", "--limit", "Sing=1"], ["--api-key"], ["--sing"],
    ])
    func aWrongCommandLineIsRefused(_ words: [String]) {
        #expect(throws: Options.Fault.self) { try Options(words) }
    }
}
