import Chat
import Limits
import MongoDB
import Synchronization
import Testing

@testable import Facts

/// How sources are asked, whatever they are.
struct FactStoreTests {
    private static let key = FactKey(kind: "listing", id: "7")

    /// Answers what a test wants, and counts how often.
    final class CountedSource: FactSource {
        let origin: FactOrigin
        let isCached: Bool
        let watches: [FactWatch]
        private let answer = Mutex<Result<[String: FactRecord], FactSourceError>>(.success([:]))
        private let asked = Mutex<[[String]]>([])

        init(_ origin: FactOrigin, isCached: Bool = true, watches: [FactWatch] = []) {
            (self.origin, self.isCached, self.watches) = (origin, isCached, watches)
        }

        var calls: [[String]] { asked.withLock { $0 } }
        func answers(_ result: Result<[String: FactRecord], FactSourceError>) { answer.withLock { $0 = result } }

        func covers(_ kind: String) -> Bool { kind != "order" }

        func load(_ kind: String, _ ids: [String]) throws(FactSourceError) -> [String: FactRecord] {
            asked.withLock { $0.append(ids) }
            return try answer.withLock { $0 }.get()
        }
    }

    private static func store(
        _ sources: [CountedSource],
        _ clock: TestClock,
        _ limits: Limits.Facts = .init()
    ) -> FactStore {
        FactStore(sources: sources, limits: limits, now: { clock.now })
    }

    @Test func aSourceThatFailedIsLeftAloneForAWhile() {
        let (source, clock) = (CountedSource(.app), TestClock())
        let store = Self.store([source], clock)
        source.answers(.failure(FactSourceError(reason: "down")))
        for _ in 0..<10 { #expect(store.load([Self.key])[Self.key, "status"] == .unavailable(reason: "down")) }
        #expect(source.calls.count == 1)
        // Another kind may be in another collection.
        _ = store.load([FactKey(kind: "user", id: "u1")])
        #expect(source.calls.count == 2)
        source.answers(.success(["7": FactRecord(["status": .string("active")])]))
        clock.advance(seconds: 1)
        #expect(store.load([Self.key])[Self.key, "status"] == .unavailable(reason: "down"))
        clock.advance(seconds: 1)
        #expect(store.load([Self.key])[Self.key, "status"] == .value(.string("active")))
        #expect(source.calls.count == 3)
    }

    @Test func onlyWhatIsNotRememberedIsAsked() {
        let (source, clock) = (CountedSource(.app), TestClock())
        let store = Self.store([source], clock)
        source.answers(.success(["7": FactRecord(["status": .string("active")])]))
        _ = store.load([Self.key])
        let other = FactKey(kind: "listing", id: "8")
        let table = store.load([Self.key, other])
        #expect(table[Self.key, "status"] == .value(.string("active")))
        #expect(table[other, "status"] == .missing)
        #expect(source.calls == [["7"], ["8"]])
    }

    /// Each look at the clock tells that a watcher, or whoever asks, has looked whether there is anything to watch for.
    @Test func isWatchedOnlyWhileSomethingMayBeRemembered() async throws {
        let (clock, opened) = (TestClock(), LogLines())
        let (looks, look) = AsyncStream.makeStream(of: Void.self)
        let watch = FactWatch(
            origin: .app,
            name: "shop.listings",
            kinds: nil,
            collection: "listings",
            pipeline: [],
            looksUpDocuments: false,
            open: { () throws(MongoError) in
                opened.add("opened")
                throw .refusal("may not")
            },
            touched: { _ in [] }
        )
        var limits = Limits.Facts()
        limits.watchMilliseconds = 1
        let store = FactStore(sources: [CountedSource(.app, watches: [watch])], limits: limits) {
            look.yield()
            return clock.now
        }
        _ = store.load([Self.key])
        clock.advance(seconds: Int64(limits.cacheSeconds))
        let (reports, report) = AsyncStream.makeStream(of: FactWatchReport.self)
        let watching = Task { await store.watch { report.yield($0) } }
        var looked = looks.makeAsyncIterator()
        for _ in 0..<10 { await looked.next() }
        #expect(opened.all.isEmpty)
        _ = store.load([Self.key])
        var said = reports.makeAsyncIterator()
        guard case .refused("shop.listings", _) = await said.next() else {
            Issue.record("not watched")
            return
        }
        #expect(opened.all.count == 1)
        watching.cancel()
        await watching.value
    }

    @Test func whatIsOursIsAskedEveryTime() {
        let (source, clock) = (CountedSource(.chat, isCached: false), TestClock())
        let store = Self.store([source], clock)
        for _ in 0..<3 { _ = store.load([Self.key]) }
        #expect(source.calls.count == 3)
    }

    @Test func queriesAreBounded() {
        let (source, clock) = (CountedSource(.app), TestClock())
        var limits = Limits.Facts()
        limits.queryKeys = 10
        let store = Self.store([source], clock, limits)
        _ = store.load(Set((0..<25).map { FactKey(kind: "listing", id: "\($0)") }))
        #expect(source.calls.map(\.count).sorted() == [5, 10, 10])
        #expect(Set(source.calls.joined()).count == 25)
    }

    @Test func kindsThatNoSourceCoversAreMissing() {
        let (source, clock) = (CountedSource(.app), TestClock())
        let order = FactKey(kind: "order", id: "1")
        #expect(Self.store([source], clock).load([order])[order, "state"] == .missing)
        #expect(source.calls.isEmpty)
    }
}
