import Chat
import JSON
import Rules
import TestSupport
import Testing

/// `Fixtures/rules/sets/`: conversations, judged by all shipped rules together.
struct ConversationTests {
    @Test(arguments: try fixtures(Conversation.self, in: "rules/sets"))
    func isJudged(_ conversation: Conversation) throws {
        var table = try JudgingTable(conversation)
        for (index, step) in conversation.steps.enumerated() {
            for count in 1...(step.times ?? 1) {
                let came = try table.judge(step)
                let place = "step \(index + 1) (\(step.text ?? step.event ?? "")), \(count)"
                #expect(came.verdict == step.verdict ?? "allow", "\(place)")
                #expect(came.score == step.score ?? 0, "\(place)")
                #expect(came.labels == step.labels ?? [], "\(place)")
                #expect(came.actions == step.actions ?? [], "\(place)")
                #expect(came.shadow == step.shadow ?? step.verdict ?? "allow", "\(place)")
                #expect(came.masked == step.masked, "\(place)")
            }
        }
    }
}

struct Conversation: Decodable, CustomTestStringConvertible, Sendable {
    struct Step: Decodable {
        /// `message.new` unless it says another.
        var event: String?
        var user: String?
        var text: String?
        /// Custom fields of the message.
        var message: [String: Value]?
        /// Sent by the team's own server.
        var server: Bool?
        /// Seconds since the step before; 5 unless it says.
        var after: Int64?
        /// So many, `every` seconds.
        var times: Int?
        var every: Int64?
        /// What is known from now on.
        var facts: [String: Value]?
        // What must come of it.
        var verdict: String?
        var score: Double?
        var labels: [String]?
        var actions: [String]?
        /// The verdict with the rules in shadow mode in force.
        var shadow: String?
        /// The text as it is shown after.
        var masked: String?
    }

    struct Channel: Decodable {
        var cid: String
        var custom: [String: Value]
    }

    let testDescription: String
    let channel: Channel
    let facts: [String: Value]
    /// Fields of users, by their ids.
    let users: [String: [String: Value]]?
    let steps: [Step]

    enum Value: Decodable, Sendable {
        case flag(Bool)
        case number(Double)
        case text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else {
                self = .text(try container.decode(String.self))
            }
        }
    }
}

/// Judges one event after the other, as the service does: with windows by user and channel, and facts.
private struct JudgingTable {
    struct Outcome {
        var verdict = "allow"
        var score = 0.0
        var labels: [String] = []
        /// `rule: action`.
        var actions: [String] = []
        var shadow = "allow"
        var masked: String?
    }

    private let conversation: Conversation
    private let examiner: Examiner
    private let parser = JSONParser()
    private let start = Timestamp(rfc3339: "2026-11-20T10:00:00Z")
    private var seconds: Int64 = 0
    private var number = 0
    private var facts: [String: Conversation.Value]
    private var windows: [String: Window] = [:]
    /// Of the channel, by any kind of event.
    private var lastMessage: Timestamp?

    init(_ conversation: Conversation) throws {
        self.conversation = conversation
        facts = conversation.facts
        examiner = Examiner(try RuleEngine(ShippedRules.ruleSet, settings: ShippedRules.settings))
    }

