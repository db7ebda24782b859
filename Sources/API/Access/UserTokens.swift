package import Crypto
package import Provider

/// How the app's own users come to tokens for the chat.
package struct UserTokens: Sendable {
    /// Verifies what the app gave its users.
    package var verifier: JWTVerifier
    /// The claim that holds the user's id.
    package var userClaim: String
    /// The provider app's.
    package var apiKey: String
    /// Of the provider app's secret.
    package var signer: HMACSHA256
    package var provider: any ChatProvider

    package init(
        verifier: JWTVerifier,
        userClaim: String,
        apiKey: String,
        signer: HMACSHA256,
        provider: any ChatProvider
    ) {
        (self.verifier, self.userClaim) = (verifier, userClaim)
        (self.apiKey, self.signer, self.provider) = (apiKey, signer, provider)
    }
}
