import JSON
import TestSupport
import Testing

@testable import Provider

struct HookPlanTests {
    private static let url = "https://shop.example/api/v1/webhooks/getstream"
    /// As odd as JSON may be: spaces, escapes, numbers that a parser would spell another way, names that look like ours.
    private static let others = [
        #"{ "id":"h-1", "hook_type" : "sqs", "sqs_secret":"hush\u002f\"}]", "n":1.50e3, "x":[{},[ ]], "enabled":true }"#,
        #"{"hook_type":"webhook","webhook_url":"https://user:hush@other.example/in?token=hush","event_types":["message.new"],"enabled":true}"#,
        #"{"hook_type":"pending_message","webhook_url":"https://shop.example/api/v1/webhooks/getstream","timeout_ms":9007199254740993}"#,
    ]

    private static func settings(_ hooks: [String], _ rest: String = #""use_hook_v2":true"#) throws -> AppSettings {
        let body = "{\"duration\":\"1ms\",\n \"app\" : { \"name\":\"shop\",\(rest), \"event_hooks\" : [ "
        return try #require(AppSettings(answer: Array((body + hooks.joined(separator: " ,\n") + " ] }}").utf8)))
    }

    private static func ours(_ types: String, _ rest: String = "") -> String {
        #"{"id":"h-9","hook_type":"webhook",\#(rest)"event_types":\#(types),"enabled":true,"webhook_url":"\#(url)","timeout_ms":6e3}"#
    }