    mutating func judge(_ step: Conversation.Step) throws -> Outcome {
        seconds += step.every ?? step.after ?? 5
        number += 1
        facts.merge(step.facts ?? [:]) { $1 }
        let time = Timestamp(nanoseconds: try #require(start).nanoseconds + seconds * 1_000_000_000)
        let type = EventType(rawValue: step.event ?? "message.new")
        let decoded = try StreamProvider().decoded(
            Array(body(step, type, time).utf8),
            id: EventID(bytes: [UInt8(number)]),
            receivedAt: time,
            parser: parser
        )
        let observation = examiner.observe(decoded.event, decoded.body)
        if let entry = observation?.entry, let subject = observation?.subject {
            for key in keys(subject.userID, type) { windows[key, default: Window()].insert(entry) }
        }
        let silence = lastMessage.map { Double(time.nanoseconds - $0.nanoseconds) / 1e9 }
        if type == RuleEvent.messageNew { lastMessage = time }
        guard let observation, let decision = observation.decide({ answer($0, observation, type, silence) }) else {
            return Outcome()
        }
        return Outcome(
            verdict: decision.enforced.verdict.rawValue,
            score: decision.enforced.score,
            labels: decision.enforced.labels,
            actions: decision.actions.map { "\($0.rule): \($0.name)" },
            shadow: decision.shadow.verdict.rawValue,
            masked: shown(step.text ?? "", decision)
        )
    }

    // MARK: Answers

    private func keys(_ user: String?, _ type: EventType) -> [String] {
        let kind = type == RuleEvent.memberAdded ? "joins" : "messages"
        let cid = conversation.channel.cid
        return ["\(kind) user \(user ?? "")", "\(kind) channel \(cid)", "\(kind) both \(user ?? "") \(cid)"]
    }

    private func answer(
        _ key: InputKey,
        _ observation: Observation,
        _ type: EventType,
        _ silence: Double?
    ) -> RuleAnswer {
        let keys = keys(observation.subject.userID, type)
        switch key {
        case .value(let path): return value(path, observation)
        case .spam, .spamModel: return .missing
        case .silence where type == RuleEvent.channelSilent:
            return silence.map { .value(.number($0)) } ?? .missing
        case .rate(_, _, let per), .first(let per), .silence(let per):
            guard let entry = observation.entry else { return .missing }
            let name = per == .user ? keys[0] : per == .channel ? keys[1] : keys[2]
            let most = observation.engine.windows.entries
            return windows[name]?.answer(key, for: entry, most: most) ?? .missing
        }
    }

    private func value(_ path: ValuePath, _ observation: Observation) -> RuleAnswer {
        let id: String?? =
            switch path.description {
            case "seller.id": .some(observation.context[.seller])
            case "order.id": .some(observation.context[.order])
            case "listing.id": .some(observation.context[.listing])
            default: nil
            }
        if let id { return id.map { .value(.text($0)) } ?? .missing }
        return facts[path.description].map { .value($0.rule) } ?? .missing
    }

    // MARK: Events and texts

    private func body(_ step: Conversation.Step, _ type: EventType, _ time: Timestamp) -> String {
        var writer = JSONWriter(capacity: 1_024)
        let user = step.user ?? ""
        writer.object { event in
            event.field("type", type.rawValue)
            event.field("created_at", time.rfc3339)
            event.field("cid", conversation.channel.cid)
            if step.server == true { event.field("request_info") { $0.object { $0.field("type", "server") } } }
            if type == RuleEvent.channelSilent { return }
            event.field("channel") { channel in
                channel.object {
                    $0.field("cid", conversation.channel.cid)
                    $0.field("custom") { $0.object { Self.write(conversation.channel.custom, to: &$0) } }
                }
            }
            if type == RuleEvent.memberAdded {
                let user = "\(user) \(number)"
                event.field("member") { $0.object { $0.field("user_id", user) } }
                event.field("user") { $0.object { $0.field("id", user) } }
                return
            }
            event.field("message") { message in
                message.object {
                    $0.field("id", "m\(number)")
                    $0.field("text", step.text ?? "")
                    $0.field("created_at", time.rfc3339)
                    Self.write(step.message ?? [:], to: &$0)
                    $0.field("user") { author in
                        author.object {
                            $0.field("id", user)
                            Self.write(conversation.users?[user] ?? [:], to: &$0)
                        }
                    }
                }
            }
            if type == RuleEvent.messageUpdated {
                event.field("message_update") {
                    $0.object { $0.field("change_set") { $0.object { $0.field("text", true) } } }
                }
            }
        }
        return writer.text
    }

    private static func write(_ fields: [String: Conversation.Value], to writer: inout JSONWriter) {
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .flag(let flag): writer.field(name, flag)
            case .number(let number): writer.field(name) { $0.double(number) }
            case .text(let text): writer.field(name, text)
            }
        }
    }

    /// `nil` where the text stays as it is.
    private func shown(_ text: String, _ decision: Decision) -> String? {
        var shown = text
        for planned in decision.actions {
            let rule = examiner.engine.ruleSet.rules.first { $0.id == planned.rule }
            switch rule?.actions[planned.index] {
            case .mask(let what, let mark)?:
                let matches = decision.fired.first { $0.id == planned.rule }?.matches ?? []
                shown = TextMasking.masked(shown, what, matches: matches, with: mark)
            case .sanitise?: shown = TextMasking.withoutMarkup(shown)
            default: continue
            }
        }
        return shown == text ? nil : shown
    }
}

extension Conversation.Value {
    fileprivate var rule: RuleValue {
        switch self {
        case .flag(let flag): .flag(flag)
        case .number(let number): .number(number)
        case .text(let text): .text(text)
        }
    }
}
