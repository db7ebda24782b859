/// A secret that the provider signs with, and the key it belongs to.
package struct SigningSecret: Sendable, CustomStringConvertible, CustomReflectable {
    /// The key that `X-Api-Key` names; `nil` for a secret configured by itself.
    package let apiKey: String?
    package let secret: String

    package init(apiKey: String?, secret: String) {
        self.apiKey = apiKey
        self.secret = secret
    }

    // Neither printing nor dumping a value that holds this one may show the secret.
    package var description: String { "secret of \(apiKey ?? "no key")" }
    package var customMirror: Mirror { Mirror(self, children: ["apiKey": apiKey ?? ""]) }
}
