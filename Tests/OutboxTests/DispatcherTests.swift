import Blocking
import Chat
import History
import Limits
import MongoDB
import TestSupport
import Testing

@testable import Outbox

struct DispatcherTests {
    @Test func whatIsWrittenIsPerformedOnceAndKeepsItsTimeline() async throws {
        try await withOutbox { outbox in
            let effects = (0..<300).map { Effect.sample($0, lane: "l\($0 % 40)") }
            let performer = RecordingPerformer()
            #expect(try await outbox.write(effects) == 300)
            #expect(try await outbox.write(effects) == 0)
            let dispatcher = outbox.dispatcher(performer)
            try await withRunning(dispatcher) {
                await performer.waitFor(300)
                let again = try await outbox.write(effects)
                #expect(again == 0)
            }
            #expect(performer.performed.count == 300)
            #expect(Set(try await outbox.states().values) == [.done])
            let document = try await outbox.document(effects[7])
            let timeline = (document.array("timeline") ?? []).compactMap { $0.document?.string("what") }
            #expect(timeline == ["written", "started", "done"])
            #expect(document.string("payload") == nil)
            #expect(document.string("answer") == "ok")
        }
    }

    @Test func aLaneIsPerformedInTheOrderOfWriting() async throws {
        try await withOutbox { outbox in
            let performer = RecordingPerformer { effect, before in
                // Some fail first: what comes after them must wait.
                before == 0 && effect.key.description.hasPrefix("m1")
                    ? .retry(reason: "503", after: nil) : .done(answer: "")
            }
            let effects = (0..<60).map { Effect.sample($0, lane: "l\($0 % 3)") }
            _ = try await outbox.write(effects)
            let dispatcher = outbox.dispatcher(performer)
            try await withRunning(dispatcher) { await performer.waitFor(60 + 11) }
            for lane in ["l0", "l1", "l2"] {
                var last: [Effect.EffectKey] = []
                for effect in performer.performed where effect.lane == lane && last.last != effect.key {
                    last.append(effect.key)
                }
                #expect(last == effects.filter { $0.lane == lane }.map(\.key))
            }
            #expect(Set(try await outbox.states().values) == [.done])
        }
    }

    @Test(arguments: [EffectMode.off, .record])
    func onlyWithEffectsOnIsAnythingPerformed(mode: EffectMode) async throws {
        try await withOutbox { outbox in
            let performer = RecordingPerformer()
            let dispatcher = outbox.dispatcher(performer)
            try await withRunning(dispatcher) {
                _ = try await outbox.write([.sample(1), .sample(2)], mode: mode)
                dispatcher.notify()
                // What is on comes after them and is performed: they would have been.
                _ = try await outbox.write([.sample(3)])
                dispatcher.notify()
                await performer.waitFor(1)
            }
            #expect(performer.performed.map(\.key) == [Effect.sample(3).key])
            let states = try await outbox.states()
            #expect(states[Effect.sample(1).key.description] == (mode == .record ? .recorded : nil))
        }
    }

    @Test func whatIsTooOldIsStaleEvenIfItWaitedInTheOutbox() async throws {
        try await withOutbox { outbox in
            let now = DispatcherClock.system.now()
            let hourAgo = Timestamp(nanoseconds: now.nanoseconds - 3_600_000_000_000)
            let old = Effect.sample(1, maximumAge: .seconds(900), eventTime: hourAgo)
            // Written by a node whose clock is an hour behind: stale only when its turn comes.
            let waiting = Effect.sample(2, maximumAge: .seconds(900), eventTime: hourAgo)
            let ageless = Effect.sample(3, eventTime: hourAgo)
            _ = try await outbox.write([old])
            _ = try await blocking { try outbox.store.write([waiting], mode: .on, order: outbox.order, at: hourAgo) }
            _ = try await outbox.write([ageless])
            let performer = RecordingPerformer()
            let dispatcher = outbox.dispatcher(performer)
            try await withRunning(dispatcher) { await performer.waitFor(1) }
            #expect(performer.performed.map(\.key) == [ageless.key])
            let states = try await outbox.states()
            #expect(states[old.key.description] == .stale && states[waiting.key.description] == .stale)
        }
    }

