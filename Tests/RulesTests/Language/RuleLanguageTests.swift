import Chat
import Rules
import Templates
import TestSupport
import Testing

/// Every other key of a rule file, and what it becomes.
struct RuleLanguageTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let yaml: String
        let action: Action
        var testDescription: String { yaml }

        init(_ yaml: String, _ action: Action) { (self.yaml, self.action) = (yaml, action) }
    }

    static let early: [Case] = [
        Case("score: 3", .score(3)), Case("score: -0.5", .score(-0.5)),
        Case("label: contact-leak", .label("contact-leak")),
        Case("flag", .flag(reason: nil, .medium)), Case("flag: a reason", .flag(reason: "a reason", .medium)),
        Case("flag: { reason: why, severity: critical }", .flag(reason: "why", .critical)),
        Case("hold", .hold(reason: nil, .medium)),
        Case("hold: { reason: why, severity: high }", .hold(reason: "why", .high)),
        Case("delete", .delete(isHard: false)), Case("delete: soft", .delete(isHard: false)),
        Case("delete: hard", .delete(isHard: true)), Case("shadow", .shadow),
        Case("mask: matches", .mask([.matches], with: "•")),
        Case("mask: [phones, emails]", .mask([.phones, .emails], with: "•")),
        Case("mask: { what: contacts, with: \"[removed]\" }", .mask([.contacts], with: "[removed]")),
        Case("rewrite: hello", .rewrite(template: "hello")), Case("sanitise", .sanitise),
        Case("restrict: [sender, seller]", .restrict([.sender, .seller])),
        Case("restrict: user:u1", .restrict([.user("u1")])),
        Case("mute: 2m", .mute(.seconds(120))), Case("ban", .ban(BanOrder())),
        Case(
            "ban: { for: 24h, of: channel, shadow: true, reason: why }",
            .ban(BanOrder(isOfChannel: true, isShadow: true, duration: .seconds(86_400), reason: "why"))
        ),
        Case("freeze", .freeze),
        Case(
            "notify: { who: moderators, template: rule-fired, by: slack }",
            .notify(NotifyOrder(.moderators, template: "rule-fired", by: .slack))
        ),
        Case(
            "notify: { who: user:u2, template: x, by: email }",
            .notify(NotifyOrder(.party(.user("u2")), template: "x", by: .email))
        ),
        Case(
            "notify: { who: destination, template: x, by: webhook }",
            .notify(NotifyOrder(.destination, template: "x", by: .webhook))
        ),
        Case(
            "set: { fact: order.status, to: shipped }",
            .setFact(FactOrder(ValuePath(.thing("order"), ["status"]), .literal(.text("shipped"))))
        ),
        Case(
            "set: { fact: order.status, from: command.word, allowed: [shipped, delivered] }",
            .setFact(
                FactOrder(
                    ValuePath(.thing("order"), ["status"]),
                    .path(ValuePath(.command, ["word"]), allowed: ["shipped", "delivered"])
                )
            )
        ),
        Case("count: spam_seen", .count(metric: "spam_seen")), Case("webhook", .callWebhook),
    ]

    static let late: [Case] = [
        Case("reply: hello", .reply(Reply(template: "hello"))),
        Case(
            "reply: { template: hello, delay: 2m, once: { per: user, for: 1d }, by: bot, thread: true, quote: true, private: true, machines: true }",
            .reply(
                Reply(
                    template: "hello",
                    by: "bot",
                    delay: .seconds(120),
                    once: Occasion(per: .user, within: .seconds(86_400)),
                    isInThread: true,
                    isQuoting: true,
                    isPrivate: true,
                    answersMachines: true
                )
            )
        ),
        Case(
            "reply: { template: hello, once: { per: user-and-channel } }",
            .reply(Reply(template: "hello", once: Occasion(per: .userInChannel, within: nil)))
        ),
    ]

    @Test(arguments: early) func readsActions(_ example: Case) throws {
        #expect(try Self.actions(of: example.yaml, in: "detect") == [example.action])
    }

    @Test(arguments: late) func readsReplies(_ example: Case) throws {
        #expect(try Self.actions(of: example.yaml, in: "respond") == [example.action])
    }

    @Test func readsAWholeRule() throws {
        let set = try #require(try Self.set(Self.whole))
        let rule = try #require(set.rules.first)
        let oslo = try #require(Zone("Europe/Oslo"))
        #expect(
            rule.id == "whole" && rule.description == "All of it." && rule.phase == .respond && rule.mode == .shadow
        )
        #expect(rule.events == [RuleEvent.messageNew, RuleEvent.messageUpdated])
        #expect(rule.priority == -10 && rule.stops && rule.cooldown == Occasion(per: .channel, within: .seconds(3_600)))
        #expect(
            rule.exceptions == Exceptions(roles: ["moderator"], users: ["u1"], channels: ["support", "messaging:x"])
        )
        #expect(rule.active.from == Timestamp(rfc3339: "2026-12-01T00:00:00Z"))
        #expect(rule.active.until == Timestamp(rfc3339: "2027-01-01T00:00:00+01:00"))
        #expect(rule.active.hours == WeeklyHours(days: [1, 2], from: 540, to: 1_020, zone: oslo))
        #expect(rule.place == RulePlace(file: "a.yaml", line: 4, column: 5))
        #expect(rule.actions.map(\.name) == ["label", "reply"])
        #expect(set.thresholds == Thresholds(mask: 3, hold: 4.5, block: 8))
    }

    @Test func readsTests() throws {
        let tests = try #require(try Self.set(Self.whole)?.rules.first).tests
        #expect(
            tests.first
                == RuleTest(
                    place: RulePlace(file: "a.yaml", line: 19, column: 9),
                    name: "sold",
                    event: RuleEvent.messageUpdated,
                    text: "Is this still available?",
                    given: [
                        RuleTest.Given(ValuePath(.thing("listing"), ["status"]), .text("sold")),
                        RuleTest.Given(ValuePath(.user, ["role"]), .texts(["user", "guest"])),
                    ],
                    earlier: [
                        RuleTest.Earlier(
                            text: "hi",
                            ago: .seconds(20),
                            count: 10,
                            user: "other",
                            cid: "messaging:other"
                        ),
                        RuleTest.Earlier(text: "ho", ago: .seconds(60)),
                    ],
                    at: Timestamp(rfc3339: "2026-11-20T10:00:00Z"),
                    expectation: .fires(["reply", "label"])
                )
        )
        #expect(
            tests.dropFirst().map(\.expectation) == [
                .staysQuiet, .staysQuiet, .fires(nil), .isUnknown, .fires(["reply"]),
            ]
        )
        #expect(tests.dropFirst().allSatisfy { $0.event == RuleEvent.messageNew })
    }

    @Test func readsListsAndTemplates() throws {
        let set = try #require(try Self.set(Self.whole))
        #expect(set.lists["spam"]?.terms == ["buy now", "Click Here"])
        #expect(set.lists["ours"]?.terms == ["example.com", "shop.example.org"])
        #expect(set.lists["words"]?.terms == ["Ærlig talt", "no # comment"])
        let template = try #require(set.templates["hello"])
        #expect(try template.render(.object([:])) == "Hello\nthere")
        #expect(set.files.map(\.name) == ["a.yaml", "lists/domains.txt", "lists/words.txt", "templates/hello.txt"])
    }

    @Test func theVersionIsOfNamesAndBytes() throws {
        let files = Self.files(Self.whole)
        let version = RuleReader.version(of: files)
        #expect(version.utf8.count == 64 && version == RuleReader.version(of: files.reversed()))
        #expect(RuleReader.read(files.reversed()).set?.version == version)
        #expect(RuleReader.version(of: Self.files(Self.whole + " ")) != version)
        var renamed = files
        renamed[2] = RuleFile(name: "lists/others.txt", bytes: renamed[2].bytes)
        #expect(RuleReader.version(of: renamed) != version)
    }

    @Test func rulesStandInTheOrderOfFilesThenOfTheFile() throws {
        let rule = { (id: String) in "- { id: \(id), when: { is_reply: true }, then: [flag] }\n" }
        let sources: [(String, [String])] = [("b.yaml", ["x", "a"]), ("a.yaml", ["z", "y"])]
        let files = sources.map { name, ids in
            RuleFile(name: name, bytes: Array(("rules:\n" + ids.map(rule).joined()).utf8))
        }
        #expect(RuleReader.read(files).set?.rules.map(\.id) == ["z", "y", "x", "a"])
    }

    // MARK: Material

    static let whole = """
        thresholds: { mask: 3, hold: 4.5, block: 8 }
        lists: { spam: [buy now, Click Here, buy now], ours: { file: lists/domains.txt } }
        rules:
          - id: whole
            description: All of it.
            phase: respond
            on: [message.new, message.updated]
            mode: shadow
            priority: -10
            stop: true
            cooldown: { per: channel, for: 1h }
            except: { roles: [moderator], users: u1, channels: [support, "messaging:x"] }
            active: { from: 2026-12-01T00:00:00Z, until: 2027-01-01T00:00:00+01:00, days: [mon, tue], hours: "09:00-17:00", zone: Europe/Oslo }
            when:
              - listing.status: sold
              - text: { in_list: [spam, words], link_in: ours }
            then: [{ label: seen }, { reply: hello }]
            tests:
              - name: sold
                text: Is this still available?
                given: { listing.status: sold, user.role: [user, guest] }
                earlier:
                  - { text: hi, ago: 20s, count: 10, user: other, channel: "messaging:other" }
                  - { text: ho, ago: 1m }
                at: 2026-11-20T10:00:00Z
                event: message.updated
                expect: [reply, label]
              - expect: []
              - expect: nothing
              - expect: fires
              - expect: unknown
              - expect: reply
        """

    static func files(_ yaml: String) -> [RuleFile] {
        [
            ("a.yaml", yaml), ("lists/domains.txt", "# ours\nexample.com\r\n\n  shop.example.org\t\n"),
            ("lists/words.txt", "\u{FEFF}Ærlig talt\n# a comment\nno # comment\nÆrlig talt"),
            ("templates/hello.txt", "Hello\n{{ user.name | default: \"there\" }}\n\n"),
        ].map { name, text in RuleFile(name: name, bytes: Array(text.utf8)) }
    }

    static func set(_ yaml: String) throws -> RuleSet? {
        let read = RuleReader.read(files(yaml))
        #expect(read.faults == [])
        return read.set
    }

    static func actions(of yaml: String, in phase: String) throws -> [Action] {
        let source = """
            rules:
              - id: tested
                phase: \(phase)
                when: { text: { has_word: x } }
                then: [\(yaml.contains(":") ? "{ \(yaml) }" : yaml)]
            """
        return try #require(try set(source)).rules[0].actions
    }
}
