import Chat
import History
import Limits
import MongoDB
import TestSupport
import Testing

@testable import Outbox

/// Several nodes share the shards, each performed by one at a time.
struct ShardLeaseTests {
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
            // The slow one may be the last that begins: then no call ends any more that could tell.
            await performer.waitForBeginnings(9)
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
}
