import HTTPClient
import Limits
import Notifications

extension Setting {
    /// Who is told what, and how.
    static let notifications: [Setting] = channels + causes

    private static let channels: [Setting] = [
        .secret(
            "SMTP_URL",
            \.notifications.smtpURL,
            unit: "address",
            "The mail server: see `notifications.md`. May hold a password: treated as a secret.",
            check: SettingCheck.mailServer
        ),
        .optional("MAIL_FROM", \.notifications.mailFrom, unit: "address", "The sender of mails.", isMailbox: true),
        .optional("MAIL_REPLY_TO", \.notifications.mailReplyTo, unit: "address", "Where answers go.", isMailbox: true),
        .secret(
            "SLACK_WEBHOOK_URL",
            \.notifications.slackURL,
            unit: "address",
            "An incoming webhook of Slack or its like. Treated as a secret.",
            check: SettingCheck.webAddress
        ),
        .secret(
            "APP_WEBHOOK_URL",
            \.notifications.app.url,
            unit: "address",
            "The team's own push or SMS service: gets notifications. Treated as a secret.",
            check: SettingCheck.webAddress
        ),
        .secrets(
            "APP_WEBHOOK_SECRETS",
            \.notifications.app.secrets,
            "What those are signed with, the current one first."
        ),
        .secret(
            "BRIDGE_URL",
            \.notifications.bridge.url,
            unit: "address",
            "The app's own endpoint for events: gets each one that is stored. Treated as a secret.",
            check: SettingCheck.webAddress
        ),
        .secrets(
            "BRIDGE_SECRETS",
            \.notifications.bridge.secrets,
            "What those are signed with, the current one first."
        ),
        .list(
            "BRIDGE_EVENTS",
            \.notifications.bridgeEvents,
            unit: "list",
            "The types of events that it gets; unset, all.",
            check: SettingCheck.word
        ),
        .list(
            "OUTGOING_ADDRESSES_ALLOWED",
            \.notifications.addressesAllowed,
            unit: "list of ranges",
            "Addresses inside the own network that webhooks, pushes and alerts may go to, such as `10.1.0.0/16`."
        ) { text throws(SettingProblem) in
            guard AddressRange(text) != nil else { throw SettingProblem("ranges such as 10.1.0.0/16, or addresses") }
        },
        Setting(
            name: "TEMPLATES_DIR",
            unit: "folder or file",
            standard: "",
            summary: "The team's own templates: see `notifications.md`."
        ) { content, configuration throws(SettingProblem) in
            configuration.notifications.templatesFolder = try content.single()
        },
        Setting(
            name: "NOTIFICATION_LINK",
            unit: "address",
            standard: "",
            summary: """
                Where a person reads and answers; `{cid}`, `{channel_id}`, `{message_id}` and `{listing_id}` are filled in.
                """
        ) { content, configuration throws(SettingProblem) in
            let text = try content.single()
            try SettingCheck.link(text)
            configuration.notifications.link = text
        },
    ]

    private static let causes: [Setting] = [
        .channels("NEW_OFFER_TO", \.notifications.newOfferTo, "Where sellers are told of a new offer; unset, nowhere."),
        .list(
            "NEW_OFFER_TYPES",
            \.notifications.newOfferTypes,
            unit: "list",
            "Business types of messages that are offers.",
            check: SettingCheck.word
        ),
        .channels(
            "MODERATOR_ALERT_TO",
            \.notifications.moderatorAlertTo,
            "Where moderators are told of flagged messages and review items; unset, nowhere."
        ),
        .list(
            "MODERATOR_EMAILS",
            \.notifications.moderatorEmails,
            unit: "list of addresses",
            "Who gets those by mail.",
            check: SettingCheck.mailAddress
        ),
        .list(
            "MODERATOR_ROLES",
            \.notifications.moderatorRoles,
            unit: "list",
            "Users with one of these roles, everywhere or in the channel, are told too, by mail and by webhook; unset, none.",
            check: SettingCheck.word
        ),
        .channels(
            "UNREAD_REMINDER_TO",
            \.notifications.unreadReminderTo,
            "Where users are reminded of what they have not read."
        ),
        .integer(
            "UNREAD_REMINDER_MINUTES",
            \.notifications.unreadReminderMinutes,
            0...43_200,
            unit: "minutes",
            "From a message to the reminder; 0 is none."
        ),
        .integer(
            "NOTIFICATION_MAX_AGE_SECONDS",
            \.limits.notifications.maximumAgeSeconds,
            60...86_400,
            unit: "seconds",
            "What happened longer ago is not told to anyone."
        ),
        .integer(
            "BRIDGE_MAX_AGE_SECONDS",
            \.limits.notifications.bridgeMaximumAgeSeconds,
            60...2_592_000,
            unit: "seconds",
            "Events that happened longer ago are not forwarded but listed as stale."
        ),
    ]
}