    @Test func whatIsRefusedIsDeadAndCanBeTriedAgain() async throws {
        try await withOutbox { outbox in
            let performer = RecordingPerformer { _, before in
                before == 0 ? .refused(reason: "code 4: input") : .done(answer: "")
            }
            _ = try await outbox.write([.sample(1)])
            let dispatcher = outbox.dispatcher(performer)
            try await withRunning(dispatcher) { await performer.waitFor(1) }
            var document = try await outbox.document(.sample(1))
            #expect(document.string("state") == "dead")
            #expect(document.string("answer") == "code 4: input")
            #expect(document.string("payload") == "{\"n\":1}")
            let isRetried = try await blocking {
                try outbox.store.retry(
                    Effect.sample(1).key,
                    by: "op",
                    order: outbox.order,
                    at: DispatcherClock.system.now()
                )
            }
            #expect(isRetried)
            let second = outbox.dispatcher(performer)
            try await withRunning(second) { await performer.waitFor(2) }
            document = try await outbox.document(.sample(1))
            #expect(document.string("state") == "done")
        }
    }

    @Test func whatFailsAgainAndAgainIsDeadButNotWhileItsDestinationIsDown() async throws {
        var limits = Limits.Outbox.forTests
        (limits.attempts, limits.circuitFailures) = (3, 1_000)
        try await withOutbox(limits: limits) { outbox in
            let performer = RecordingPerformer { _, _ in .retry(reason: "500", after: nil) }
            _ = try await outbox.write([.sample(1)])
            let dispatcher = outbox.dispatcher(performer)
            try await withRunning(dispatcher) { await performer.waitFor(3) }
            #expect(try await outbox.states().values.first == .dead)
        }
        limits.circuitFailures = 1
        try await withOutbox(limits: limits) { outbox in
            let performer = RecordingPerformer { _, before in
                before < 12 ? .retry(reason: "connection refused", after: nil) : .done(answer: "")
            }
            _ = try await outbox.write([.sample(1)])
            let dispatcher = outbox.dispatcher(performer)
            try await withRunning(dispatcher) { await performer.waitFor(13) }
            #expect(try await outbox.states().values.first == .done)
        }
    }

    @Test func aWrongSecretStopsTheDestinationAndBurnsNothing() async throws {
        try await withOutbox { outbox in
            let isMended = Locked(false)
            let performer = RecordingPerformer { _, _ in
                isMended.withLock { $0 } ? .done(answer: "") : .misconfigured(reason: "401 code 5: check the secret")
            }
            _ = try await outbox.write((0..<50).map { .sample($0, lane: "l\($0)") })
            let dispatcher = outbox.dispatcher(performer)
            try await withRunning(dispatcher) {
                await performer.waitFor(Limits.Outbox.forTests.providerCalls)
                try await eventually { outbox.health.stopped[.provider]?.reason == "401 code 5: check the secret" }
                isMended.withLock { $0 = true }
                await performer.waitFor(50 + Limits.Outbox.forTests.providerCalls)
                try await eventually { outbox.health.stopped.isEmpty }
            }
            #expect(Set(try await outbox.states().values) == [.done])
        }
    }

    @Test func aPausedDestinationWaitsAndCancelledEffectsAreNotPerformed() async throws {
        try await withOutbox { outbox in
            let performer = RecordingPerformer()
            let now = DispatcherClock.system.now()
            try await blocking {
                try DestinationControls(try outbox.store).set(.provider, isPaused: true, by: "op", at: now)
            }
            _ = try await outbox.write([.sample(1), .sample(2), .sample(3, notBefore: .distantFuture)])
            let dispatcher = outbox.dispatcher(performer)
            try await withRunning(dispatcher) {
                for number in [1, 3] {
                    let isStopped = try await blocking {
                        try outbox.store.cancel(Effect.sample(number).key, by: "op", at: now)
                    }
                    #expect(isStopped)
                }
                #expect(performer.performed.isEmpty)
                try await blocking {
                    try DestinationControls(try outbox.store).set(.provider, isPaused: false, by: "op", at: now)
                }
                await performer.waitFor(1)
            }
            #expect(performer.performed.map(\.key) == [Effect.sample(2).key])
            #expect(try await outbox.states().values.filter { $0 == .cancelled }.count == 2)
        }
    }

