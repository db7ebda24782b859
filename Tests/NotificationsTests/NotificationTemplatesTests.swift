import Foundation
import Limits
import Notifications
import Templates
import TestSupport
import Testing

struct NotificationTemplatesTests {
    static func file(_ name: String, _ text: String) -> TemplateFile {
        TemplateFile(name: name, bytes: Array(text.utf8))
    }

    static let offer: TemplateValue = .object([
        "recipient": .object(["name": .text("Ada")]),
        "sender": .object(["name": .text("Bob <b>"), "id": .text("bob")]),
        "listing": .object(["title": .text("Blue\r\nBcc: x & y")]),
        "offer": .object(["amount": .number(250), "currency": .text("EUR")]),
        "message": .object(["text": .text("Is it <new>?"), "id": .text("m1")]),
        "link": .text("https://example.com/1?a=b&c"),
    ])

    @Test func readyOnesAreWhole() throws {
        #expect(NotificationTemplates.ready.names == ["moderator-alert", "new-offer", "rule-fired", "unread-reminder"])
        let content = try #require(NotificationTemplates.ready["new-offer"]).render(Self.offer)
        #expect(content.subject == "New offer of 250 for Blue Bcc: x & y")
        #expect(
            content.text.contains(
                "Amount: 250 EUR\n\n\"Is it <new>?\"\n\nSee it and answer: https://example.com/1?a=b&c\n"
            )
        )
        #expect(content.html?.contains("<strong>Bob &lt;b&gt;</strong>") == true)
        #expect(content.html?.contains("href=\"https://example.com/1?a=b&amp;c\"") == true)
        #expect(content.slack?.hasPrefix("*Bob &lt;b&gt;* has made an offer of 250 EUR") == true)
        // Whatever is missing but what they cannot do without has a default.
        for name in NotificationTemplates.ready.names {
            let least: TemplateValue = .object(["message": .object(["id": .text("m1")])])
            let content = try #require(NotificationTemplates.ready[name]).render(least)
            #expect(!content.subject.isEmpty && !content.text.contains("{{") && !content.text.contains("\n\n\n"))
        }
    }

    @Test func filesAndYAMLGiveTheSame() throws {
        let yaml = Self.file(
            "own.yaml",
            "sold:\n  subject: Sold {{ x }}\n  text: |\n    It is {{ x }}.\n  html: \"<b>{{ x }}</b>\"\n  slack: '*{{ x }}*'\n"
        )
        let files = [
            Self.file("d/sold.subject.txt", "Sold {{ x }}\n"), Self.file("d/sold.txt", "It is {{ x }}.\n"),
            Self.file("d/sold.html", "<b>{{ x }}</b>"), Self.file("d/sold.slack.txt", "*{{ x }}*"),
        ]
        for files in [[yaml], files] {
            let templates = try NotificationTemplates(files: files)
            #expect(templates.names.contains("sold") && templates.names.contains("new-offer"))
            let content = try #require(templates["sold"]).render(.object(["x": .text("<1>")]))
            #expect(
                content
                    == NotificationContent(
                        subject: "Sold <1>",
                        text: "It is <1>.\n",
                        html: "<b>&lt;1&gt;</b>",
                        slack: "*&lt;1&gt;*"
                    )
            )
        }
    }

    @Test func ownOnesReplaceReadyOnes() throws {
        let own = try NotificationTemplates(files: [Self.file("a.yaml", "new-offer:\n  subject: S\n  text: T\n")])
        #expect(try own["new-offer"]?.render(.nothing) == NotificationContent(subject: "S", text: "T"))
    }

    @Test func everyFaultIsNamedAtItsPlace() throws {
        let files = [
            Self.file(
                "a.yaml",
                "one:\n  subject: Hi {{ x\n  text: |\n    fine\n      {{# if }}\n  body: x\nTwo:\n  text: T\n"
            ),
            Self.file(
                "b.yaml",
                "three:\n  subject: \"{{ | }}\"\n  html: >\n    {{ y }\n    z\nfour: 4\nfive:\n  subject: [a]\n  text: T\n"
            ),
            Self.file("c.yaml", "x: &y 1\n"), Self.file("d.yaml", "- 1\n"), Self.file("readme.md", "x"),
            Self.file("six.txt", "\n{{ a b }}"), Self.file("six.subject.txt", "S"), Self.file("seven.html", "x"),
            Self.file("d/six.txt", "x"), TemplateFile(name: "eight.txt", bytes: [0xFF]),
        ]
        let error = #expect(throws: TemplateFaults.self) { try NotificationTemplates(files: files) }
        let places = error?.faults.map { "\($0.file):\($0.line):\($0.column)" } ?? []
        #expect(
            Set(places) == [
                "a.yaml:2:19", "a.yaml:5:14", "a.yaml:6:3", "a.yaml:7:1", "b.yaml:2:16", "b.yaml:3:9", "b.yaml:1:1",
                "b.yaml:6:1", "b.yaml:8:3", "c.yaml:1:4", "d.yaml:1:1", "readme.md:1:1", "six.txt:2:6",
                "seven.html:1:1",
                "d/six.txt:1:1", "eight.txt:1:1",
            ],
            "\(error?.description ?? "")"
        )
    }

    @Test func subjectsAreShortAndOfOneLine() throws {
        var limits = Limits.Notifications()
        limits.subjectCharacters = 10
        let templates = try NotificationTemplates(
            files: [Self.file("a.yaml", "t:\n  subject: '{{ x }}'\n  text: T\n")],
            limits: limits
        )
        for (text, subject) in [
            (" a\r\n\u{0}b\u{2028}\tc ", "a b c"), ("0123456789", "0123456789"), ("01234567890", "012345678…"),
        ] {
            #expect(try templates["t"]?.render(.object(["x": .text(text)])).subject == subject)
        }
    }

    @Test func foldersAreRead() throws {
        let folder = try TemporaryFolder()
        for (name, text) in [("t.subject.txt", "S"), ("t.txt", "T"), (".hidden", "x"), ("t.txt~", "x")] {
            try Data(text.utf8).write(to: folder.url.appending(path: name))
        }
        let templates = try NotificationTemplates(files: try TemplateFolder.files(at: folder.path), base: nil)
        #expect(templates.names == ["t"])
        #expect(try TemplateFolder.files(at: folder.path("t.txt")) == [Self.file(folder.path("t.txt"), "T")])
        let missing = #expect(throws: TemplateFaults.self) { try TemplateFolder.files(at: folder.path("none")) }
        #expect(missing?.description.contains("No such file") == true)
        var limits = Limits.Notifications()
        limits.templateFiles = 1
        #expect(throws: TemplateFaults.self) { try TemplateFolder.files(at: folder.path, limits: limits) }
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "sub"),
            withIntermediateDirectories: false
        )
        #expect(throws: TemplateFaults.self) { try TemplateFolder.files(at: folder.path) }
    }
}
