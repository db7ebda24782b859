import Chat
import Foundation
import Notifications
import TestSupport
import Testing

/// Mails are read back by Python's `email` package.
struct MailMessageTests {
    static func message(subject: String = "Hello", text: String = "Hello", html: String? = nil) throws -> MailMessage {
        MailMessage(
            from: try MailAddress("from@example.com", name: "Backchannel"),
            to: [try MailAddress("to@example.com")],
            subject: subject,
            text: text,
            html: html,
            messageID: MailMessage.messageID(of: "effect-1", at: "example.com"),
            date: Timestamp(milliseconds: 1_795_252_896_789)
        )
    }

    @Test func isWhatItSays() async throws {
        var message = try Self.message(subject: "Neues Angebot für „Löffel“ 🥄", text: "Grüße\n", html: "<p>Grüße</p>")
        message.from = try MailAddress("from@example.com", name: "Müller, \"Käthe\"")
        message.to = [
            try MailAddress("a@example.com", name: "O'Brien, Ada \"x\" \\"), try MailAddress("b@example.com"),
        ]
        message.replyTo = try MailAddress("reply+1@sub.example.com", name: "A. B.")
        let bytes = try message.composed()
        #expect(bytes == (try message.composed()))
        let read = try #require(try await parsed([bytes]).first)
        #expect(
            read.headers == [
                "Date", "From", "To", "Reply-To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version",
                "Content-Type",
            ]
        )
        #expect(read.from == [["Müller, \"Käthe\"", "from@example.com"]])
        #expect(read.to == [["O'Brien, Ada \"x\" \\", "a@example.com"], ["", "b@example.com"]])
        #expect(read.replyTo == [["A. B.", "reply+1@sub.example.com"]])
        #expect(read.subject == message.subject)
        #expect(read.messageID == "<\(message.messageID)>")
        #expect(read.date == "2026-11-21T09:21:36+00:00")
        #expect(read.autoSubmitted == "auto-generated")
        #expect(read.contentType == "multipart/alternative")
        #expect(read.parts.map { $0[0] } == ["text/plain", "text/html"])
        #expect(read.content("text/html")?.hasPrefix("<p>Grüße</p>") == true)
        #expect(read.defects.isEmpty && read.isClean && read.longestLine <= 78)
    }

    /// Whatever is written arrives, in lines that every server takes.
    @Test func randomTextsArriveUnchanged() async throws {
        var random = SeededRandom()
        var messages: [MailMessage] = []
        for _ in 0..<300 {
            let subject = Self.text(&random, most: 120, lineEnds: false)
            let html = Bool.random(using: &random) ? Self.text(&random, most: 400, lineEnds: true) : nil
            var message = try Self.message(
                subject: subject,
                text: Self.text(&random, most: 600, lineEnds: true),
                html: html
            )
            message.to = [try MailAddress("to@example.com", name: Self.text(&random, most: 90, lineEnds: false))]
            messages.append(message)
        }
        let read = try await parsed(try messages.map { try $0.composed() })
        #expect(read.count == messages.count)
        for (message, read) in zip(messages, read) {
            let seed = Comment("TEST_SEED=\(random.seed)")
            #expect(read.subject == message.subject, seed)
            #expect(read.to == [[message.to[0].name ?? "", "to@example.com"]], seed)
            #expect(read.content("text/plain") == Self.received(message.text, isPart: message.html != nil), seed)
            #expect(read.content("text/html") == message.html.map { Self.received($0, isPart: true) }, seed)
            #expect(
                read.defects.isEmpty && read.isClean && read.longestLine <= 78,
                "\(seed): \(read.defects) \(read.longestLine)"
            )
        }
    }

    /// Each line end comes back as one; in a message of one part the last line is ended.
    private static func received(_ text: String, isPart: Bool) -> String {
        let lines = text.replacing("\r\n", with: "\n").unicodeScalars.map { $0 == "\r" ? "\n" : $0 }
        return String(String.UnicodeScalarView(lines)) + (isPart ? "" : "\n")
    }

    private static func text(_ random: inout SeededRandom, most: Int, lineEnds: Bool) -> String {
        let words = [
            "a", "Z", "9", " ", "  ", "=", "=?UTF-8?B?eA==?=", "?=", ".", "\"", "\\", ",", "<b>", "@", ":", ";", "(",
            "é", "ß",
            "日本語", "🥄", "👩‍👩‍👧", "e\u{301}", "\u{202E}", "From ", "--=_", "x",
        ]
        let ends = ["\n", "\r\n", "\r", "\n.\n", " \n", "\t\n", "\t"]
        let count = Int.random(in: 0...most, using: &random)
        var text = ""
        while text.unicodeScalars.count < count {
            let pool = lineEnds && Int.random(in: 0..<6, using: &random) == 0 ? ends : words
            text += pool.randomElement(using: &random) ?? ""
        }
        return text
    }

    @Test(arguments: ["\r", "\n", "\r\nBcc: hush@example.com", "\u{0}"])
    func noValueBecomesAHeader(_ end: String) throws {
        let subject = try Self.message(subject: "x\(end)y")
        #expect(throws: MailError.lineEnd(in: "the subject")) { try subject.composed() }
        #expect(throws: MailError.lineEnd(in: "the name of the address")) {
            try MailAddress("a@example.com", name: "hush\(end)")
        }
        #expect(throws: MailError.lineEnd(in: "the address")) { try MailAddress("a@example.com\(end)") }
        var message = try Self.message()
        message.messageID = "a\(end)@example.com"
        #expect(throws: MailError.invalidMessageID) { try message.composed() }
    }

    @Test func nobodyIsNoRecipient() throws {
        var message = try Self.message()
        message.to = []
        #expect(throws: MailError.noRecipient) { try message.composed() }
    }

    @Test(arguments: [
        "a@example.com", "a.b+c@sub.example.com", "o'brien@example.com", "a@xn--bcher-kva.example", "a@localhost",
    ])
    func addressesAreAccepted(_ text: String) throws {
        #expect(try MailAddress(text).address == text)
    }

    @Test(arguments: [
        ("", MailError.invalidAddress("the address")), ("hush", .invalidAddress("the address")),
        ("@example.com", .invalidAddress("the address")), ("hush@", .invalidAddress("the address")),
        ("hush@a@example.com", .invalidAddress("the address")), ("hush..b@example.com", .invalidAddress("the address")),
        (".hush@example.com", .invalidAddress("the address")), ("hush @example.com", .invalidAddress("the address")),
        ("hush,b@example.com", .invalidAddress("the address")), ("<hush@example.com>", .invalidAddress("the address")),
        ("hush@example..com", .invalidAddress("the address")), ("hush@-example.com", .invalidAddress("the address")),
        ("hush@[127.0.0.1]", .invalidAddress("the address")), ("hush@exa_mple.com", .invalidAddress("the address")),
        ("hüsh@example.com", .notASCII("the address")), ("hush@bücher.example", .notASCII("the address")),
        (String(repeating: "h", count: 65) + "@example.com", .invalidAddress("the address")),
        ("h@" + String(repeating: "h.", count: 130) + "com", .invalidAddress("the address")),
    ])
    func addressesAreRefused(_ text: String, _ reason: MailError) {
        let error = #expect(throws: MailError.self) { try MailAddress(text) }
        #expect(error == reason)
        #expect(error.map { !"\($0)".contains("hush") } == true)
    }

    @Test func writtenAddressesMayHaveNames() throws {
        for (text, name) in [
            ("Ada Lovelace <ada@example.com>", "Ada Lovelace"),
            ("\"Lovelace, Ada\" <ada@example.com>", "Lovelace, Ada"),
            ("ada@example.com", nil), ("<ada@example.com>", nil),
        ] {
            let address = try MailAddress(written: text, part: "MAIL_FROM")
            #expect(address.address == "ada@example.com" && address.name == name, "\(text)")
        }
        #expect(throws: MailError.invalidAddress("MAIL_FROM")) {
            try MailAddress(written: "Ada <ada>", part: "MAIL_FROM")
        }
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
        (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 +0000"), (1_795_252_896_789, "Sat, 21 Nov 2026 09:21:36 +0000"),
    ])
    func datesAreThoseOfMails(_ milliseconds: Int64, _ text: String) {
        #expect(Timestamp(milliseconds: milliseconds).mailDate == text)
    }

    @Test func messageIDsAreStableAndTellNothing() {
        let id = MailMessage.messageID(of: "message/hush/1", at: "example.com")
        #expect(id == MailMessage.messageID(of: "message/hush/1", at: "example.com"))
        #expect(id != MailMessage.messageID(of: "message/hush/2", at: "example.com"))
        #expect(!id.contains("hush") && id.hasSuffix("@example.com"))
    }
}
