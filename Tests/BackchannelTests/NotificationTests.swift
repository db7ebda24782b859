import Foundation
import HTTPClient
import HTTPServer
import TestSupport
import Testing

@testable import backchannel

/// The executable itself: a signed event in, a mail or a signed webhook out.
struct NotificationTests {
    private static let secret = "whsec_" + Data(repeating: 7, count: 32).base64EncodedString()

    @Test(.timeLimit(.minutes(2))) func anOfferArrivesAsMail() async throws {
        let peer = try await MailPeer(.starttls)
        let service = try ServiceUnderTest(
            mongoURI: try sharedMongoURI(),
            settings: Self.mail(peer).merging(["NEW_OFFER_TO": "email", "EFFECTS": "on"]) { $1 }
        )
        try await service.start()
        try await service.reports(mongoDB: "up")
        let facts = #"{"email":"sam@example.com","name":"Sam Ünal"}"#
        #expect(try await service.send("PUT", "/api/v1/facts/user/sam", facts).status == 200)
        #expect(
            try await service.send("PUT", "/api/v1/facts/listing/1042", #"{"title":"Blaues Fahrrad – wie neu"}"#).status
                == 200
        )
        try await service.deliver(event: Self.offer("m1"))
        let mail = try await peer.received()
        #expect(mail.recipients == ["sam@example.com"] && mail.to == [["Sam Ünal", "sam@example.com"]])
        #expect(mail.from == [["Shop", "shop@example.com"]] && mail.isEncrypted == true)
        #expect(mail.subject == "New offer of 250 for Blaues Fahrrad – wie neu")
        #expect(mail.content("text/plain")?.contains("https://shop.example/messaging%3Alisting_1042_bea_sam") == true)
        #expect(mail.content("text/html")?.contains("Is 250 &lt;ok&gt;?") == true)
        #expect(mail.defects.isEmpty && mail.autoSubmitted == "auto-generated")

        // Delivered again, and a minute later by another attempt of the provider: no second mail.
        try await service.deliver(event: Self.offer("m1"))
        // One whose seller has no address is a dead letter that says so.
        try await service.deliver(event: Self.offer("m2", in: "messaging:listing_9_bea_eve"))
        let dead = try await service.effects("?state=dead", count: 1)
        #expect(dead.contains("user eve has no fact email"))
        let all = try await service.effects("", count: 2)
        #expect(all.contains(#""_id":"m1/0/new-offer/email user:sam""#))
        #expect(await service.stop() == 0)
        try await service.dropDatabase()
    }

    @Test(.timeLimit(.minutes(2))) func aReminderIsCancelledByReading() async throws {
        let peer = try await MailPeer(.starttls)
        let settings = ["UNREAD_REMINDER_MINUTES": "30", "EFFECTS": "on"]
        let service = try ServiceUnderTest(
            mongoURI: try sharedMongoURI(),
            settings: Self.mail(peer).merging(settings) { $1 }
        )
        try await service.start()
        try await service.reports(mongoDB: "up")
        try await service.deliver(event: Self.offer("m1"))
        _ = try await service.effects("?state=scheduled", count: 1)
        let read = #"{"type":"message.read","created_at":"\#(Self.now())","cid":"\#(Self.cid)","user":{"id":"sam"}}"#
        try await service.deliver(event: read)
        _ = try await service.effects("?state=cancelled", count: 1)
        #expect(await service.stop() == 0)
        try await service.dropDatabase()
    }

    @Test(.timeLimit(.minutes(2))) func eventsAreForwardedSigned() async throws {
        try await withTestServer({ _ in HTTPResponse(status: 204) }) { receiver in
            let service = try ServiceUnderTest(
                mongoURI: try sharedMongoURI(),
                settings: [
                    "BRIDGE_URL": receiver.url + "/events", "BRIDGE_SECRETS": Self.secret, "EFFECTS": "on",
                    "BRIDGE_EVENTS": "message.new", "OUTGOING_ADDRESSES_ALLOWED": "127.0.0.1",
                ]
            )
            try await service.start()
            try await service.reports(mongoDB: "up")
            let event = Self.offer("m1")
            try await service.deliver(event: event)
            try await service.deliver(
                event: #"{"type":"user.updated","created_at":"\#(Self.now())","user":{"id":"a"}}"#
            )
            _ = try await service.effects("?state=done&destination=webhook:bridge", count: 1)
            let received = receiver.received
            #expect(received.count == 1)
            let body = String(decoding: received[0].body, as: UTF8.self)
            #expect(body.hasPrefix(#"{"type":"message.new","timestamp":""#) && body.hasSuffix(#","data":\#(event)}"#))
            #expect(received[0].head[header: "webhook-signature"]?.hasPrefix("v1,") == true)
            #expect(await service.stop() == 0)
            try await service.dropDatabase()
        }
    }

