/// How `sign` and `replay` find the address and the secret.
enum SigningOptions {
    static let url = CommandOption<String?>.text(
        "url",
        "URL",
        "where to send",
        standard: "http://HOST:PORT of the configuration"
    )
    static let key = CommandOption<String?>.text(
        "key",
        "KEY",
        "the app key that X-Api-Key names",
        standard: "GETSTREAM_API_KEY"
    )
    static let secret = CommandOption<String?>.text(
        "secret",
        "SECRET",
        "what signs; others may see it in the process list",
        standard: "GETSTREAM_API_SECRET"
    )

    static let forms = [url.form, key.form, secret.form]

    struct Choice {
        let endpoint: Endpoint
        let key: String?
        let secret: Secret
    }

    /// Options first, then the configuration.
    ///
    /// A key alone picks its secret among the configured pairs.
    static func choose(_ arguments: ParsedArguments, _ context: CommandContext) throws -> Choice {
        let given = arguments[secret].map { Secret($0) }
        let configuration = try context.configuration(for: given == nil ? .signing : .asking)
        let endpoint = try arguments[url].map { text throws(UsageFault) in try Endpoint(text) }
        let name = arguments[key]
        guard name?.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) != false else {
            throw UsageFault("'--key' takes an app key, without spaces")
        }
        let pairs = configuration.signingSecrets
        let pair = name == nil ? pairs.first : pairs.first { $0.key == name }
        guard let secret = given ?? pair?.secret else {
            throw UsageFault("no secret is configured for this key; give --secret")
        }
        return Choice(
            endpoint: endpoint ?? Endpoint(of: configuration),
            key: name ?? pair?.key ?? configuration.provider.apiKey,
            secret: secret
        )
    }
}
