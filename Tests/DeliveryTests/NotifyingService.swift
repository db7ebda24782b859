import Analytics
import Blocking
import Chat
import Crypto
import Facts
import Foundation
import History
import JSON
import Limits
import MongoDB
import Notifications
import Telemetry
import TestSupport
import Worker

@testable import Delivery
@testable import Outbox

/// From events to what a channel is given, on a database of its own: history, outbox, dispatcher, desk.
final class NotifyingService: Sendable {
    let history: HistoryHandle
    let channel = RecordingChannel()
    let limits: Limits
    private let settings: EventEffectSettings
    private let desk: NotificationDesk
    private let facts: FactStore
    private let dispatcher: Dispatcher
    private let order = WriteOrder()
    private let mode: EffectMode

    init(_ pool: MongoPool, _ database: String, _ settings: EventEffectSettings, _ limits: Limits, _ mode: EffectMode)
        throws
    {
        (self.settings, self.limits, self.mode) = (settings, limits, mode)
        let history = HistoryHandle { () throws(HistoryError) in
            guard let patterns = try? ContextPatterns() else { throw .noReplicaSet }
            return try HistoryStore.open(
                pool: pool,
                database: database,
                app: AppIdentity(id: nil, apiKeys: ["k"]),
                patterns: patterns,
                weights: EngagementWeights()
            )
        }
        _ = try history.opened()
        self.history = history
        facts = FactStore(history: history, app: nil, limits: limits.facts, now: Self.now)
        desk = NotificationDesk(
            .init(
                templates: .ready,
                moderators: ["mo@example.com"],
                moderatorRoles: ["moderator", "channel_moderator"],
                link: "https://shop.example/chat/{cid}?m={message_id}"
            ),
            history: history,
            facts: facts,
            limits: limits,
            order: order,
            now: Self.now
        )
        dispatcher = Dispatcher(
            history: history,
            performers: [
                .email: NotificationPerformer(channel, audience: .mailbox, desk: desk),
                .init("slack:team"): NotificationPerformer(channel, audience: .room, desk: desk),
                .init("webhook:bridge"): NotificationPerformer(channel, audience: .room, desk: desk),
            ],
            node: "a",
            effects: EffectSwitch(configured: mode),
            limits: limits.outbox,
            order: order,
            health: DestinationHealth(),
            log: .none,
            metrics: Metrics(),
            clock: DispatcherClock(now: Self.now, uptime: { ContinuousClock.now - Self.start })
        )
    }

    static let now: @Sendable () -> Timestamp = {
        Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1_000_000) * 1_000)
    }
    private static let start = ContinuousClock.now

    /// So long ago, as events say it.
    static func time(_ secondsAgo: Int = 1) -> String {
        Timestamp(nanoseconds: now().nanoseconds - Int64(secondsAgo) * 1_000_000_000).rfc3339
    }

    /// Stores events, given as bodies, with what they cause, as the worker does.
    ///
    /// - Returns: how many effects were new.
    @discardableResult
    func store(_ bodies: String...) async throws -> Int {
        try await blocking { [self] in
            let effects = EventEffects(
                settings,
                limits: limits.outbox,
                outbox: OutboxWriter(mode: { [mode] in mode }, order: order, now: Self.now)
            )
            let writer = try HistoryWriter(try history.opened(), effects: effects)
            let parser = JSONParser()
            let received = try bodies.map { body in
                let bytes = Array(body.utf8)
                let event = try StreamProvider().decode(
                    bytes,
                    id: EventID(bytes: SHA256.digest(bytes)),
                    receivedAt: Self.now(),
                    parser: parser
                )
                return ReceivedEvent(event: event, body: bytes, signature: [1])
            }
            let count = try writer.commit(received).effects
            while try writer.sweep(messages: 500) {}
            return count
        }
    }

    func tell(_ kind: String, _ id: String, _ fields: [String: FactValue]) async throws {
        try await blocking { [self] in
            try PushedFacts(try history.opened())
                .put([(FactKey(kind: kind, id: id), FactRecord(fields))], at: Self.now())
            facts.forget([FactKey(kind: kind, id: id)], from: .pushed)
        }
    }

    /// Runs the dispatcher until every effect is where it stays.
    func perform() async throws {
        let running = Task { await dispatcher.run() }
        defer { running.cancel() }
        dispatcher.notify()
        try await eventually {
            try await rows().allSatisfy { !["waiting", "running"].contains($0.string("state") ?? "") }
        }
        running.cancel()
        await running.value
    }

    func rows() async throws -> [BSONDocument] {
        try await blocking { [self] in
            let store = OutboxStore(try history.opened(), limits: limits.outbox)
            let page = try store.effects(EffectFilter(), after: nil, limit: 1_000).rows
            return try page.compactMap { try store.effect(.init(stored: $0.string("_id") ?? "")) }
        }
    }

    /// The one effect there is.
    func row() async throws -> BSONDocument {
        let rows = try await rows()
        guard rows.count == 1 else {
            throw TestFailure("\(rows.count) effects: \(rows.compactMap { $0.string("_id") })")
        }
        return rows[0]
    }

    /// Lets what waits be too old.
    func expire() async throws {
        try await blocking { [self] in
            var change = BSONDocument()
            change.append("$set") { $0.append("expires", date: Self.now().milliseconds - 1) }
            var filter = BSONDocument()
            filter.append("state", "waiting")
            let outbox = OutboxStore(try history.opened(), limits: limits.outbox)
            _ = try outbox.update([MongoUpdate(filter: filter, update: change)])
        }
    }

    /// Lets what is scheduled be due now.
    func makeDue() async throws {
        try await blocking { [self] in
            let store = try history.opened()
            var filter = BSONDocument()
            filter.append("state", "scheduled")
            var change = BSONDocument()
            change.append("$set") { $0.append("due", date: Self.now().milliseconds) }
            try store.pool.withConnection { connection throws(MongoError) in
                _ = try connection.update(
                    [MongoUpdate(filter: filter, update: change, multi: true)],
                    in: Collection.outbox.rawValue,
                    of: store.database
                )
            }
            _ = try OutboxStore(store, limits: limits.outbox).promote(order: order, at: Self.now())
        }
    }
}

