package import HTTPClient

/// Notifications by e-mail.
///
/// At least once: when the connection breaks between the mail's last byte and the server's answer, nobody can know whether it
/// was taken; both attempts then have the same `Message-ID`.
package struct MailChannel: NotificationChannel {
    private let client: SMTPClient
    private let sender: MailAddress
    private let replyTo: MailAddress?

    package init(client: SMTPClient, sender: MailAddress, replyTo: MailAddress? = nil) {
        (self.client, self.sender, self.replyTo) = (client, sender, replyTo)
    }

    package func deliver(_ notification: OutgoingNotification) async -> DeliveryOutcome {
        let mail: SMTPMail
        do throws(DeliveryRefusal) {
            mail = try composed(notification)
        } catch {
            return .giveUp(DeliveryFailure(reason: error.reason))
        }
        do throws(SMTPError) {
            return .delivered(answer: try await client.send(mail).description)
        } catch {
            return DeliveryOutcome(error)
        }
    }

    private func composed(_ notification: OutgoingNotification) throws(DeliveryRefusal) -> SMTPMail {
        guard let content = notification.content else { throw DeliveryRefusal("the notification has no text") }
        guard let recipient = notification.recipient, let email = recipient.email else {
            throw DeliveryRefusal("the recipient has no e-mail address")
        }
        do throws(MailError) {
            let to = try MailAddress(email, name: recipient.name?.onOneLine, part: "the recipient's address")
            let message = MailMessage(
                from: sender,
                to: [to],
                replyTo: replyTo,
                subject: content.subject.onOneLine,
                text: content.text,
                html: content.html,
                messageID: MailMessage.messageID(of: notification.id, at: sender.domain),
                date: notification.at
            )
            return SMTPMail(sender: sender.address, recipients: [to.address], message: try message.composed())
        } catch {
            throw DeliveryRefusal("the mail cannot be composed: \(error.description)")
        }
    }
}

/// A notification that this channel can never take.
struct DeliveryRefusal: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}

extension DeliveryOutcome {
    fileprivate init(_ error: SMTPError) {
        let failure = DeliveryFailure(
            code: error.reply?.description,
            reason: error.description,
            mayHaveBeenDelivered: error.mayHaveBeenSent
        )
        switch error.kind {
        case .temporary, .cancelled: self = .retry(failure)
        case .refused, .invalidMail: self = .giveUp(failure)
        case .misconfigured: self = .misconfigured(failure)
        }
    }
}
