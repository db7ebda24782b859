import Chat
import JSON
import Limits
import Notifications
import Templates
import Testing

struct TemplateTests {
    static let values: TemplateValue = .object([
        "user": .object(["name": .text("Ada <b>&\"'"), "age": .integer(36), "admin": .flag(true)]),
        "amount": .number(250), "price": .number(2.5), "none": .nothing, "empty": .text(""), "zero": .integer(0),
        "no": .flag(false), "at": TemplateValue(Timestamp(milliseconds: 1_795_252_896_789)),
    ])

    @Test(arguments: [
        ("", ""), ("plain } text { {x}", "plain } text { {x}"), ("{{ user.name }}", "Ada <b>&\"'"),
        ("{{user.name}}{{user . age}}", "Ada <b>&\"'36"), ("{{ amount }} {{ price }} {{ user.admin }}", "250 2.5 true"),
        ("{{ none | default: \"x\" }}{{ user.city | default: \"y\" }}{{ empty | default: \"z\" }}", "xyz"),
        ("{{ zero | default: \"x\" }}", "0"), ("[{{ empty }}]", "[]"), ("{{ a | default: \"\\\"\\\\}}\" }}", "\"\\}}"),
        ("{{ \"{{\" }}", "{{"), ("{{ at | date }}", "2026-11-21 09:21 UTC"),
        ("{{ none | date | default: \"soon\" }}", "soon"),
        ("{{# if user.name }}a{{ else }}b{{/ if }}", "a"), ("{{#if none}}a{{else}}b{{/if}}", "b"),
        ("{{# if zero }}a{{/ if }}{{# if no }}b{{/ if }}{{# if empty }}c{{/ if }}{{# if user }}d{{/ if }}", "d"),
        ("{{# if user }}{{# if none }}a{{ else }}b{{/ if }}c{{/ if }}", "bc"),
        ("{{# if none }}{{ unknown }}{{/ if }}x", "x"),
        ("a\n  {{# if user }}  \nb\n{{ else }}\nc\n{{/ if }}\nd\n", "a\nb\nd\n"),
        ("{{# if user }}\r\nb\r\n{{/ if }}\r\n", "b\r\n"),
        ("a {{# if user }}\nb{{/ if }}\n", "a \nb\n"), ("{{# if user }}x{{/ if }}\ny", "x\ny"),
        ("  {{ amount }}\n", "  250\n"), ("{{ else1 | default: \"e\" }}\n", "e\n"),
        ("{{ größe | default: \"g\" }}", "g"),
    ])
    func fills(_ source: String, _ text: String) throws {
        #expect(try Template(source, file: "t", escaping: .none).render(Self.values) == text)
    }

