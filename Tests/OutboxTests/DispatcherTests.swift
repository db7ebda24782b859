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

    /// An order is given before the commit, which takes as long as it takes.
    @Test func whatWasCommittedLateIsNotOvertaken() async throws {
        var limits = Limits.Outbox.forTests
        limits.rescanMilliseconds = 2_000
        (limits.lanesPerLook, limits.pageRows) = (2, 3)
        try await withOutbox(limits: limits) { outbox in
            let performer = RecordingPerformer()
            let dispatcher = outbox.dispatcher(performer)
            try await withRunning(dispatcher) {
                _ = try await outbox.write([.sample(0, lane: "y")])
                dispatcher.notify()
                await performer.waitFor(1)
                let lanes = ["x", "y", "z", "u", "v"]
                try await blocking {
                    let now = DispatcherClock.system.now()
                    for (part, seconds) in [20, 10, 0].enumerated() as EnumeratedSequence<[Int64]> {
                        try outbox.store.write(
                            lanes.enumerated().map { .sample(10 * part + $0 + 1, lane: $1) },
                            mode: .on,
                            order: WriteOrder(),
                            at: Timestamp(nanoseconds: now.nanoseconds - seconds * 1_000_000_000)
                        )
                    }
                }
                dispatcher.notify()
                await performer.waitFor(16)
                for (number, lane) in lanes.enumerated() {
                    let performed = performer.performed.dropFirst().filter { $0.lane == lane }.map(\.key)
                    #expect(performed == [0, 10, 20].map { Effect.sample($0 + number + 1).key })
                }
            }
            #expect(Set(try await outbox.states().values) == [.done])
        }
    }

    @Test func whatAnotherNodePerformsIsNotOvertaken() async throws {
        try await withOutbox { outbox in
            let performer = RecordingPerformer()
            let (first, second) = (Effect.sample(1, lane: "x"), Effect.sample(2, lane: "x"))
            _ = try await outbox.write([first])
            func set(_ fields: @escaping @Sendable (inout BSONDocument) -> Void) async throws {
                try await blocking {
                    var change = BSONDocument()
                    fields(&change)
                    let update = MongoUpdate(filter: .id(first.key.description), update: change)
                    let result = try outbox.store.update([update])
                    #expect(result.modified == 1)
                }
            }
            try await set {
                $0.append("$set") {
                    $0.append("state", EffectState.running.rawValue)
                    $0.append("token", Int64(1) << 40)
                    $0.append("node", "other")
                }
            }
            _ = try await outbox.write([second])
            let dispatcher = outbox.dispatcher(performer)
            try await withRunning(dispatcher) {
                for number in 3...5 {
                    _ = try await outbox.write([.sample(number, lane: "l\(number)")])
                    dispatcher.notify()
                    await performer.waitFor(number - 2)
                }
                #expect(performer.performed.map(\.key) == [3, 4, 5].map { Effect.sample($0).key })
                try await set {
                    $0.append("$set") { $0.append("state", EffectState.done.rawValue) }
                    $0.append("$unset") { $0.append("open", Int32(1)) }
                }
                await performer.waitFor(4)
            }
            #expect(performer.performed.last?.key == second.key)
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
