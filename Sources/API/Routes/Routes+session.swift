import HTTPServer
import History
import JSON
import Limits

extension Routes {
    /// Signing in with a key, for browsers: scripts never hold the key again.
    static func session(_ services: APIServices, _ authenticator: Authenticator) -> [Route] {
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
                let cookie = SessionCookie.header(token, seconds: seconds, isSecure: origin.isSecure($0.head))
                return answer(caller, session).with(cookie)
            },
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
                let cookie = SessionCookie.header("", seconds: 0, isSecure: origin.isSecure($0.head))
                return answer(nil, nil).with(cookie)
            },
        ]
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