/// Takes everything, and remembers it.
final class RecordingChannel: NotificationChannel {
    private let state = Locked<[OutgoingNotification]>([])
    private let outcome = Locked(DeliveryOutcome.delivered(answer: "250"))

    var delivered: [OutgoingNotification] { state.withLock { $0 } }
    func answer(_ outcome: DeliveryOutcome) { self.outcome.withLock { $0 = outcome } }

    func deliver(_ notification: OutgoingNotification) async -> DeliveryOutcome {
        state.withLock { $0.append(notification) }
        return outcome.withLock { $0 }
    }
}

func withService<R: Sendable>(
    _ settings: EventEffectSettings,
    limits: Limits = .forTests,
    mode: EffectMode = .on,
    _ body: @Sendable (NotifyingService) async throws -> R
) async throws -> R {
    let database = freshDatabaseName()
    let pool = try sharedMongoPool()
    let service = try await blocking { try NotifyingService(pool, database, settings, limits, mode) }
    let result: Result<R, any Error>
    do { result = .success(try await body(service)) } catch { result = .failure(error) }
    try await blocking { try dropDatabase(database, in: pool) }
    return try result.get()
}

extension Limits {
    static var forTests: Limits {
        var limits = Limits()
        limits.outbox.pollMilliseconds = 50
        limits.outbox.retryFloorMilliseconds = 10
        return limits
    }
}

extension EventEffectSettings {
    static func only(_ change: (inout EventEffectSettings) -> Void) -> EventEffectSettings {
        var settings = EventEffectSettings(maximumAge: .seconds(900))
        change(&settings)
        return settings
    }

    static let newOffer = only { $0.newOffer = .init(destinations: [.email]) }
    static let alert = only {
        $0.moderatorAlert = .init(
            destinations: [.email, .init("slack:team")],
            moderators: [NotificationDesk.moderatorID(of: "mo@example.com")]
        )
    }
    static let alertByRole = only {
        $0.moderatorAlert = .init(
            destinations: [.email],
            moderators: [NotificationDesk.moderatorID(of: "mo@example.com")],
            byRole: [.email]
        )
    }
    static let reminder = only { $0.unreadReminder = .init(destinations: [.email], delay: .seconds(1_800)) }
    static let bridge = only { $0.bridge = .init(destination: .init("webhook:bridge"), maximumAge: .seconds(86_400)) }
}

/// Events as the provider words them.
enum Body {
    static let cid = "messaging:listing_1042_bea_sam"

    static func message(
        _ id: String,
        by sender: String = "bea",
        in cid: String = cid,
        secondsAgo: Int = 1,
        type: String = "message.new",
        _ more: String = ""
    ) -> String {
        let time = NotifyingService.time(secondsAgo)
        return """
            {"type":"\(type)","created_at":"\(time)","cid":"\(cid)","message_id":"\(id)","message":{"id":"\(id)",\
            "cid":"\(cid)","type":"regular","text":"Is 250 <ok>?","user":{"id":"\(sender)","name":"Bea B"},\
            "created_at":"\(time)","updated_at":"\(time)"\(more)}}
            """
    }

    static let offer = #","message_type":"offer","amount":250"#

    static func read(by user: String, in cid: String = cid) -> String {
        """
        {"type":"message.read","created_at":"\(NotifyingService.time(0))","cid":"\(cid)","user":{"id":"\(user)"}}
        """
    }

    static func user(_ id: String, role: String) -> String {
        let time = NotifyingService.time(5)
        return """
            {"type":"user.updated","created_at":"\(time)","user":{"id":"\(id)","role":"\(role)","created_at":"\(time)",\
            "updated_at":"\(time)"}}
            """
    }

    static func member(_ user: String, of cid: String, role: String = "channel_member") -> String {
        let time = NotifyingService.time(5)
        return """
            {"type":"member.added","created_at":"\(time)","cid":"\(cid)","channel":{"cid":"\(cid)"},"member":\
            {"user_id":"\(user)","channel_role":"\(role)","user":{"id":"\(user)"},"created_at":"\(time)","updated_at":"\(time)"},"user":{"id":"\(user)"}}
            """
    }
}
