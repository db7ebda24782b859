import Chat
import Testing
import Worker

@testable import backchannel

struct NotificationSettingTests {
    private static let secret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    private static let key = ["GETSTREAM_API_KEY": "key", "GETSTREAM_API_SECRET": "topsecret"]

    private func load(_ file: String, _ environment: [String: String] = [:]) throws(ConfigurationError) -> Configuration
    {
        let source = ConfigurationSource(
            environment: Self.key.merging(environment) { $1 },
            file: ("c.yaml", Array(file.utf8))
        )
        return try Configuration(from: source, for: .serving)
    }

    @Test func allIsOffUntilSet() throws {
        let configuration = try load("PORT: 1")
        #expect(configuration.eventEffects == nil)
        #expect(configuration.notifications == Configuration.Notifications())
    }

    @Test func whatIsSetIsCaused() throws {
        let configuration = try load(
            """
            SMTP_URL: smtps://shop:hush@mail.example.com
            MAIL_FROM: Shop <shop@example.com>
            SLACK_WEBHOOK_URL: https://hooks.slack.com/services/hush
            APP_WEBHOOK_URL: https://app.example.com/notify
            APP_WEBHOOK_SECRETS: [\(Self.secret)]
            BRIDGE_URL: http://10.1.2.3/events
            BRIDGE_SECRETS: [\(Self.secret)]
            BRIDGE_EVENTS: [message.new]
            OUTGOING_ADDRESSES_ALLOWED: [10.1.0.0/16]
            NEW_OFFER_TO: [email, webhook]
            MODERATOR_ALERT_TO: [slack]
            UNREAD_REMINDER_MINUTES: 30
            NOTIFICATION_MAX_AGE_SECONDS: 600
            BRIDGE_MAX_AGE_SECONDS: 3600
            NOTIFICATION_LINK: https://example.com/{cid}
            """
        )
        let effects = try #require(configuration.eventEffects)
        #expect(effects.newOffer?.destinations.map(\.description) == ["email", "webhook:app"])
        #expect(effects.newOffer?.types == ["offer", "counter_offer"])
        #expect(effects.moderatorAlert?.destinations.map(\.description) == ["slack:team"])
        #expect(effects.unreadReminder?.delay == .seconds(1_800))
        #expect(effects.bridge?.destination.description == "webhook:bridge" && effects.bridge?.types == ["message.new"])
        #expect(effects.maximumAge == .seconds(600) && effects.bridge?.maximumAge == .seconds(3_600))
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("hush") && !dumped.contains("whsec"))
    }

    @Test(arguments: [
        ("SMTP_URL: smtp://hush.example", "SMTP_URL is set without MAIL_FROM"),
        ("SMTP_URL: http://hush.example\nMAIL_FROM: a@b.example", "not a mail server"),
        ("MAIL_FROM: nobody", "an address such as Shop <shop@example.com>"),
        ("NEW_OFFER_TO: [email]", "NEW_OFFER_TO names email, and SMTP_URL is not set"),
        ("NEW_OFFER_TO: [pigeon]", "email, slack, webhook, each at most once"),
        ("UNREAD_REMINDER_MINUTES: 5", "UNREAD_REMINDER_TO names email, and SMTP_URL is not set"),
        ("MODERATOR_EMAILS: [x]", "addresses"),
        ("BRIDGE_URL: https://x.example", "BRIDGE_URL is set without BRIDGE_SECRETS"),
        ("BRIDGE_SECRETS: [hush]", "secrets such as whsec_"),
        ("SLACK_WEBHOOK_URL: http://127.0.0.1/hush", "SLACK_WEBHOOK_URL: "),
        ("SLACK_WEBHOOK_URL: http://localhost/hush", "OUTGOING_ADDRESSES_ALLOWED"),
        ("ALERT_WEBHOOK_URL: http://10.0.0.1/hush", "ALERT_WEBHOOK_URL: the host is not public"),
        (
            "USER_PUSH_URL: http://localhost/hush\nUSER_PUSH_SECRET: whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            "USER_PUSH_URL: the host is not public"
        ),
        ("OUTGOING_ADDRESSES_ALLOWED: [10.0.0.1/8]", "ranges such as 10.1.0.0/16"),
        ("NOTIFICATION_LINK: https://x.example/{user}", "no names in braces but cid"),
    ])
    func oneFault(_ file: String, _ expected: String) {
        let error = #expect(throws: ConfigurationError.self) { try load(file) }
        #expect(error?.faults.count == 1)
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("hush") == false)
    }
}