extension Setting {
    fileprivate static func optional(
        _ name: String,
        _ place: Place<String?>,
        unit: String,
        _ summary: String,
        isMailbox: Bool
    ) -> Setting {
        Setting(name: name, unit: unit, standard: "", summary: summary) {
            content,
            configuration throws(SettingProblem) in
            let text = try content.single()
            try SettingCheck.writtenMailbox(text)
            configuration[keyPath: place] = text
        }
    }

    fileprivate static func secrets(_ name: String, _ place: Place<[Secret]>, _ summary: String) -> Setting {
        Setting(name: name, unit: "list of secrets", standard: "", summary: summary, isSecret: true, shape: .list) {
            content,
            configuration throws(SettingProblem) in
            guard case .list(let items) = content else { throw SettingProblem("a list of secrets") }
            do throws(WebhookSecretError) { _ = try WebhookSigner(secrets: items) } catch {
                throw SettingProblem("secrets such as whsec_…: \(error.description)")
            }
            configuration[keyPath: place] = items.map { Secret($0) }
        }
    }

    fileprivate static func channels(
        _ name: String,
        _ place: Place<[Configuration.Notifications.Channel]>,
        _ summary: String
    ) -> Setting {
        let names = Configuration.Notifications.Channel.allCases.map(\.rawValue)
        let standard = Configuration()[keyPath: place].map(\.rawValue).joined(separator: ",")
        return Setting(
            name: name,
            unit: "list of \(names.joined(separator: ", "))",
            standard: standard,
            summary: summary,
            shape: .list
        ) { content, configuration throws(SettingProblem) in
            guard case .list(let items) = content, !items.isEmpty else { throw SettingProblem("a list of channels") }
            let channels = items.compactMap { Configuration.Notifications.Channel(rawValue: $0) }
            guard channels.count == items.count, Set(channels).count == channels.count else {
                throw SettingProblem("\(names.joined(separator: ", ")), each at most once")
            }
            configuration[keyPath: place] = channels
        }
    }
}

extension SettingCheck {
    static func mailServer(_ text: String) throws(SettingProblem) {
        do throws(SMTPServerError) { _ = try SMTPServer(url: text) } catch { throw SettingProblem(error.description) }
    }

    static func mailAddress(_ text: String) throws(SettingProblem) {
        do throws(MailError) { _ = try MailAddress(text) } catch { throw SettingProblem("addresses: \(error)") }
    }

    /// `Shop <shop@example.com>` or the address alone.
    static func writtenMailbox(_ text: String) throws(SettingProblem) {
        do throws(MailError) { _ = try MailAddress(written: text, part: "the address") } catch {
            throw SettingProblem("an address such as Shop <shop@example.com>: \(error)")
        }
    }

    static func link(_ text: String) throws(SettingProblem) {
        var plain = text
        for name in ["cid", "channel_id", "message_id", "listing_id"] {
            plain = plain.replacing("{\(name)}", with: "x")
        }
        try webAddress(plain)
        guard !plain.contains(where: { "{}".contains($0) }) else {
            throw SettingProblem("an address with no names in braces but cid, channel_id, message_id and listing_id")
        }
    }
}
