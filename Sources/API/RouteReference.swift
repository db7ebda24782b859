import History

/// The part of `docs/api.md` that follows from the routes.
enum RouteReference {
    static func markdown(_ routes: [Route]) -> String {
        let table = routes.map { "| `\($0.method) \($0.path)` | \(access($0.access)) | \($0.summary) |" }
        let values = routes.filter { !$0.parameters.isEmpty }.map(parameters)
        return """
            | route | roles | what it does |
            |---|---|---|
            \(table.joined(separator: "\n"))

            \(values.joined(separator: "\n\n"))
            """
    }

    private static func access(_ access: Route.Access) -> String {
        switch access {
        case .open: "no key"
        case .signature: "signed by the provider"
        case .roles(let roles): (roles.map(\.rawValue) + ["admin"]).joined(separator: ", ")
        }
    }

    private static func parameters(_ route: Route) -> String {
        let rows = route.parameters.map { parameter in
            let fallback = parameter.shownFallback.map { "`\($0)`" } ?? (parameter.isRequired ? "required" : "–")
            return
                "| `\(parameter.name)` | \(parameter.place) | \(parameter.allowed) | \(fallback) | \(parameter.summary) |"
        }
        return """
            **`\(route.method) \(route.path)`**

            | name | in | allowed | default | |
            |---|---|---|---|---|
            \(rows.joined(separator: "\n"))
            """
    }
}
