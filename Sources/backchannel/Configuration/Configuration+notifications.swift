import HTTPClient
import Notifications

extension Configuration {
    /// Who is told what, and how; all off until set.
    struct Notifications: Sendable, Equatable {
        /// May hold a password.
        var smtpURL: Secret?
        var mailFrom: String?
        var mailReplyTo: String?
        /// Whoever knows it may write there.
        var slackURL: Secret?
        var app = Webhook()
        var bridge = Webhook()
        /// Empty is every type.
        var bridgeEvents: [String] = []
        var templatesFolder: String?
        var addressesAllowed: [String] = []
        var link: String?
        var newOfferTo: [Channel] = []
        var newOfferTypes = ["offer", "counter_offer"]
        var moderatorAlertTo: [Channel] = []
        var moderatorEmails: [String] = []
        var moderatorRoles: [String] = []
        var unreadReminderTo = [Channel.email]
        /// 0 is none.
        var unreadReminderMinutes = 0

        /// One of the team's own services.
        struct Webhook: Sendable, Equatable {
            var url: Secret?
            /// The current one first.
            var secrets: [Secret] = []
        }

        enum Channel: String, Sendable, CaseIterable { case email, slack, webhook }

        var addresses: AddressPolicy { .publicOnly(or: addressesAllowed.compactMap { AddressRange($0) }) }
    }
}

extension Configuration {
    /// Of what is told to the operator and the app besides notifications.
    var addressFaults: [ConfigurationError.Fault] {
        notifications.addressFaults(of: [("USER_PUSH_URL", users.pushURL), ("ALERT_WEBHOOK_URL", alertWebhookURL)])
    }
}

extension Configuration.Notifications {
    /// What is set but cannot work as it stands.
    var faults: [ConfigurationError.Fault] {
        let urls = webhooks.map { ("\($0.name)_URL", $0.webhook.url) } + [("SLACK_WEBHOOK_URL", slackURL)]
        return channelFaults.map { .init(place: "configuration", problem: $0) } + addressFaults(of: urls)
    }

    private var channelFaults: [String] {
        var faults: [String] = []
        if smtpURL != nil, mailFrom == nil { faults.append("SMTP_URL is set without MAIL_FROM, the sender of mails") }
        let uses = [
            ("NEW_OFFER_TO", newOfferTo), ("MODERATOR_ALERT_TO", moderatorAlertTo),
            ("UNREAD_REMINDER_TO", unreadReminderMinutes > 0 ? unreadReminderTo : []),
        ]
        for (name, channels) in uses {
            for channel in channels where !isSet(channel) {
                faults.append("\(name) names \(channel), and \(setting(of: channel)) is not set")
            }
        }
        if moderatorAlertTo.contains(.email), moderatorEmails.isEmpty, moderatorRoles.isEmpty {
            faults.append("MODERATOR_ALERT_TO names email, and neither MODERATOR_EMAILS nor MODERATOR_ROLES is set")
        }
        for (name, webhook) in webhooks where webhook.url != nil && webhook.secrets.isEmpty {
            faults.append("\(name)_URL is set without \(name)_SECRETS, by which the receiver knows us; \(Self.advice)")
        }
        return faults
    }

    /// Those that lead into our own network need leave: see ``addressesAllowed``.
    func addressFaults(of urls: [(name: String, url: Secret?)]) -> [ConfigurationError.Fault] {
        urls.compactMap { name, url -> String? in
            guard let url else { return nil }
            do throws(OutgoingAddressError) {
                _ = try OutgoingAddress(url.revealed(), addresses: addresses)
                return nil
            } catch {
                return "\(name): \(error.description)" + (error == .forbidden ? ": OUTGOING_ADDRESSES_ALLOWED" : "")
            }
        }.map { .init(place: "configuration", problem: $0) }
    }

    private var webhooks: [(name: String, webhook: Webhook)] { [("APP_WEBHOOK", app), ("BRIDGE", bridge)] }

    private func isSet(_ channel: Channel) -> Bool {
        switch channel {
        case .email: smtpURL != nil
        case .slack: slackURL != nil
        case .webhook: app.url != nil
        }
    }

    private func setting(of channel: Channel) -> String {
        switch channel {
        case .email: "SMTP_URL"
        case .slack: "SLACK_WEBHOOK_URL"
        case .webhook: "APP_WEBHOOK_URL"
        }
    }

    private static let advice = "make one with: echo \"whsec_$(openssl rand -base64 32)\""
}
