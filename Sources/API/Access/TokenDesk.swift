import Blocking
import Chat
import Crypto
import History
import JSON
import Limits
import MongoDB
import Outbox
import Provider
import UserSync

/// Gives the app's users their tokens for the chat, once each is who the app says and known to the provider.
final class TokenDesk: Sendable {
    struct Grant: Sendable {
        let token: String
        let user: Provider.UserProfile
        let apiKey: String
        let expires: Timestamp
    }

    private struct Use {
        var minute: Int64
        var count: Int
    }

    private let services: APIServices
    private let database: Database
    private let limits: Limits.UserSync
    private let uses = Locked<[String: Use]>([:])
    /// Users whom the provider took when they asked for a token.
    private let introduced = Locked<Set<String>>([])

    init(_ services: APIServices, _ database: Database) {
        (self.services, self.database, limits) = (services, database, services.limits.users)
    }

    /// - Throws: ``Problem``: 401 for a token that does not hold, 403 for a user who is kept out, 429 for one who asks too
    ///   often, 502 and 503 when the provider does not take the user, 501 without a key to verify with.
    func grant(_ presented: String?, at now: Timestamp) async throws -> Grant {
        guard let tokens = services.users.tokens else {
            throw Problem(501, "Tokens are not set up here: set APP_JWT_SECRET or APP_JWT_PUBLIC_KEY_FILE.")
        }
        let id = try user(of: presented, tokens, at: now)
        try count(id, at: now)
        let limits = services.limits
        let sides = try await database.run { (queries) throws(MongoError) in
            let document = try queries.user(id, now: now)?.document
            let sides = try AppUserStore(queries.store, limits: limits).sides(of: [id])[id]
            return (sides: sides, isBanned: document.map { Self.isBanned($0, now) } ?? false)
        }
        try admit(sides.sides, isBanned: sides.isBanned)
        let profile = Self.profile(of: id, sides.sides)
        if !isKnown(id, sides.sides) {
            try await introduce(profile, version: sides.sides?.app?.version ?? 0, tokens.provider)
        }
        let second = now.milliseconds / 1_000
        let expires = Timestamp(milliseconds: (second + Int64(limits.users.tokenSeconds)) * 1_000)
        let token = StreamToken.user(
            id,
            issuedAt: Timestamp(milliseconds: (second - Int64(limits.users.tokenBackdatingSeconds)) * 1_000),
            expiresAt: expires,
            signedBy: tokens.signer
        )
        return Grant(token: token, user: profile, apiKey: tokens.apiKey, expires: expires)
    }

    // MARK: Who asks

