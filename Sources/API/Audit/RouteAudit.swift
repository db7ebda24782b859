import History

/// What the audit trail is told of a route's requests.
struct RouteAudit: Sendable {
    /// When the entry is made.
    enum Moment: Sendable {
        /// Before the act: for what no transaction holds together with its entry. The entry says that it was asked for.
        case before
        /// In the act's own transaction, by the route; where it changed nothing, after it.
        case within
        /// After a reading, before its answer goes out.
        case after
    }

    /// Whom and what a request is about, as far as it says so itself.
    struct Matter: Sendable {
        var subject: AuditEntry.Subject
        /// The user who acts, where the request names one.
        var actor: String?
        /// The user whom it concerns.
        var user: String?
        var details: [String: String] = [:]

        init(
            _ kind: String,
            _ id: String? = nil,
            actor: String? = nil,
            user: String? = nil,
            details: [String: String?] = [:]
        ) {
            subject = AuditEntry.Subject(kind, id)
            (self.actor, self.user) = (actor, user)
            self.details = details.compactMapValues(\.self)
        }
    }

    let action: String
    let moment: Moment
    let matter: @Sendable (APIRequest) -> Matter
}

extension Route {
    /// The same, with its requests in the audit trail.
    func audited(
        _ action: String,
        _ moment: RouteAudit.Moment,
        _ matter: @escaping @Sendable (APIRequest) -> RouteAudit.Matter
    ) -> Route {
        var route = self
        route.audit = RouteAudit(action: action, moment: moment, matter: matter)
        return route
    }
}
