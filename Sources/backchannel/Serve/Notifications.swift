import Chat
import Delivery
import Facts
import HTTPClient
import History
import Limits
import Notifications
import Outbox
import Templates
import WebhookIngest
import Worker

extension Effect.Destination {
    static let slack = Effect.Destination("slack:team")
    static let app = Effect.Destination("webhook:app")
    fileprivate static let bridge = Effect.Destination("webhook:bridge")

    fileprivate init(_ channel: Configuration.Notifications.Channel) {
        switch channel {
        case .email: self = .email
        case .slack: self = .slack
        case .webhook: self = .app
        }
    }
}

extension Configuration {
    /// What events cause; `nil` if nothing.
    var eventEffects: EventEffectSettings? {
        var settings = EventEffectSettings(maximumAge: .seconds(limits.notifications.maximumAgeSeconds))
        let set = notifications
        if set.bridge.url != nil {
            settings.bridge = .init(
                destination: .bridge,
                types: set.bridgeEvents.isEmpty ? nil : Set(set.bridgeEvents),
                maximumAge: .seconds(limits.notifications.bridgeMaximumAgeSeconds)
            )
        }
        if !set.newOfferTo.isEmpty {
            settings.newOffer = .init(
                destinations: set.newOfferTo.map(Effect.Destination.init),
                types: Set(set.newOfferTypes)
            )
        }
        if !set.moderatorAlertTo.isEmpty {
            settings.moderatorAlert = .init(
                destinations: set.moderatorAlertTo.map(Effect.Destination.init),
                moderators: set.moderatorEmails.map(NotificationDesk.moderatorID),
                byRole: set.moderatorRoles.isEmpty ? [] : [.email, .app]
            )
        }
        if set.unreadReminderMinutes > 0 {
            settings.unreadReminder = .init(
                destinations: set.unreadReminderTo.map(Effect.Destination.init),
                delay: .seconds(set.unreadReminderMinutes * 60)
            )
        }
        return settings.isEmpty ? nil : settings
    }

    /// What composes notifications, with the team's own templates.
    ///
    /// - Throws: ``CommandFailure`` with every fault of the templates, each with its place.
    func notificationDesk(
        history: HistoryHandle,
        facts: FactStore,
        order: WriteOrder
    ) throws(CommandFailure) -> NotificationDesk {
        NotificationDesk(
            .init(
                templates: try notificationTemplates,
                moderators: notifications.moderatorEmails,
                moderatorRoles: notifications.moderatorRoles,
                link: notifications.link
            ),
            history: history,
            facts: facts,
            limits: limits,
            order: order,
            now: QueueClock.system.now
        )
    }

    /// The team's own, and those that come with the program.
    var notificationTemplates: NotificationTemplates {
        get throws(CommandFailure) {
            guard let folder = notifications.templatesFolder else { return .ready }
            do throws(TemplateFaults) {
                let files = try TemplateFolder.files(at: folder, limits: limits.notifications)
                return try NotificationTemplates(files: files, limits: limits.notifications)
            } catch {
                throw CommandFailure("TEMPLATES_DIR: \(error.description)", exitCode: .configuration)
            }
        }
    }

    /// Who performs effects that tell somebody something, as far as they are configured.
    func notifiers(_ desk: NotificationDesk) throws(CommandFailure) -> [Effect.Destination: any EffectPerformer] {
        var performers: [Effect.Destination: any EffectPerformer] = [:]
        if let mail = try mailChannel() {
            performers[.email] = NotificationPerformer(mail, audience: .mailbox, desk: desk)
        }
        let addresses = notifications.addresses
        if let url = notifications.slackURL {
            let slack = try explaining("SLACK_WEBHOOK_URL") { () throws(OutgoingAddressError) in
                try SlackChannel(
                    url: url.revealed(),
                    addresses: addresses,
                    client: makeWebhookClient(),
                    limits: limits.notifications
                )
            }
            performers[.slack] = NotificationPerformer(slack, audience: .room, desk: desk)
        }
        if let app = try webhook(notifications.app, "APP_WEBHOOK") {
            performers[.app] = NotificationPerformer(app, audience: .service, desk: desk)
        }
        if let bridge = try webhook(notifications.bridge, "BRIDGE") {
            performers[.bridge] = NotificationPerformer(bridge, audience: .room, desk: desk)
        }
        return performers
    }

    /// One for each destination, with a thread for each of its calls: one that is slow holds up none of the others.
    private func makeWebhookClient() -> HTTPClient {
        var client = limits.client
        client.concurrent = limits.outbox.webhookCalls
        return HTTPClient(limits: client)
    }

    private func mailChannel() throws(CommandFailure) -> MailChannel? {
        guard let url = notifications.smtpURL, let from = notifications.mailFrom else { return nil }
        let server = try explaining("SMTP_URL") { () throws(SMTPServerError) in try SMTPServer(url: url.revealed()) }
        let sender = try explaining("MAIL_FROM") { () throws(MailError) in
            try MailAddress(written: from, part: "the sender")
        }
        let replyTo = try explaining("MAIL_REPLY_TO") { () throws(MailError) in
            try notifications.mailReplyTo.map { text throws(MailError) in
                try MailAddress(written: text, part: "the address")
            }
        }
        var smtp = limits.smtp
        smtp.connections = limits.outbox.emailCalls
        return MailChannel(client: SMTPClient(server: server, limits: smtp), sender: sender, replyTo: replyTo)
    }

    private func webhook(
        _ webhook: Notifications.Webhook,
        _ name: String
    ) throws(CommandFailure) -> WebhookChannel? {
        guard let url = webhook.url else { return nil }
        let signer = try explaining("\(name)_SECRETS") { () throws(WebhookSecretError) in
            try WebhookSigner(secrets: webhook.secrets.map { $0.revealed() })
        }
        return try explaining("\(name)_URL") { () throws(OutgoingAddressError) in
            try WebhookChannel(
                url: url.revealed(),
                addresses: notifications.addresses,
                signer: signer,
                client: makeWebhookClient(),
                limits: limits.notifications,
                now: QueueClock.system.now
            )
        }
    }

    private func explaining<Value, Failure: Error & CustomStringConvertible>(
        _ setting: String,
        _ body: () throws(Failure) -> Value
    ) throws(CommandFailure) -> Value {
        do throws(Failure) { return try body() } catch {
            throw CommandFailure("\(setting): \(error.description)", exitCode: .configuration)
        }
    }
}