    @Test func otherHooksAreKeptByteForByte() throws {
        let settings = try Self.settings(Self.others)
        #expect(settings.hooks.map(\.json) == Self.others)
        let plan = HookPlan(settings, wanted: HookPlan.Wanted(url: Self.url))
        #expect(plan.after.dropLast().map(\.json) == Self.others)
        #expect(
            plan.after.last?.json
                == #"{"enabled":true,"hook_type":"webhook","event_types":[],"webhook_url":"\#(Self.url)"}"#
        )
        #expect(plan.json == "{\"event_hooks\":[" + plan.after.map(\.json).joined(separator: ",") + "]}")
        #expect(
            plan.lines.map(\.description) == [
                "  sqs (all events)", "  webhook https://other.example/in (1 event types)",
                "  pending_message \(Self.url) (off, all events)", "+ webhook \(Self.url) (all events)",
            ]
        )
        #expect(!plan.lines.contains { $0.text.contains("hush") })
    }

    @Test(arguments: [
        ("[]", [], "  webhook \(url) (all events)"),
        (#"["a","b"]"#, ["b", "a"], "  webhook \(url) (2 event types)"),
        (#"["a"]"#, [], "~ webhook \(url) (1 event types): all events"),
        ("null", ["b", "a"], "~ webhook \(url) (all events): only a, b"),
        (#"["a","b"]"#, ["b", "c"], "~ webhook \(url) (2 event types): + c, - a"),
    ])
    func ourHookIsChangedWhereItDiffers(_ types: String, _ wanted: [String], _ line: String) throws {
        let hooks = [Self.others[0], Self.ours(types), Self.others[1]]
        let plan = HookPlan(try Self.settings(hooks), wanted: HookPlan.Wanted(url: Self.url, eventTypes: wanted))
        #expect(plan.lines.map(\.description)[1] == line)
        #expect(plan.isEmpty == line.hasPrefix(" "))
        let isAsWanted = Set(plan.after[1].eventTypes) == Set(wanted)
        #expect(isAsWanted)
        let spelled = "[" + wanted.map { "\"\($0)\"" }.joined(separator: ",") + "]"
        #expect(plan.after.map(\.json) == [hooks[0], plan.isEmpty ? hooks[1] : Self.ours(spelled), hooks[2]])
    }

    /// What was written, read again, needs no change.
    @Test func aPlanIsDoneOnce() throws {
        for hooks in [[], Self.others, [Self.ours("[\"a\"]")], Self.others + [Self.ours("[]")]] {
            for types in [[], ["message.new", "message.updated"]] {
                let wanted = HookPlan.Wanted(url: Self.url, eventTypes: types)
                let plan = HookPlan(try Self.settings(hooks), wanted: wanted)
                let again = HookPlan(try Self.settings(plan.after.map(\.json)), wanted: wanted)
                #expect(again.isEmpty)
                #expect(again.lines.allSatisfy { $0.mark == .kept })
            }
        }
    }

    @Test func aHookSwitchedOffIsSwitchedOn() throws {
        let off = #"{"hook_type":"webhook","enabled":false,"event_types":[],"webhook_url":"\#(Self.url)"}"#
        let plan = HookPlan(try Self.settings([off]), wanted: HookPlan.Wanted(url: Self.url))
        #expect(plan.after.map(\.json) == [off.replacing("false", with: "true")])
        #expect(plan.lines.map(\.description) == ["~ webhook \(Self.url) (off, all events): switched on"])
        let bare = #"{"hook_type":"webhook","webhook_url":"\#(Self.url)"}"#
        let added = HookPlan(try Self.settings([bare]), wanted: HookPlan.Wanted(url: Self.url))
        #expect(added.after.map(\.json) == [#"{"hook_type":"webhook","webhook_url":"\#(Self.url)","enabled":true}"#])
    }

    @Test func anOldAddressOfOursGoesOnlyWhenNamed() throws {
        let old = #"{"hook_type":"webhook","enabled":true,"webhook_url":"https://old.example/in"}"#
        let settings = try Self.settings([old, Self.others[0]])
        let plan = HookPlan(settings, wanted: HookPlan.Wanted(url: Self.url), replacing: ["https://old.example/in"])
        #expect(plan.after.map(\.json).first == Self.others[0])
        #expect(plan.lines.first?.description == "- webhook https://old.example/in (all events)")
        #expect(HookPlan(settings, wanted: HookPlan.Wanted(url: Self.url)).after.first?.json == old)
    }

    @Test func whatIsOddIsSaid() throws {
        let doubled = try Self.settings([Self.ours("[]"), Self.ours("[]")])
        let plan = HookPlan(doubled, wanted: HookPlan.Wanted(url: Self.url))
        #expect(plan.isEmpty)
        #expect(plan.lines.last?.mark == .note)
        let legacy = try Self.settings([], #""use_hook_v2":false,"webhook_url":"https://shop.example/old""#)
        #expect(legacy.webhookURL == "https://shop.example/old")
        #expect(HookPlan(legacy, wanted: HookPlan.Wanted(url: Self.url)).lines.last?.mark == .note)
    }

    @Test(arguments: ["", "[]", "{}", #"{"app":7}"#, #"{"app":{"event_hooks":[}}"#])
    func whatIsNoAppIsNone(_ body: String) { #expect(AppSettings(answer: Array(body.utf8)) == nil) }

    @Test func anAppWithoutHooksHasNone() throws {
        for hooks in ["null", "{}", "[]", "[ ]"] {
            let settings = AppSettings(answer: Array("{\"app\":{\"event_hooks\":\(hooks)}}".utf8))
            #expect(settings?.hooks == [])
        }
    }

    /// Any JSON that the writer can make, cut up and put together again, is the same text.
    @Test func slicesCoverEveryText() throws {
        var random = SeededRandom()
        for _ in 0..<300 {
            let text = Self.text(depth: 4, &random)
            let slices = try #require(JSONSlices(Array(text.utf8)), "TEST_SEED=\(random.seed)")
            let value = try JSONParser().parse(Array(text.utf8))
            Self.compare(slices, slices.root, value, seed: random.seed)
        }
    }

    private static func compare(_ slices: JSONSlices, _ range: Range<Int>, _ value: JSONValue, seed: UInt64) {
        let parsed = try? JSONParser().parse(Array(slices.text(range).utf8))
        #expect(parsed?.serialized() == value.serialized(), "TEST_SEED=\(seed)")
        let (fields, elements) = (slices.fields(of: range), slices.elements(of: range))
        #expect(fields.map(\.name) == value.object.map(\.key), "TEST_SEED=\(seed)")
        #expect(elements.count == value.array.reduce(0) { count, _ in count + 1 }, "TEST_SEED=\(seed)")
        for (field, (_, content)) in zip(fields, value.object) { compare(slices, field.value, content, seed: seed) }
        for (element, content) in zip(elements, value.array) { compare(slices, element, content, seed: seed) }
    }

    private static func text(depth: Int, _ random: inout SeededRandom) -> String {
        let space = [" ", "", "\n", "\t "].randomElement(using: &random) ?? ""
        let strings = [#""a""#, #""\"}\\""#, #""é\u00e9""#, #""[,:{""#, #""""#]
        let parts = (0..<Int.random(in: 0...3, using: &random)).map { _ in
            depth > 0 ? text(depth: depth - 1, &random) : "1"
        }
        let scalars = strings + ["1.50", "-2e-3", "true", "null", "9007199254740993"]
        switch Int.random(in: 0...2, using: &random) {
        case 0: return space + "[" + space + parts.joined(separator: "," + space) + space + "]" + space
        case 1:
            let fields = parts.map { "\(strings.randomElement(using: &random) ?? "")\(space):\($0)" }
            return space + "{" + fields.joined(separator: "," + space) + space + "}"
        default: return space + (scalars.randomElement(using: &random) ?? "0") + space
        }
    }
}
