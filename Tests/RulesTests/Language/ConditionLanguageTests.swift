import Chat
import Rules
import Testing

/// Every key of `when`, and the condition that it becomes.
struct ConditionLanguageTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let yaml: String
        let condition: Condition
        var testDescription: String { yaml }

        init(_ yaml: String, _ condition: Condition) { (self.yaml, self.condition) = (yaml, condition) }
    }

    static let status = ValuePath(.thing("listing"), ["status"])
    static let day = 86_400.0

    static let groups: [Case] = [
        Case("all: [{ listing.status: sold }]", .all([.value(status, .isOne([.text("sold")]))])),
        Case(
            "any: [{ text: { has_word: a } }, { none: [{ text: { has_word: b } }] }]",
            .any([.text(TextTest(.words(["a"]))), .none([.text(TextTest(.words(["b"])))])])
        ),
        Case("[{ is_reply: true }]", .value(ValuePath(.message, ["quoted_message_id"]), .exists)),
        Case(
            "[{ is_reply: false }, { in_thread: true }]",
            .all([
                .value(ValuePath(.message, ["quoted_message_id"]), .missing),
                .value(ValuePath(.message, ["parent_id"]), .exists),
            ])
        ),
        Case(
            "{ first_message: true, text: { links: true } }",
            .all([.first(.user), .measure(.links, Bounds(lowest: 1))])
        ),
    ]

    static let texts: [Case] = [
        Case("text: { contains: free }", .text(TextTest(.contains(["free"])))),
        Case(
            "text: { contains: [is this available, still for sale] }",
            .text(TextTest(.contains(["is this available", "still for sale"])))
        ),
        Case("text: { has_word: [911, yes] }", .text(TextTest(.words(["911", "yes"])))),
        Case("text: { in_list: [spam] }", .text(TextTest(.lists(["spam"])))),
        Case(
            "text: { matches: '(?i)\\bwin\\s+\\d+', raw: true }",
            .text(TextTest(.matches(["(?i)\\bwin\\s+\\d+"]), isRaw: true))
        ),
        Case("text: { has_word: a, raw: false }", .text(TextTest(.words(["a"])))),
        Case(
            "text: { has_word: a, contains: b, raw: true }",
            .all([.text(TextTest(.words(["a"]), isRaw: true)), .text(TextTest(.contains(["b"]), isRaw: true))])
        ),
        Case("text: { links: { more_than: 2 } }", .measure(.links, Bounds(lowest: 2, isLowestIncluded: false))),
        Case("text: { emoji: 3 }", .measure(.emoji, Bounds(lowest: 3, highest: 3))),
        Case("text: { phones: false }", .measure(.phones, Bounds(highest: 0))),
        Case("text: { capitals: { at_least: 0.7 } }", .measure(.capitals, Bounds(lowest: 0.7))),
        Case("text: { length: { between: [1, 5] } }", .measure(.length, Bounds(lowest: 1, highest: 5))),
        Case(
            "text: { words: { more_than: 1, at_most: 9 } }",
            .measure(.words, Bounds(lowest: 1, isLowestIncluded: false, highest: 9))
        ),
        Case("text: { link_in: domains }", .links(.within(["domains"]))),
        Case("text: { link_not_in: [domains] }", .links(.outside(["domains"]))),
        Case("text: { link_like: domains }", .links(.lookingLike(["domains"]))),
    ]

    static let values: [Case] = [
        Case("listing.status: sold", .value(status, .isOne([.text("sold")]))),
        Case("listing.status: [sold, 3, true]", .value(status, .isOne([.text("sold"), .number(3), .flag(true)]))),
        Case("listing.status: { is: '3' }", .value(status, .isOne([.text("3")]))),
        Case("listing.status: { is_not: [a, b] }", .value(status, .isNone([.text("a"), .text("b")]))),
        Case("listing.status: { in_list: spam }", .value(status, .isIn(["spam"]))),
        Case("listing.status: { not_in_list: [spam] }", .value(status, .isNotIn(["spam"]))),
        Case(
            "listing.price: { at_least: 1.5, less_than: 3 }",
            .value(
                ValuePath(.thing("listing"), ["price"]),
                .bounds(Bounds(lowest: 1.5, highest: 3, isHighestIncluded: false))
            )
        ),
        Case(
            "event.channel.member_count: { between: [-1, 5] }",
            .value(ValuePath(.event, ["channel", "member_count"]), .bounds(Bounds(lowest: -1, highest: 5)))
        ),
        Case("message.custom: { contains: x }", .value(ValuePath(.message, ["custom"]), .contains(["x"]))),
        Case("user.name: { starts_with: [a, b] }", .value(ValuePath(.user, ["name"]), .startsWith(["a", "b"]))),
        Case("channel.name: { ends_with: x }", .value(ValuePath(.channel, ["name"]), .endsWith(["x"]))),
        Case("seller.iban: { matches: '^NO' }", .value(ValuePath(.seller, ["iban"]), .matches(["^NO"]))),
        Case(
            "user.created_at: { newer_than: 7d }",
            .value(ValuePath(.user, ["created_at"]), .age(Bounds(highest: 7 * day, isHighestIncluded: false)))
        ),
        Case(
            "user.created_at: { older_than: 1d, newer_than: 3w }",
            .value(
                ValuePath(.user, ["created_at"]),
                .age(Bounds(lowest: day, isLowestIncluded: false, highest: 21 * day, isHighestIncluded: false))
            )
        ),
        Case("buyer.vat: { exists: true }", .value(ValuePath(.buyer, ["vat"]), .exists)),
        Case("command.word: { missing: true }", .value(ValuePath(.command, ["word"]), .missing)),
        Case("user.id: { same_as: seller.id }", .value(ValuePath(.user, ["id"]), .equals(ValuePath(.seller, ["id"])))),
        Case(
            "user.id: { not_same_as: fact.user.owner }",
            .value(ValuePath(.user, ["id"]), .differs(ValuePath(.thing("user"), ["owner"])))
        ),
        Case("fact.event.status: on sale", .value(ValuePath(.thing("event"), ["status"]), .isOne([.text("on sale")]))),
        Case(
            "listing.sold_at: 2026-12-01T00:00:00Z",
            .value(
                ValuePath(.thing("listing"), ["sold_at"]),
                .isOne([.time(Timestamp(milliseconds: 1_796_083_200_000))])
            )
        ),
        Case("missing: listing.status", .value(status, .missing)),
        Case(
            "exists: [listing.status, user.vat.id]",
            .all([.value(status, .exists), .value(ValuePath(.user, ["vat", "id"]), .exists)])
        ),
    ]

    static let others: [Case] = [
        Case(
            "rate: { of: messages, more_than: 10, within: 30s }",
            .rate(Rate(.messages, moreThan: 10, within: .seconds(30), per: .user))
        ),
        Case(
            "rate: { of: identical, more_than: 2, within: 2m, per: user-and-channel }",
            .rate(Rate(.identical, moreThan: 2, within: .seconds(120), per: .userInChannel))
        ),
        Case("first_message: user", .first(.user)),
        Case("first_message: user-and-channel", .first(.userInChannel)),
        Case(
            "silence: { longer_than: 3w }",
            .silence(per: .channel, Bounds(lowest: 21 * day, isLowestIncluded: false))
        ),
        Case(
            "silence: { longer_than: 1h, per: user }",
            .silence(per: .user, Bounds(lowest: 3_600, isLowestIncluded: false))
        ),
        Case("time: { days: [sat, sun] }", .hours(WeeklyHours(days: [6, 7]))),
        Case("time: { hours: 22:00-06:30 }", .hours(WeeklyHours(from: 1_320, to: 390))),
        Case("changed: [text, attachments]", .changed([.text, .attachments])),
        Case("label: seen", .labelled(["seen"])),
        Case("score: { at_least: 4 }", .score(Bounds(lowest: 4))),
        Case("score: -2", .score(Bounds(lowest: -2, highest: -2))),
        Case("verdict: [allow, mask]", .verdict([.allow, .mask])),
        Case("spam: { at_least: 0.9 }", .spam(Bounds(lowest: 0.9))),
    ]

    @Test(arguments: groups + texts + values + others)
    func reads(_ example: Case) throws {
        let condition = try #require(try Self.rule(when: example.yaml)).condition
        #expect(condition == example.condition)
    }

    @Test(arguments: Measure.allCases)
    func everyMeasureIsAKey(_ measure: Measure) throws {
        let yaml = "text: { \(measure.rawValue): { more_than: 0 } }"
        let condition = try #require(try Self.rule(when: yaml)).condition
        #expect(condition == .measure(measure, Bounds(lowest: 0, isLowestIncluded: false)))
    }

    @Test func zonesAreOfTheDatabase() throws {
        let yaml = "time: { days: [mon], hours: \"09:00-24:00\", zone: Europe/Oslo }"
        let oslo = try #require(Zone("Europe/Oslo"))
        let condition = try #require(try Self.rule(when: yaml)).condition
        #expect(condition == .hours(WeeklyHours(days: [1], from: 540, to: 1_440, zone: oslo)))
    }

    /// The rule with this condition, in a set that has what the cases name.
    static func rule(when yaml: String) throws -> Rule? {
        let source = """
            lists: { spam: [buy now], domains: [example.com] }
            rules:
              - { id: sets, when: { text: { has_word: x } }, then: [{ label: seen }] }
              - id: tested
                phase: respond
                on: [message.new, message.updated]
                when: \(yaml.hasPrefix("{") || yaml.hasPrefix("[") ? yaml : "{ \(yaml) }")
                then: [flag]
            """
        let read = RuleReader.read([RuleFile(name: "a.yaml", bytes: Array(source.utf8))])
        #expect(read.faults == [])
        return read.set?.rules.last
    }
}
