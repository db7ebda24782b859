import History

/// The parts of `docs/api.md` that follow from the routes.
package struct RouteReference: Sendable {
    /// All routes, who may use them and what they do.
    package let overview: String
    /// For each route its heading, what it does and the values it takes.
    package let sections: [String]

    init(_ routes: [Route]) {
        let rows = routes.map { "| `\($0.method) \($0.path)` | \(Self.access($0.access)) | \($0.summary) |" }
        overview = (["| route | roles | what it does |", "|---|---|---|"] + rows).joined(separator: "\n")
        sections = routes.map(Self.section)
    }

    private static func access(_ access: Route.Access) -> String {
        switch access {
        case .open: "no key"
        case .signature: "signed by the provider"
        case .userToken: "the app's user token"
        case .roles(let roles): (roles.map(\.rawValue) + ["admin"]).joined(separator: ", ")
        }
    }

    private static func section(_ route: Route) -> String {
        let audit = route.audit.map { "\n\nIn the [audit trail](audit.md): `\($0.action)`." } ?? ""
        let title = "### `\(route.method) \(route.path)`\n\n\(route.summary)\(audit)"
        guard !route.parameters.isEmpty else { return title }
        let rows = route.parameters.map { parameter in
            let fallback = parameter.shownFallback.map { "`\($0)`" } ?? (parameter.isRequired ? "required" : "–")
            let cells = [
                "`\(parameter.name)`", parameter.place.rawValue, parameter.allowed, fallback, parameter.summary,
            ]
            return "| \(cells.joined(separator: " | ")) |"
        }
        let table = ["| name | in | allowed | default | |", "|---|---|---|---|---|"] + rows
        return "\(title)\n\n\(table.joined(separator: "\n"))"
    }
}