    @Test func escapesWhereItMust() throws {
        let source = "<i>{{ user.name }}</i>{{ none | default: \"<&>\" }}"
        #expect(
            try Template(source, file: "t", escaping: .html).render(Self.values)
                == "<i>Ada &lt;b&gt;&amp;&quot;&#39;</i>&lt;&amp;&gt;"
        )
        #expect(
            try Template(source, file: "t", escaping: .slack).render(Self.values)
                == "<i>Ada &lt;b&gt;&amp;\"'</i>&lt;&amp;&gt;"
        )
    }

    @Test func whatIsMissingIsNamed() throws {
        let template = try Template("{{ a }} {{ user.b.c }} {{ a }} {{ user }} {{ none }}", file: "t", escaping: .none)
        #expect(throws: TemplateRenderError.unknown(["a", "user.b.c", "user", "none"])) {
            try template.render(Self.values)
        }
        let date = try Template("{{ user.name | date }}", file: "t", escaping: .none)
        #expect(throws: TemplateRenderError.notATime("user.name")) { try date.render(Self.values) }
    }

    @Test func outputIsBounded() throws {
        var limits = Limits.Notifications()
        limits.renderedBytes = 10
        let template = try Template("{{ x }}", file: "t", escaping: .html, limits: limits)
        #expect(try template.render(.object(["x": .text("0123456789")])) == "0123456789")
        for text in ["01234567890", "<<<"] {
            #expect(throws: TemplateRenderError.tooLong(mostBytes: 10)) {
                try template.render(.object(["x": .text(text)]))
            }
        }
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let source: String
        let place: String
        let says: String
        var testDescription: String { source }
        init(_ source: String, _ place: String, _ says: String) {
            (self.source, self.place, self.says) = (source, place, says)
        }
    }

    @Test(arguments: [
        Fault("{{", "1:3", "expected a name"), Fault("a\nb {{ }}", "2:6", "expected a name"),
        Fault("{{ x", "1:5", "the tag goes on"), Fault("{{ x }", "1:7", "the tag goes on"),
        Fault("{{ x y }}", "1:6", "the tag goes on"), Fault("{{ x. }}", "1:7", "expected a name"),
        Fault("{{ x | upper }}", "1:8", "no such filter"), Fault("{{ x | default }}", "1:16", "after default"),
        Fault("{{ x | default: y }}", "1:17", "after default"),
        Fault("{{ x | default: \"y }}", "1:17", "quotes are not closed"),
        Fault("{{ x | default: \"\\n\" }}", "1:19", "after a backslash"), Fault("{{{ x }}}", "1:3", "a third brace"),
        Fault("ä{{# unless x }}", "1:6", "comes if"), Fault("{{# if }}", "1:8", "expected a name"),
        Fault("x\n {{# if x }}", "2:2", "has no {{/ if }}"), Fault("{{/ if }}", "1:1", "no condition to end"),
        Fault("{{ else }}", "1:1", "no condition here"), Fault("{{/ each }}", "1:5", "comes if"),
        Fault("{{# if x }}{{ else }}{{ else }}{{/ if }}", "1:22", "has an {{ else }}"),
        Fault("{{# if a }}{{# if b }}{{# if c }}", "1:23", "more than 2 conditions"),
        Fault("{{ a.b.c }}", "1:10", "more than 2 names"),
        Fault("{{a}}{{a}}{{a}}{{a}}{{a}}", "1:26", "more than 4 tags"),
        Fault(String(repeating: "x", count: 101), "1:1", "101 bytes"),
    ])
    func faultsArePointedAt(_ fault: Fault) {
        var limits = Limits.Notifications()
        (limits.templateDepth, limits.pathNames, limits.templateParts, limits.templateBytes) = (2, 2, 4, 100)
        let error = #expect(throws: TemplateFault.self) {
            try Template(fault.source, file: "t.txt", escaping: .none, limits: limits)
        }
        #expect(
            error.map { "\($0)".hasPrefix("t.txt:\(fault.place): ") && $0.problem.contains(fault.says) } == true,
            "\(error.map { "\($0)" } ?? "")"
        )
    }

    @Test(arguments: [
        ("{{ x | defualt: \"y\" }} {{ }} {{ z }", ["1:8", "1:27", "1:36"]),
        ("{{# unless a }}x{{ else }}y{{/ if }} {{/ if }}", ["1:5", "1:38"]),
        ("{{# if a }}{{/ each }} {{ b y }}", ["1:16", "1:29"]),
        ("{{ x }\n{{ y }\n{{ z }}", ["1:7", "2:7"]), ("{{{ x }}} {{ | }}", ["1:3", "1:14"]),
        ("{{# if a }}{{ b y }}", ["1:17", "1:1"]), ("{{ x | defualt: \"y\" }}{{# if x }}{{/ if }}", ["1:8"]),
    ]) func everyFaultIsFound(_ source: String, _ places: [String]) {
        let faults = Template.findings(in: source, at: TextOrigin(file: "t"), limits: Limits.Notifications()).faults
        #expect(faults.map { "\($0.line):\($0.column)" } == places, "\(faults)")
    }

    @Test func filtersAreSuggested() {
        let error = #expect(throws: TemplateFault.self) {
            try Template("{{ x | defualt: \"y\" }}", file: "t", escaping: .none)
        }
        #expect(error?.problem.hasPrefix("no such filter \"defualt\"; did you mean default?") == true)
    }

    @Test func namesWhatItIsFilledWith() throws {
        let source = "Hi {{ user.name | default: \"you\" }},\n{{# if listing.sold }}no{{ else }}{{ \"{\" }}{{/ if }}"
        let findings = Template.findings(in: source, at: TextOrigin(file: "t"), limits: Limits.Notifications())
        #expect(findings.faults == [])
        #expect(
            findings.names == [
                TemplateName(path: ["user", "name"], line: 1, column: 7),
                TemplateName(path: ["listing", "sold"], line: 2, column: 8),
            ]
        )
    }

    @Test func jsonGivesValues() throws {
        let json = try JSONParser().parse(
            Array(#"{"a":"x","b":1,"c":1.5,"d":true,"e":null,"f":[1],"g":{"h":"y"}}"#.utf8)
        )
        #expect(
            TemplateValue(json)
                == .object([
                    "a": .text("x"), "b": .integer(1), "c": .number(1.5), "d": .flag(true), "e": .nothing,
                    "f": .nothing,
                    "g": .object(["h": .text("y")]),
                ])
        )
    }
}
