import Chat
import Limits
import Testing

@testable import Facts

struct FactCacheTests {
    private static func key(_ id: Int, kind: String = "listing", _ origin: FactOrigin = .pushed) -> FactCache.Key {
        FactCache.Key(origin: origin, key: FactKey(kind: kind, id: "\(id)"))
    }

    private static func seconds(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1_000) }

    private static func keep(_ record: FactRecord?, as key: FactCache.Key, at time: Int64 = 0, _ cache: inout FactCache)
    {
        let load = cache.begin([key])
        cache.end(load, [key: FactCache.Entry(record: record, at: seconds(time))])
    }

    private static let record = FactRecord(["status": .string("active")])

    @Test func whatIsThereIsBelievedLongerThanWhatIsNot() {
        var cache = FactCache(limits: .init())
        Self.keep(Self.record, as: Self.key(1), &cache)
        Self.keep(nil, as: Self.key(2), &cache)
        for (time, first, second) in [(4, true, true), (5, true, false), (59, true, false), (60, false, false)] {
            #expect((cache.find(Self.key(1), now: Self.seconds(Int64(time))) != nil) == first, "\(time) s")
            #expect((cache.find(Self.key(2), now: Self.seconds(Int64(time))) != nil) == second, "\(time) s")
        }
        // Whoever may not wait takes what was known last.
        #expect(cache.lastKnown(Self.key(1))?.record == Self.record)
        #expect(cache.lastKnown(Self.key(2)).map { $0.record == nil } == true)
    }

    @Test func notAfterTheClockWasSetBack() {
        var cache = FactCache(limits: .init())
        Self.keep(Self.record, as: Self.key(1), at: 100, &cache)
        #expect(cache.find(Self.key(1), now: Self.seconds(99)) == nil)
    }

    @Test func entriesAreBounded() {
        var limits = Limits.Facts()
        limits.cacheEntries = 100
        var cache = FactCache(limits: limits)
        for number in 0..<1_000 {
            Self.keep(Self.record, as: Self.key(number), &cache)
            _ = cache.find(Self.key(0), now: Self.seconds(1))
            #expect(cache.count <= 100)
        }
        #expect(cache.find(Self.key(0), now: Self.seconds(1)) != nil, "what is used stays")
        #expect(cache.find(Self.key(999), now: Self.seconds(1)) != nil)
        #expect(cache.find(Self.key(1), now: Self.seconds(1)) == nil)
    }

    @Test func bytesAreBounded() {
        var limits = Limits.Facts()
        limits.cacheBytes = 100_000
        var cache = FactCache(limits: limits)
        let large = FactRecord(["text": .string(String(repeating: "x", count: 10_000))])
        for number in 0..<100 {
            Self.keep(large, as: Self.key(number), &cache)
            #expect(cache.count <= 10)
        }
        Self.keep(FactRecord(["text": .string(String(repeating: "x", count: 60_000))]), as: Self.key(500), &cache)
        #expect(cache.find(Self.key(500), now: Self.seconds(0)) == nil)
    }

    /// What changes while a source is asked must not be remembered as if it were so still.
    @Test func aLoadOvertakenByAChangeIsOutdated() {
        var cache = FactCache(limits: .init())
        let load = cache.begin([Self.key(1), Self.key(2)])
        cache.forget(Self.key(1))
        let entry = FactCache.Entry(record: Self.record, at: Self.seconds(0))
        cache.end(load, [Self.key(1): entry, Self.key(2): entry])
        #expect(cache.find(Self.key(1), now: Self.seconds(0)) == nil)
        #expect(cache.find(Self.key(2), now: Self.seconds(0)) != nil)
        let later = cache.begin([Self.key(3)])
        cache.forgetAll(from: .pushed, kinds: nil)
        cache.end(later, [Self.key(3): entry])
        for number in 1...3 {
            #expect(cache.find(Self.key(number), now: Self.seconds(0)) == nil)
            #expect(
                cache.lastKnown(Self.key(number))?.record == Self.record,
                "better than nothing for who may not wait"
            )
        }
    }

    @Test func whatChangedIsLastKnownUntilItIsReadAnew() {
        var cache = FactCache(limits: .init())
        Self.keep(Self.record, as: Self.key(1), &cache)
        let before = cache.begin([Self.key(1)])
        cache.forget(Self.key(1))
        #expect(cache.find(Self.key(1), now: Self.seconds(0)) == nil)
        #expect(cache.lastKnown(Self.key(1))?.record == Self.record)

        let sold = FactRecord(["status": .string("sold")])
        Self.keep(sold, as: Self.key(1), &cache)
        #expect(cache.find(Self.key(1), now: Self.seconds(0))?.record == sold)
        // Asked before the change, answered after it was read.
        cache.end(before, [Self.key(1): FactCache.Entry(record: Self.record, at: Self.seconds(0))])
        #expect(cache.find(Self.key(1), now: Self.seconds(0))?.record == sold)
    }

    /// That there is nothing of a kind is untrue as soon as there is one: it must not deny it.
    @Test func thatThereIsNothingOfAKindIsNotLastKnown() {
        for forget: (inout FactCache) -> Void in [
            { $0.forget(Self.nothing) }, { $0.forgetAll(from: .pushed, kinds: ["listing"]) },
        ] {
            var cache = FactCache(limits: .init())
            Self.keep(nil, as: Self.nothing, &cache)
            let load = cache.begin([Self.nothing])
            forget(&cache)
            #expect(cache.lastKnown(Self.nothing) == nil)
            cache.end(load, [Self.nothing: FactCache.Entry(record: nil, at: Self.seconds(0))])
            #expect(cache.lastKnown(Self.nothing) == nil)
            #expect(cache.count == 0)
        }
    }

    private static let nothing = FactCache.Key(origin: .pushed, key: .all(of: "listing"))

    @Test func kindsAndOriginsAreForgottenApart() {
        var cache = FactCache(limits: .init())
        let kept = [Self.key(1, .app), Self.key(1, kind: "user", .app), Self.key(1, .pushed)]
        for key in kept { Self.keep(Self.record, as: key, &cache) }
        cache.forgetAll(from: .app, kinds: ["user"])
        #expect(kept.map { cache.find($0, now: Self.seconds(0)) != nil } == [true, false, true])
        cache.forgetAll(from: .app, kinds: nil)
        #expect(kept.map { cache.find($0, now: Self.seconds(0)) != nil } == [false, false, true])
    }
}

extension FactCacheTests {
    private static func key(_ id: Int, _ origin: FactOrigin) -> FactCache.Key { key(id, kind: "listing", origin) }
}