    @Test func scheduledEffectsWaitForTheirTime() async throws {
        try await withOutbox { outbox in
            let performer = RecordingPerformer()
            let now = DispatcherClock.system.now()
            let soon = Timestamp(nanoseconds: now.nanoseconds + 300_000_000)
            _ = try await outbox.write([.sample(1, lane: "a", notBefore: soon), .sample(2, lane: "b")])
            let dispatcher = outbox.dispatcher(performer)
            try await withRunning(dispatcher) { await performer.waitFor(2) }
            #expect(performer.performed.map(\.key) == [Effect.sample(2).key, Effect.sample(1).key])
            #expect(DispatcherClock.system.now() >= soon)
        }
    }

    @Test func severalEffectsOfOneActionShareACall() async throws {
        try await withOutbox { outbox in
            let performer = RecordingPerformer(batch: 100)
            _ = try await outbox.write((0..<250).map { .sample($0, lane: "u\($0)", action: "user.upsert") })
            let dispatcher = outbox.dispatcher(performer)
            try await withRunning(dispatcher) { await performer.waitFor(250) }
            #expect(Set(try await outbox.states().values) == [.done])
        }
    }

    @Test func twoNodesShareTheWorkWithoutDoublesAndOneTakesOverFromADeadOne() async throws {
        try await withOutbox { outbox in
            let (first, second) = (RecordingPerformer(), RecordingPerformer())
            let (a, b) = (outbox.dispatcher(first, node: "a"), outbox.dispatcher(second, node: "b"))
            let effects = (0..<400).map { Effect.sample($0, lane: "l\($0)") }
            try await withRunning(b) {
                try await withRunning(a) {
                    _ = try await outbox.write(Array(effects[..<200]))
                    try await eventually { Set(try await outbox.states().values) == [.done] }
                }
                // `a` has left: `b` alone finishes what comes.
                _ = try await outbox.write(Array(effects[200...]))
                b.notify()
                try await eventually { Set(try await outbox.states().values) == [.done] }
            }
            let all = (first.performed + second.performed).map(\.key)
            #expect(all.count == 400 && Set(all).count == 400)
        }
    }

