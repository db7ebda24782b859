package import HTTPClient
package import Limits

/// Notifications into a channel of Slack, or of a service that takes the same incoming webhooks (Mattermost, Rocket.Chat).
///
/// At least once, and without an id by which a second one could be known: the protocol has none.
package struct SlackChannel: NotificationChannel {
    private let url: String
    private let addresses: AddressPolicy
    private let client: HTTPClient
    private let limits: Limits.Notifications

    /// - Parameter url: a secret: whoever knows it may write there.
    package init(
        url: String,
        addresses: AddressPolicy,
        client: HTTPClient,
        limits: Limits.Notifications = Limits.Notifications()
    ) throws(OutgoingAddressError) {
        self.url = try OutgoingAddress(url, addresses: addresses).url
        (self.addresses, self.client, self.limits) = (addresses, client, limits)
    }

    package func deliver(_ notification: OutgoingNotification) async -> DeliveryOutcome {
        guard let content = notification.content else {
            return .giveUp(DeliveryFailure(reason: "the notification has no text"))
        }
        let message = content.slack.map { SlackMessage(markup: $0) } ?? SlackMessage(plain: content.text)
        var request = HTTPClientRequest(
            method: "POST",
            url: url,
            headers: [("Content-Type", "application/json; charset=utf-8")],
            body: message.body(most: limits.slackCharacters),
            timeout: .milliseconds(limits.webhookMilliseconds)
        )
        request.addresses = addresses
        do throws(HTTPClientError) {
            return DeliveryOutcome(try await client.send(request), limits: limits)
        } catch {
            return DeliveryOutcome(error)
        }
    }
}
