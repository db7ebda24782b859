import Limits
import WebhookIngest

/// Every route of the service, in the order of `docs/api.md`.
enum Routes {
    /// Where the reference design has deliveries, messages and figures.
    static let webhookPath = "/api/v1/webhooks/getstream"

    static func all(_ services: APIServices, _ database: Database, _ authenticator: Authenticator) -> [Route] {
        [
            Route(deliveriesTo: webhookPath),
            Route(deliveriesTo: "/api/chat/webhooks/stream"),
        ]
            + messages(database, services.limits.query)
            + flags(database, services.limits.api)
            + reports(services, database)
            + reviews(services, database)
            + figures(database, services.limits.query)
            + entities(services, database)
            + users(services)
            + userSync(services, database)
            + tokens(services, database)
            + facts(services, database)
            + channels(services, database)
            + notificationPreferences(database)
            + rejections(services.receiver)
            + deadLetters(services, database)
            + effects(services, database)
            + rules(services, database)
            + decisions(services, database)
            + keys(services, database, authenticator)
            + service(services)
    }
}
