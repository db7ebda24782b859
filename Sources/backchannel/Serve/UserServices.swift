import API
import Chat
import Crypto
import HTTPClient
import History
import Limits
import Notifications
import Outbox
import Provider
import UserSync
import WebhookIngest

extension APIServices.Users {
    init(_ configuration: Configuration, _ provider: (any ChatProvider)?) throws(CommandFailure) {
        self.init()
        mapping = configuration.users.mapping
        let keys = try configuration.tokenKeys()
        guard !keys.isEmpty, let provider, let apiKey = configuration.provider.apiKey,
            let secret = configuration.provider.apiSecret
        else { return }
        tokens = UserTokens(
            verifier: JWTVerifier(
                keys: keys,
                issuer: configuration.users.tokenIssuer,
                audiences: Set(configuration.users.tokenAudiences),
                limits: configuration.limits.token
            ),
            userClaim: configuration.users.tokenUserClaim,
            apiKey: apiKey,
            signer: HMACSHA256(key: secret.revealed()),
            provider: provider
        )
    }
}

extension UserPushPerformer {
    /// `nil` where nothing is to be pushed.
    init?(_ configuration: Configuration, history: HistoryHandle) throws(CommandFailure) {
        guard let url = configuration.users.pushURL, let secret = configuration.users.pushSecret else { return nil }
        let signer: WebhookSigner
        do throws(WebhookSecretError) { signer = try WebhookSigner(secrets: [secret.revealed()]) } catch {
            throw CommandFailure("USER_PUSH_SECRET: \(error)", exitCode: .configuration)
        }
        do throws(OutgoingAddressError) {
            let channel = try WebhookChannel(
                url: url.revealed(),
                addresses: configuration.notifications.addresses,
                signer: signer,
                client: HTTPClient(limits: configuration.limits.client),
                limits: configuration.limits.notifications,
                now: QueueClock.system.now
            )
            self.init(
                channel,
                history: history,
                mapping: configuration.users.mapping,
                limits: configuration.limits
            )
        } catch {
            throw CommandFailure("USER_PUSH_URL: \(error)", exitCode: .configuration)
        }
    }
}
