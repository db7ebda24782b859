import HTTPServer
import History
import JSON
import Limits
import Telemetry

extension Routes {
    /// Signing in with a key, for browsers: scripts never hold the key again.
    static func session(_ services: APIServices, _ authenticator: Authenticator, _ desk: AuditDesk) -> [Route] {
        let origin = RequestOrigin(trustsProxy: services.dashboard.trustsProxy)
        let failures = FailureLimit(services.limits.dashboard)
        let seconds = services.limits.dashboard.sessionSeconds
        let key = Parameter.text("key", in: .body, "The key.", allowed: "a key") { !$0.isEmpty }
        return [
            Route(
                "POST",
                "/api/v1/session",
                access: .open,
                answers: .sessionBegun,
                "Signs in with a key: the answer sets a cookie.",
                [key]
            ) {
                try RequestOrigin.check($0.head)
                let address = origin.address($0.head)
                try failures.check(address, at: $0.now)
                guard let (caller, token, session) = try await authenticator.begin($0[key], at: $0.now) else {
                    failures.note(address, at: $0.now)
                    throw Problem.unknownKey
                }
                await enter(begun, caller, $0, desk, services.log)
                let cookie = SessionCookie.header(token, seconds: seconds, isSecure: origin.isSecure($0.head))
                return answer(caller, session).with(cookie)
            }.audited(begun, .within) { _ in .init(sessionKind) },
            Route("GET", "/api/v1/session", access: .open, answers: .session, "Who is signed in.") {
                let found = try await authenticator.session($0.head, at: $0.now)
                return answer(found?.caller, found?.session)
            },
            Route(
                "DELETE",
                "/api/v1/session",
                access: .open,
                answers: .sessionEnded,
                "Signs out: the answer takes the cookie away."
            ) {
                try RequestOrigin.check($0.head)
                if let (caller, _) = try? await authenticator.session($0.head, at: $0.now) {
                    await enter(ended, caller, $0, desk, services.log)
                }
                let cookie = SessionCookie.header("", seconds: 0, isSecure: origin.isSecure($0.head))
                return answer(nil, nil).with(cookie)
            }.audited(ended, .within) { _ in .init(sessionKind) },
        ]
    }

    private static let (begun, ended, sessionKind) = ("session.begin", "session.end", "session")

    /// Whose key it is turns out only within the route, so it makes the entry itself.
    ///
    /// A session shows nothing by itself. Where the trail is out of reach the log has it, and an operator can still sign in and
    /// see why: each reading is entered on its own, or refused.
    private static func enter(
        _ action: String,
        _ caller: Caller,
        _ request: APIRequest,
        _ desk: AuditDesk,
        _ log: Log
    ) async {
        let authority = AuditEntry.Authority(caller.keyID, caller.role)
        let entry = AuditEntry(
            action,
            of: .init(sessionKind),
            by: authority,
            actor: request.actingUser,
            at: request.now
        )
        do {
            try await desk.enter([entry])
        } catch {
            log.warning(
                "api: not in the audit trail, which is out of reach",
                ["action": .string(action), "key": .string(authority.key)]
            )
        }
    }

    private static func answer(_ caller: Caller?, _ session: Sessions.Session?) -> HTTPResponse {
        .json {
            $0.field("role", caller?.role.rawValue)
            $0.field("name", caller?.name)
            $0.field("expires", session?.expires)
        }
    }
}

extension HTTPResponse {
    fileprivate func with(_ header: (name: String, value: String)) -> HTTPResponse {
        var response = self
        response.headers.append(header)
        return response
    }
}
