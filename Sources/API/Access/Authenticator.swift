import Blocking
import Chat
import Crypto
import HTTPServer
import History
import Limits
import MongoDB

/// Tells who asks, by the key in `Authorization: Bearer` (RFC 6750 §2.1) or by the session that a browser holds.
final class Authenticator: Sendable {
    private struct Known {
        /// `nil`: there is none of this id.
        let key: APIKey?
        let at: Timestamp
    }

    private let database: Database
    private let limits: Limits.API
    private let now: @Sendable () -> Timestamp
    /// SHA-256 of `ADMIN_API_KEY`, which also opens when MongoDB is out of reach.
    private let bootstrapDigest: [UInt8]?
    private let known = Locked<[String: Known]>([:])
    private let sessions: Sessions

    /// - Parameter sessionSecret: see ``Sessions``.
    init(
        database: Database,
        bootstrapKey: String?,
        sessionSecret: String?,
        limits: Limits,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.database, self.limits, self.now) = (database, limits.api, now)
        bootstrapDigest = bootstrapKey.flatMap { $0.isEmpty ? nil : SHA256.digest(Array($0.utf8)) }
        sessions = Sessions(secret: sessionSecret, bootstrapDigest: bootstrapDigest, limits: limits.dashboard)
    }

    /// - Throws: ``Problem`` of status 401 or 403; what MongoDB throws when a key cannot be looked up.
    func caller(of head: HTTPRequestHead, for access: Route.Access) async throws -> Caller? {
        guard case .roles(let roles) = access else { return nil }
        let caller = try await caller(of: head)
        guard access.admits(caller.role) else { throw Problem.forbidden(caller.role, wanted: roles) }
        return caller
    }

    /// Begins a session for who shows a key; `nil` for one that is unknown or revoked.
    func begin(
        _ key: String,
        at now: Timestamp
    ) async throws -> (caller: Caller, token: String, session: Sessions.Session)? {
        guard let caller = try await caller(key) else { return nil }
        let (token, session) = sessions.begin(caller.keyID, at: now)
        return (caller, token, session)
    }

    /// Who is signed in with a session; `nil` for nobody.
    func session(
        _ head: HTTPRequestHead,
        at now: Timestamp
    ) async throws -> (caller: Caller, session: Sessions.Session)? {
        guard let token = SessionCookie.token(in: head), let session = sessions.session(in: token, at: now),
            let caller = try await caller(of: session)
        else { return nil }
        return (caller, session)
    }

    /// Forgets what is known of a key, since it has just been changed here.
    func forget(_ id: String) { known.withLock { $0[id] = nil } }

    private func caller(of head: HTTPRequestHead) async throws -> Caller {
        if let text = Self.bearer(head[header: "Authorization"]) {
            guard let caller = try await caller(text) else { throw Problem.unknownKey }
            return caller
        }
        guard SessionCookie.token(in: head) != nil else {
            throw Problem.unauthorized("Send a key as Authorization: Bearer <key>.", challenge: "")
        }
        try RequestOrigin.check(head)
        guard let (caller, _) = try await session(head, at: now()) else {
            throw Problem.unauthorized("The session is over; sign in again.", challenge: "")
        }
        return caller
    }

    private func caller(of session: Sessions.Session) async throws -> Caller? {
        guard let id = session.keyID else { return bootstrapDigest == nil ? nil : .bootstrap }
        guard let key = try await key(id), key.revoked == nil else { return nil }
        return Caller(key)
    }

    private func caller(_ text: String) async throws -> Caller? {
        if let bootstrapDigest, constantTimeEquals(SHA256.digest(Array(text.utf8)), bootstrapDigest) {
            return .bootstrap
        }
        guard let presented = PresentedKey(text), let key = try await key(presented.id), key.matches(presented),
            key.revoked == nil
        else { return nil }
        return Caller(key)
    }

    private func key(_ id: String) async throws -> APIKey? {
        let time = now()
        if let known = known.withLock({ $0[id] }), isFresh(known, at: time) { return known.key }
        let (limits, now) = (limits, now)
        let key = try await database.run { (queries) throws(MongoError) in
            let keys = APIKeys(queries.store, limits: limits, now: now)
            let key = try keys.find(id: id)
            // Nobody is turned away because the day of use could not be noted.
            if let key, key.revoked == nil { try? keys.noteUse(of: key) }
            return key
        }
        remember(Known(key: key, at: time), of: id)
        return key
    }

    /// Not after the clock was set back either.
    private func isFresh(_ known: Known, at time: Timestamp) -> Bool {
        0..<Int64(limits.keyCacheSeconds) * 1_000 ~= time.milliseconds - known.at.milliseconds
    }

    private func remember(_ entry: Known, of id: String) {
        known.withLock { known in
            // Rare, and what is forgotten is only looked up again: no need to know which was used last.
            if known.count >= limits.keysCached { known.removeAll(keepingCapacity: true) }
            known[id] = entry
        }
    }

    /// The scheme's name is compared without regard to case: RFC 9110 §11.1.
    static func bearer(_ header: String?) -> String? {
        guard let header, let space = header.firstIndex(of: " "), header[..<space].lowercased() == "bearer" else {
            return nil
        }
        let key = header[space...].drop { $0 == " " }
        return key.isEmpty ? nil : String(key)
    }
}

extension Caller {
    fileprivate static let bootstrap = Caller(role: .admin, keyID: nil, name: "ADMIN_API_KEY")
    fileprivate init(_ key: APIKey) { self.init(role: key.role, keyID: key.id, name: key.name) }
}

extension Problem {
    static let unknownKey = unauthorized("The key is unknown or was revoked.", challenge: #", error="invalid_token""#)

    static func unauthorized(_ detail: String, challenge: String) -> Problem {
        Problem(401, detail, headers: ["WWW-Authenticate": #"Bearer realm="backchannel""# + challenge])
    }

    fileprivate static func forbidden(_ role: APIRole, wanted roles: [APIRole]) -> Problem {
        let allowed = (roles + [.admin]).map(\.rawValue).joined(separator: ", ")
        return Problem(403, "A key of the role \(role.rawValue) may not do this; it takes one of: \(allowed).")
    }
}
