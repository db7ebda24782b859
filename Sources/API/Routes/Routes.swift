import Hooks
import Limits
import WebhookIngest

/// Every route of the service, in the order of `docs/api.md`.
enum Routes {
    /// Where the reference design has deliveries, messages and figures.
    static let webhookPath = "/api/v1/webhooks/getstream"

    static func all(
        _ services: APIServices,
        _ database: Database,
        _ authenticator: Authenticator,
        _ desk: AuditDesk
    ) -> [Route] {
        let place = OpenAPIPlace()
        let routes = ways(services, database, authenticator, desk) + documentation(place)
        place.put(OpenAPIDocument(routes, version: services.version))
        return routes
    }

    private static func ways(
        _ services: APIServices,
        _ database: Database,
        _ authenticator: Authenticator,
        _ desk: AuditDesk
    ) -> [Route] {
        [
            Route(deliveriesTo: webhookPath),
            Route(deliveriesTo: "/api/chat/webhooks/stream"),
            Route(hook: .beforeMessageSend, at: webhookPath + "/before-message-send", "May this message be sent?"),
            Route(hook: .command, at: webhookPath + "/commands/{type}", "A user has given a command."),
            Route(
                hook: .pendingMessage,
                at: webhookPath + "/PassOnPendingMessage",
                "A message waits to be let through."
            ),
            Route(
                hook: .pendingMessageDeleted,
                at: webhookPath + "/DeletedPendingMessage",
                "A waiting message is gone."
            ),
        ]
            + messages(database, services.limits.query)
            + flags(database, services.limits.api)
            + reports(services, database)
            + reviews(services, database)
            + figures(database, services.limits.query)
            + analytics(services, database)
            + live(services, database)
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
            + spam(services, database)
            + bans(services, database)
            + blocks(services, database)
            + streams(services, database)
            + audit(database, services.limits.query)
            + keys(services, database, authenticator)
            + session(services, authenticator, desk)
            + dashboard(services)
            + system(services, database)
            + service(services)
    }
}
