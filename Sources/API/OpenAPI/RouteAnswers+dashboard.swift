// What browsers are answered: sessions, and the dashboard's files.

extension RouteAnswers {
    /// Nobody: each is `null`.
    static let session = json(["role?": .string, "name?": .string, "expires?": .time])
    static let sessionBegun = session.refusing(401, 403, 429)
    static let sessionEnded = session.refusing(403)
    static let dashboard = other("text/html").refusing(404)
    static let dashboardFile = other("*/*")
}