    private func user(of presented: String?, _ tokens: UserTokens, at now: Timestamp) throws(Problem) -> String {
        guard let presented else {
            throw .unauthorized(
                "Send the app's user token as Authorization: Bearer <token>, or as the body's field token.",
                challenge: ""
            )
        }
        let claims: String
        do throws(JWTError) {
            claims = try tokens.verifier.verify(presented, now: now.milliseconds / 1_000)
        } catch {
            throw .unauthorized("The token does not hold: \(error).", challenge: #", error="invalid_token""#)
        }
        let claim = (try? JSONParser().parse(Array(claims.utf8)))?[tokens.userClaim]
        guard let id = claim?.string ?? claim?.int64.map(String.init), 1...limits.identifierBytes ~= id.utf8.count
        else {
            throw .unauthorized(
                "The token's claim \(tokens.userClaim) is not a user's id of 1 to \(limits.identifierBytes) bytes.",
                challenge: #", error="invalid_token""#
            )
        }
        return id
    }

    private func count(_ id: String, at now: Timestamp) throws(Problem) {
        let minute = now.milliseconds / 60_000
        let limits = limits
        let count = uses.withLock { uses in
            if uses[id] == nil, uses.count >= limits.tokenUsers {
                uses = uses.filter { $0.value.minute == minute }
                // Only a flood of users within a minute leaves it full: then counting begins anew.
                if uses.count >= limits.tokenUsers { uses.removeAll(keepingCapacity: true) }
            }
            var use = uses[id] ?? Use(minute: minute, count: 0)
            if use.minute != minute { use = Use(minute: minute, count: 0) }
            use.count += 1
            uses[id] = use
            return use.count
        }
        guard count > limits.tokensPerMinute else { return }
        let wait = 60 - now.milliseconds / 1_000 % 60
        throw Problem(
            429,
            "One user gets at most \(limits.tokensPerMinute) tokens in a minute.",
            headers: ["Retry-After": "\(wait)"]
        )
    }

    private func admit(_ sides: AppUserStore.Sides?, isBanned: Bool) throws(Problem) {
        let (app, provider) = (sides?.app, sides?.provider)
        if provider?.isErased == true { throw Problem(403, "The user was erased.") }
        if app?.state == .deleted || provider?.isDeleted == true { throw Problem(403, "The user was deleted.") }
        if Self.isDeactivated(app, provider) { throw Problem(403, "The user is deactivated.") }
        if isBanned { throw Problem(403, "The user is banned.") }
    }

    /// As the side says that spoke last: the app's word may be on its way, the provider's a moderator's.
    private static func isDeactivated(_ app: AppUserRecord?, _ provider: ProviderUser?) -> Bool {
        guard let provider, let at = provider.deactivationAt, app.map({ at > $0.stateAt }) ?? true else {
            return app?.state == .deactivated
        }
        return provider.isDeactivated
    }

    /// Everywhere, openly, and still: whoever is banned in secret is not to notice.
    private static func isBanned(_ user: BSONDocument, _ now: Timestamp) -> Bool {
        guard user.bool("banned") == true, user.bool("ban_shadow") != true else { return false }
        return user.date("ban_expires").map { $0 > now.milliseconds } ?? true
    }

    // MARK: The provider

    private static func profile(of id: String, _ sides: AppUserStore.Sides?) -> Provider.UserProfile {
        let fields = sides?.app?.sent ?? sides?.app?.fields ?? sides?.provider?.fields ?? ProfileFields()
        return fields.profile(of: id)
    }

    private func isKnown(_ id: String, _ sides: AppUserStore.Sides?) -> Bool {
        // Effects are off: then the user is not ours to tell the provider of.
        guard services.effects.mode() == .on else { return true }
        // However far later profiles have come.
        if sides?.provider?.fields != nil || sides?.app?.isThere == true || sides?.effect == .done { return true }
        return introduced.withLock { $0.contains(id) }
    }

    /// Makes sure that the provider has the user, within a short time: somebody waits.
    ///
    /// Whoever is there is left alone: an upsert would replace what the provider has of the user by what we know.
    private func introduce(
        _ profile: Provider.UserProfile,
        version: Int64,
        _ provider: any ChatProvider
    ) async throws(Problem) {
        switch await inTime({ await self.take(profile, version, provider) }) {
        case .taken:
            introduced.withLock { [limits] known in
                if known.count >= limits.tokenUsers { known.removeAll(keepingCapacity: true) }
                known.insert(profile.id)
            }
        case .refused: throw Problem(502, "The provider does not take the user.")
        case .notNow, nil:
            throw .unavailable(
                "The provider did not take the user in time.",
                retryAfter: services.limits.api.retryAfterSeconds
            )
        }
    }

    private func take(
        _ profile: Provider.UserProfile,
        _ version: Int64,
        _ provider: any ChatProvider
    ) async -> Taking {
        do throws(ProviderError) {
            guard try await provider.users(ids: [profile.id]).isEmpty else { return .taken }
        } catch {
            if case .unavailable = error { return .notNow }
            return .refused
        }
        while case .wait(let duration) = provider.admit(.updateUsers) {
            do { try await Task.sleep(for: duration) } catch { return .notNow }
        }
        // A task of its own, so that what is begun is ended, though nobody waits for it any more.
        return await Task { await self.upsert(profile, version, provider) }.value
    }

    private func upsert(
        _ profile: Provider.UserProfile,
        _ version: Int64,
        _ provider: any ChatProvider
    ) async -> Taking {
        let taking = Taking(await provider.perform(.upsertUsers([profile])))
        // A sign-up syncs the user and asks for a token at once: what the sync has told meanwhile was replaced just now.
        let limits = services.limits
        let later = try? await database.run { (queries) throws(MongoError) in
            try AppUserStore(queries.store, limits: limits).sides(of: [profile.id])[profile.id]?.app
        }
        guard let app = later.flatMap({ $0 }), app.version != version, let fields = app.sent, !fields.isEmpty,
            let outcome = try? await provider.performWhenAdmitted(fields.update(of: profile.id))
        else { return taking }
        return taking == .taken ? Taking(outcome) : taking
    }

    private enum Taking: Sendable {
        case taken, refused, notNow

        init(_ outcome: ProviderOutcome) {
            switch outcome {
            case .done, .alreadyDone: self = .taken
            case .giveUp, .misconfigured: self = .refused
            case .retry: self = .notNow
            }
        }
    }

    /// - Returns: `nil` when the time is up.
    private func inTime(_ work: @escaping @Sendable () async -> Taking) async -> Taking? {
        let limit = Duration.milliseconds(limits.tokenUpsertMilliseconds)
        let (results, continuation) = AsyncStream.makeStream(of: Taking?.self)
        // Tasks of their own: the first to end is enough, and a group would wait for both.
        let tasks = [
            Task { _ = continuation.yield(await work()) },
            Task {
                try? await Task.sleep(for: limit)
                continuation.yield(nil)
            },
        ]
        defer { for task in tasks { task.cancel() } }
        for await result in results { return result }
        return nil
    }
}
