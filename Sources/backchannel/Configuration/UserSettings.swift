import Crypto
import Foundation
import Limits
import Notifications
import UserSync

/// The app's users: how they are mapped, and how they show who they are.
struct AppUsers: Sendable, Equatable {
    var mapping = UserMapping()
    /// Changed profiles are pushed there.
    var pushURL: Secret?
    var pushSecret: Secret?
    var tokenSecret: Secret?
    var tokenKeyFile: String?
    var tokenAudiences: [String] = []
    var tokenIssuer: String?
    var tokenUserClaim = "sub"
}

extension Setting {
    static let users: [Setting] = [
        .list(
            "USER_NAME_FIELDS",
            \.users.mapping.nameFields,
            unit: "list",
            "Fields of the app's users that may hold the name; the first that is not empty counts."
        ) { text throws(SettingProblem) in try SettingCheck.word(text) },
        .list(
            "USER_IMAGE_FIELDS",
            \.users.mapping.imageFields,
            unit: "list",
            "The same for the picture's address."
        ) { text throws(SettingProblem) in try SettingCheck.word(text) },
        Setting(
            name: "USER_ROLE_MAP",
            unit: "`app:provider`, separated by commas; in the file a mapping",
            standard: "",
            summary: "The app's roles as the provider's; `*` stands for every other. Unset, roles go as they are.",
            shape: .pairs
        ) { content, configuration throws(SettingProblem) in
            guard case .pairs(let pairs) = content else { throw SettingProblem("pairs of roles") }
            var roles: [String: String] = [:]
            for (role, mapped) in pairs {
                guard !role.isEmpty, !mapped.isEmpty, roles.updateValue(mapped, forKey: role) == nil else {
                    throw SettingProblem("pairs of the app's role and the provider's, each of the app's once")
                }
            }
            configuration.users.mapping.roles = roles
        },
        Setting(
            name: "USER_CUSTOM_FIELDS",
            unit: "list of `name` or `name:source`",
            standard: UserMapping().customFields.map(\.name).joined(separator: ","),
            summary: "Further fields of the app's users that everyone in the chat may see, by the provider's name.",
            shape: .list
        ) { content, configuration throws(SettingProblem) in
            guard case .list(let items) = content else { throw SettingProblem("a list of fields") }
            for item in items { try SettingCheck.word(item) }
            configuration.users.mapping.customFields = items.map(UserMapping.CustomField.init)
        },
        .secret(
            "USER_PUSH_URL",
            \.users.pushURL,
            unit: "address",
            "Where profiles are pushed that changed at the provider, signed. Treated as a secret.",
            check: SettingCheck.webAddress
        ),
        .secret("USER_PUSH_SECRET", \.users.pushSecret, unit: "`whsec_…`", "What they are signed with.") {
            text throws(SettingProblem) in
            do throws(WebhookSecretError) { _ = try WebhookSigner(secrets: [text]) } catch {
                throw SettingProblem("a webhook secret; \(error)")
            }
        },
        .secret(
            "APP_JWT_SECRET",
            \.users.tokenSecret,
            unit: "secret, 16 bytes and more",
            "What the app signs its user tokens with (HS256); for tokens of the chat in exchange."
        ) { text throws(SettingProblem) in
            guard text.utf8.count >= 16 else { throw SettingProblem("a secret of 16 bytes or more") }
            do throws(JWTKeyError) { _ = try JWTKey(secret: Array(text.utf8)) } catch {
                throw SettingProblem("a shared secret: \(error)")
            }
        },
        .optional(
            "APP_JWT_PUBLIC_KEY_FILE",
            \.users.tokenKeyFile,
            unit: "file",
            "The public key of who signs them instead, in PEM (RS256 or ES256)."
        ),
        .list(
            "APP_JWT_AUDIENCE",
            \.users.tokenAudiences,
            unit: "list",
            "Whom such tokens must be for (`aud`); unset, a token that names anyone is refused."
        ) { text throws(SettingProblem) in try SettingCheck.word(text) },
        .optional("APP_JWT_ISSUER", \.users.tokenIssuer, unit: "text", "Who must have issued them (`iss`)."),
        .text(
            "APP_JWT_USER_CLAIM",
            \.users.tokenUserClaim,
            unit: "name",
            "Their claim that holds the user's id."
        ) { text throws(SettingProblem) in try SettingCheck.word(text) },
        .integer(
            "TOKEN_LIFETIME_SECONDS",
            \.limits.users.tokenSeconds,
            60...2_592_000,
            unit: "seconds",
            "How long a token for the chat is good."
        ),
    ]
}

extension Configuration {
    /// Keys that verify the app's tokens; none where none is set.
    ///
    /// - Throws: ``CommandFailure`` for a key file that cannot be read.
    func tokenKeys() throws(CommandFailure) -> [JWTKey] {
        var keys: [JWTKey] = []
        if let secret = users.tokenSecret {
            do throws(JWTKeyError) { keys.append(try JWTKey(secret: Array(secret.revealed().utf8))) } catch {
                throw CommandFailure("APP_JWT_SECRET: \(error)", exitCode: .configuration)
            }
        }
        guard let path = users.tokenKeyFile else { return keys }
        guard let pem = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("APP_JWT_PUBLIC_KEY_FILE \(path) cannot be read", exitCode: .configuration)
        }
        do throws(PublicKeyError) { keys.append(try JWTKey(publicKeyPEM: Array(pem))) } catch {
            throw CommandFailure("APP_JWT_PUBLIC_KEY_FILE \(path): \(error)", exitCode: .configuration)
        }
        return keys
    }

    var userFaults: [ConfigurationError.Fault] {
        var problems: [String] = []
        if users.pushURL != nil, users.pushSecret == nil {
            problems.append(
                """
                USER_PUSH_URL is set without USER_PUSH_SECRET, so the app could not tell who pushes; make one with: \
                echo "whsec_$(openssl rand -base64 32)"
                """
            )
        }
        let hasKey = users.tokenSecret != nil || users.tokenKeyFile != nil
        if hasKey, provider.apiKey == nil || provider.apiSecret == nil {
            problems.append("tokens for the chat need GETSTREAM_API_KEY and GETSTREAM_API_SECRET; set them, too")
        }
        if !hasKey, !users.tokenAudiences.isEmpty || users.tokenIssuer != nil {
            problems.append(
                """
                APP_JWT_AUDIENCE or APP_JWT_ISSUER is set without a key; set APP_JWT_SECRET or \
                APP_JWT_PUBLIC_KEY_FILE
                """
            )
        }
        return problems.map { .init(place: "configuration", problem: $0) }
    }
}