    @Test func aNodeThatCameToALateEndChangesNothing() async throws {
        try await withOutbox { outbox in
            _ = try await outbox.write([.sample(1, lane: "x")])
            try await blocking {
                let store = try outbox.store
                let row = try #require(
                    try store.open(.provider, shards: Array(0..<Shard.count), from: .min).rows.first
                )
                let now = DispatcherClock.system.now()
                let early = row.begun(3)
                #expect(try store.move([], begin: [row], tokens: [row.shard: 3], node: "old", at: now) == [row.key])
                #expect(try store.move([], begin: [early], tokens: [row.shard: 4], node: "new", at: now) == [row.key])
                // The old node can neither conclude nor begin it any more.
                _ = try store.move(
                    [.init(row: early, state: .dead, entry: .init(at: now, what: .dead))],
                    begin: [],
                    tokens: [:],
                    node: "old",
                    at: now
                )
                #expect(try store.move([], begin: [early], tokens: [row.shard: 3], node: "old", at: now).isEmpty)
                _ = try store.move(
                    [.init(row: row.begun(4), state: .done, entry: .init(at: now, what: .done))],
                    begin: [],
                    tokens: [:],
                    node: "new",
                    at: now
                )
            }
            let document = try await outbox.document(.sample(1))
            let timeline = (document.array("timeline") ?? []).compactMap { $0.document?.string("what") }
            #expect(timeline == ["written", "started", "taken_over", "done"])
        }
    }

    @Test func leasesOfADeadNodeAreTakenOverWithHigherTokens() async throws {
        var limits = Limits.Outbox.forTests
        limits.leaseSeconds = 1
        try await withOutbox(limits: limits) { outbox in
            try await blocking {
                let store = try outbox.store
                var (dead, heir) = (ShardLeases(store, node: "dead"), ShardLeases(store, node: "heir"))
                try dead.renew(at: .zero, busy: [])
                #expect(dead.tokens.count == Shard.count)
                let before = dead.tokens
                // The dead node never renews: its leases end by the server's clock, and are asked for until then.
                while heir.tokens.count < Shard.count { try heir.renew(at: .zero, busy: []) }
                for (shard, token) in heir.tokens { #expect(token > before[shard] ?? 0) }
                // It finds out when it comes back.
                try dead.renew(at: .zero, busy: [])
                #expect(dead.tokens.count <= Shard.count / 2)
                #expect(dead.tokens.allSatisfy { before[$0.key] != $0.value })
            }
        }
    }

    @Test func aNodeThatJoinsGetsItsShareThoughTheOtherIsBusy() async throws {
        try await withOutbox { outbox in
            try await blocking {
                let store = try outbox.store
                let all = Set(0..<Shard.count)
                var (busy, helper) = (ShardLeases(store, node: "busy"), ShardLeases(store, node: "helper"))
                try busy.renew(at: .zero, busy: all)
                try helper.renew(at: .zero, busy: [])
                #expect(helper.tokens.isEmpty)
                // Nothing more is begun in half of them, so that they come to rest.
                try busy.renew(at: .seconds(1), busy: all)
                #expect(busy.leaving.count == Shard.count / 2 && busy.tokens.count == Shard.count)
                let restless = busy.leaving.sorted()[0]
                try busy.renew(at: .seconds(2), busy: [restless])
                #expect(busy.leaving == [restless] && busy.active.count == Shard.count / 2)
                try helper.renew(at: .seconds(2), busy: [])
                #expect(helper.tokens.count == Shard.count / 2 - 1)
            }
        }
    }

    @Test func withoutALeaseNothingIsBegun() async throws {
        try await withOutbox { outbox in
            _ = try await outbox.write([.sample(1)])
            try await blocking {
                let store = try outbox.store
                let row = try #require(try store.open(.provider, shards: Array(0..<Shard.count), from: .min).rows.first)
                let begun = try store.move([], begin: [row], tokens: [:], node: "a", at: DispatcherClock.system.now())
                #expect(begun.isEmpty)
            }
            #expect(try await outbox.states().values.first == .waiting)
        }
    }

    @Test func leavingKeepsTheLeasesAndWritesDownWhatEndsWhileTheSlowestCallGoesOn() async throws {
        var limits = Limits.Outbox.forTests
        // On a machine so busy that a lease cannot be renewed in this time, the heir is right to take over.
        limits.leaseSeconds = 10
        try await withOutbox(limits: limits) { outbox in
            let gate = Gate()
            let slow = Effect.sample(0, lane: "slow").key
            let performer = RecordingPerformer { effect, _ in
                if effect.key == slow { await gate.wait() }
                return .done(answer: "")
            }
            let heir = RecordingPerformer()
            _ = try await outbox.write((0..<9).map { .sample($0, lane: $0 == 0 ? "slow" : "l\($0)") })
            let (leaving, staying) = (outbox.dispatcher(performer, node: "a"), outbox.dispatcher(heir, node: "b"))
            let running = Task { await leaving.run() }
            await performer.waitFor(9)
            running.cancel()
            try await withRunning(staying) {
                try await eventually { try await outbox.states().values.count { $0 == .done } == 8 }
                let shard = "\(Shard.of("slow"))"
                let lease = try #require(try await outbox.lease(shard))
                // The heir has looked after the end of that lease: once it writes its heartbeat again, it is through.
                let passed = lease.until + Int64(outbox.limits.leaseSeconds) * 1_000
                let heartbeat = try await outbox.lease("node/b") { $0.until >= passed }
                _ = try await outbox.lease("node/b") { $0.until > heartbeat.until }
                let kept = try #require(try await outbox.lease(shard))
                #expect(kept.owner == "a" && kept.token == lease.token && kept.until > lease.until)
                #expect(try await outbox.states()[slow.description] == .running)
                gate.open()
                await running.value
            }
            #expect(try await outbox.states()[slow.description] == .done)
            #expect(heir.performed.isEmpty)
        }
    }

    @Test func aDestinationThatNamesATimeBurnsNothing() async throws {
        var limits = Limits.Outbox.forTests
        limits.attempts = 2
        try await withOutbox(limits: limits) { outbox in
            let performer = RecordingPerformer { _, before in
                switch before {
                case 0...3: .retry(reason: "503", after: .milliseconds(20))
                case 4...7: .limited(reason: "429", after: .milliseconds(20))
                default: .done(answer: "")
                }
            }
            _ = try await outbox.write((0..<20).map { .sample($0, lane: "l\($0)") })
            let dispatcher = outbox.dispatcher(performer)
            try await withRunning(dispatcher) { await performer.waitFor(20 * 9) }
            #expect(Set(try await outbox.states().values) == [.done])
        }
    }

    /// More than one action may hold in memory, and more than a page, written at once and stuck.
    @Test func whatIsStuckInNumbersHidesNothingBehindIt() async throws {
        var limits = Limits.Outbox.forTests
        (limits.rowsPerAction, limits.pageRows, limits.rowsPerLane) = (200, 100, 4)
        try await withOutbox(limits: limits) { outbox in
            let performer = LimitingPerformer(RecordingPerformer(), action: "sendMessage")
            _ = try await outbox.write((0..<2_000).map { .sample($0, lane: "c\($0 % 700)", action: "sendMessage") })
            _ = try await outbox.write([.sample(2_000, lane: "ada", action: "ban")])
            let dispatcher = outbox.dispatcher(performer)
            try await withRunning(dispatcher) {
                await performer.inner.waitFor(1)
                #expect(performer.inner.performed.map(\.action) == ["ban"])
                performer.lift()
                await performer.inner.waitFor(2_001)
            }
            let order = Dictionary(grouping: performer.inner.performed, by: \.lane)
            for effects in order.values {
                let numbers = effects.compactMap { Int($0.key.description.dropFirst().prefix { $0 != "/" }) }
                #expect(numbers == numbers.sorted())
            }
            #expect(Set(try await outbox.states().values) == [.done])
        }
    }

    @Test func nodesThatAreLongDeadAreForgotten() async throws {
        var limits = Limits.Outbox.forTests
        // What is claimed has to hold until it is looked at, however busy the machine.
        limits.leaseSeconds = 60
        try await withOutbox(limits: limits) { outbox in
            try await blocking {
                let store = try outbox.store
                let now = DispatcherClock.system.now().milliseconds
                func heartbeats() throws -> [String] {
                    var names: [String] = []
                    try store.history.pool.withConnection { connection throws(MongoError) in
                        try connection.find(Collection.outboxLeases.rawValue, BSONDocument(), in: outbox.database) {
                            (document: BSONDocument) throws(MongoError) in
                            if let name = document.string("_id") { names.append(name) }
                            return true
                        }
                    }
                    return names.sorted()
                }
                for (name, hours) in [("long-dead", Int64(25)), ("just-dead", 23)] {
                    var change = BSONDocument()
                    change.append("$set") { $0.append("until", date: now - hours * 3_600_000) }
                    let update = MongoUpdate(filter: .id("node/\(name)"), update: change, upsert: true)
                    _ = try store.history.pool.withConnection { connection throws(MongoError) in
                        try connection.update([update], in: Collection.outboxLeases.rawValue, of: outbox.database)
                    }
                }
                var leases = ShardLeases(store, node: "alive")
                try leases.renew(at: .zero, busy: [])
                #expect(leases.tokens.count == Shard.count)
                #expect(try heartbeats() == ["node/alive", "node/just-dead"])
            }
        }
    }

    @Test func finishedEffectsAreRemovedAfterTheirRetention() async throws {
        try await withOutbox { outbox in
            _ = try await outbox.write([.sample(1)], mode: .record)
            _ = try await outbox.write([.sample(2)])
            try await blocking {
                let later = Timestamp(nanoseconds: DispatcherClock.system.now().nanoseconds + 1_000_000_000)
                let removed = try outbox.store.removeFinished(before: later)
                #expect(removed == 1)
            }
            #expect(try await outbox.states().keys.sorted() == [Effect.sample(2).key.description])
        }
    }
}

/// Lets nothing of one action through until it is told to.
private final class LimitingPerformer: EffectPerformer {
    let inner: RecordingPerformer
    private let action: String
    private let isLifted = Locked(false)

    init(_ inner: RecordingPerformer, action: String) { (self.inner, self.action) = (inner, action) }

    func lift() { isLifted.withLock { $0 = true } }

    func delay(before effects: [PendingEffect]) -> Duration? {
        effects.contains { $0.action == action } && !isLifted.withLock { $0 } ? .milliseconds(20) : nil
    }

    func perform(_ effects: [PendingEffect]) async -> [EffectOutcome] { await inner.perform(effects) }
}
