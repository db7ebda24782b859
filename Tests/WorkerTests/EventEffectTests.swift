import Chat
import Foundation
import JSON
import Limits
import Outbox
import Testing

@testable import Worker

struct EventEffectTests {
    /// What a batch is to cause, as lines that can be read.
    struct Case: CustomTestStringConvertible {
        let testDescription: String
        let file: URL

        static func all(file: String = #filePath) throws -> [Case] {
            let folder = URL(filePath: file).deletingLastPathComponent().appending(path: "../../Fixtures/effects")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.standardized.path).sorted()
            try #require(names.count > 20, "fixtures are missing")
            return names.map { Case(testDescription: $0, file: folder.appending(path: $0).standardized) }
        }
    }

    @Test(arguments: try Case.all())
    func causesWhatIsExpected(_ example: Case) throws {
        let json = try JSONParser().parse([UInt8](try Data(contentsOf: example.file)))
        let names = texts(json["settings"])
        let now = try #require(Timestamp(rfc3339: "2026-05-20T12:00:00Z"))
        let effects = EventEffects(
            .sample(names),
            limits: .init(),
            outbox: OutboxWriter(mode: { .on }, order: WriteOrder(), now: { now })
        )
        var history = try BatchHistory()
        _ = try history.apply(bodies(json["earlier"]))
        let batch = try history.apply(bodies(json["events"]))
        let lines =
            effects.effects(of: batch).map { line($0, at: now) }
            + effects.reminderChanges(of: batch, at: now).flatMap(lines)
        #expect(lines.sorted() == texts(json["expected"]).sorted())
        // What is written is what was decided.
        #expect(effects.outboxWrites(of: batch).count == lines.count)
    }

    private func texts(_ json: JSONValue?) -> [String] { json.map { $0.array.compactMap(\.string) } ?? [] }

    private func bodies(_ json: JSONValue?) -> [[UInt8]] {
        (json.map { Array($0.array) } ?? []).map { Array($0.serialized().utf8) }
    }

    private func line(_ effect: Effect, at now: Timestamp) -> String {
        var key = effect.key.description
        if key.hasPrefix("event%2F"), let end = key.firstIndex(of: "/") { key = "event%2F*" + key[end...] }
        return "\(key) -> \(recipient(effect)) in \(effect.lane)\(effect.isStale(at: now) ? " (stale)" : "")"
    }

    private func lines(_ change: ReminderChange) -> [String] {
        switch change {
        case .cancel(let keys, let through): keys.map { "cancel \($0) through \(through.rfc3339)" }
        case .remind(let effects, _):
            effects.map {
                "remind \($0.key) -> \(recipient($0)) in \($0.lane) at \($0.notBefore?.rfc3339 ?? "once")"
            }
        }
    }

    private func recipient(_ effect: Effect) -> String {
        guard let json = try? JSONParser().parse(Array(effect.payload.utf8)),
            let order = NotificationOrder(payload: json)
        else { return "unreadable" }
        return order.recipient.description
    }

    @Test func nothingIsWrittenWhileEffectsAreOff() throws {
        let now = try #require(Timestamp(rfc3339: "2026-05-20T12:00:00Z"))
        var history = try BatchHistory()
        let body = """
            {"type":"message.new","created_at":"2026-05-20T11:59:00Z","cid":"messaging:listing_1_bea_sam","message":\
            {"id":"m1","text":"hello","user":{"id":"bea"},"created_at":"2026-05-20T11:59:00Z"}}
            """
        let batch = try history.apply([Array(body.utf8)])
        let all = EventEffectSettings.sample(["bridge", "unread_reminder"])
        for (mode, count) in [(EffectMode.off, 0), (.record, 3), (.on, 3)] {
            let effects = EventEffects(
                all,
                limits: .init(),
                outbox: OutboxWriter(mode: { mode }, order: WriteOrder(), now: { now })
            )
            #expect(effects.outboxWrites(of: batch).count == count, "\(mode)")
        }
    }

    @Test(arguments: [
        NotificationOrder.Recipient.user("a:b"), .seller, .moderator("x"), .moderators, .members, .destination,
    ])
    func ordersComeBackFromTheirPayload(_ recipient: NotificationOrder.Recipient) throws {
        var order = NotificationOrder(.newOffer, to: recipient)
        (order.cid, order.messageID, order.reviewItemID, order.eventID) = ("messaging:\"x\"", "m", "r", nil)
        let json = try JSONParser().parse(Array(order.payload.utf8))
        #expect(NotificationOrder(payload: json) == order)
    }
}

extension EventEffectSettings {
    /// Those of the names that are on.
    fileprivate static func sample(_ names: [String]) -> EventEffectSettings {
        var settings = EventEffectSettings(maximumAge: .seconds(900))
        for name in names {
            switch name {
            case "bridge":
                settings.bridge = .init(
                    destination: .init("webhook:bridge"),
                    types: ["message.new", "user.updated"],
                    maximumAge: .seconds(86_400)
                )
            case "new_offer": settings.newOffer = .init(destinations: [.email])
            case "moderator_alert":
                settings.moderatorAlert = .init(destinations: [.email, .init("slack:team")], moderators: ["a1"])
            case "moderator_roles":
                settings.moderatorAlert = .init(
                    destinations: [.email, .init("slack:team"), .init("webhook:app")],
                    byRole: [.email, .init("webhook:app")]
                )
            case "unread_reminder": settings.unreadReminder = .init(destinations: [.email], delay: .seconds(1_800))
            default: Issue.record("unknown: \(name)")
            }
        }
        return settings
    }
}