    @Test(.timeLimit(.minutes(2))) func anEndpointThatNeverAnswersHoldsUpNoOther() async throws {
        let silent = try SilentServer()
        try await withTestServer({ _ in HTTPResponse(status: 204) }) { receiver in
            let service = try ServiceUnderTest(
                mongoURI: try sharedMongoURI(),
                settings: [
                    "BRIDGE_URL": "http://127.0.0.1:\(silent.port)/events", "BRIDGE_SECRETS": Self.secret,
                    "APP_WEBHOOK_URL": receiver.url + "/app", "APP_WEBHOOK_SECRETS": Self.secret,
                    "NEW_OFFER_TO": "webhook", "OUTGOING_ADDRESSES_ALLOWED": "127.0.0.1", "EFFECTS": "on",
                ]
            )
            try await service.start()
            try await service.reports(mongoDB: "up")
            for user in 1...8 {
                let event = #"{"type":"user.updated","created_at":"\#(Self.now())","user":{"id":"u\#(user)"}}"#
                try await service.deliver(event: event)
            }
            _ = try await service.effects("?state=running&destination=webhook:bridge", count: 8)
            try await service.deliver(event: Self.offer("m1"))
            // Sooner than any of those calls is given up.
            _ = try await service.effects("?state=done&destination=webhook:app", count: 1, within: .seconds(7))
            #expect(receiver.received.count == 1)
            await service.stop()
            try await service.dropDatabase()
        }
    }

    @Test(.timeLimit(.minutes(1))) func wrongTemplatesRefuseTheStart() async throws {
        let folder = try TemporaryFolder()
        try Data("new-offer:\n  subject: Hi {{ x\n  text: T\n".utf8).write(to: folder.url.appending(path: "own.yaml"))
        let service = try ServiceUnderTest(
            mongoURI: "mongodb://127.0.0.1:1/",
            settings: ["TEMPLATES_DIR": folder.url.path]
        )
        let process = try await service.command("serve")
        let output = await process.wholeErrorOutput()
        #expect(await process.wait() == ExitCode.configuration.rawValue)
        #expect(
            output.contains("TEMPLATES_DIR: the templates have a fault") && output.contains("own.yaml:2:"),
            "\(output)"
        )
    }

    // MARK: What is told

    private static let cid = "messaging:listing_1042_bea_sam"

    private static func now() -> String { Date().formatted(.iso8601) }

    private static func offer(_ id: String, in cid: String = cid) -> String {
        """
        {"type":"message.new","created_at":"\(now())","cid":"\(cid)","message_id":"\(id)","message":{"id":"\(id)",\
        "cid":"\(cid)","type":"regular","text":"Is 250 <ok>?","message_type":"offer","amount":250,"user":{"id":"bea",\
        "name":"Bea"},"created_at":"\(now())","updated_at":"\(now())"}}
        """
    }

    private static func mail(_ peer: MailPeer) -> [String: String] {
        [
            "SMTP_URL": "smtp://127.0.0.1:\(peer.port)/client.test?ca=\(peer.authorityFile)",
            "MAIL_FROM": "Shop <shop@example.com>", "NOTIFICATION_LINK": "https://shop.example/{cid}",
        ]
    }
}

extension ServiceUnderTest {
    /// The answer once there are so many effects; each look is an answer of the service.
    fileprivate func effects(_ query: String, count: Int, within limit: Duration = .seconds(60)) async throws -> String
    {
        var answer = ""
        try await eventually(within: limit) {
            answer = String(decoding: try await get("/api/v1/effects\(query)").body, as: UTF8.self)
            return answer.split(separator: #""_id":"#, omittingEmptySubsequences: false).count == count + 1
        }
        return answer
    }
}
