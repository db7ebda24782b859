import HTTPServer

extension Routes {
    /// The page and what it loads; nothing of it is secret, so that signing in needs no page of its own.
    static func dashboard(_ services: APIServices) -> [Route] {
        let files = services.dashboard.files
        let folder = Parameter.identifier("folder", in: .path, "A folder of the dashboard.")
        let file = Parameter.identifier("file", in: .path, "A file of the dashboard.")
        return [
            Route("GET", "/dashboard", access: .open, answers: .dashboard, "The dashboard, for a browser.") { _ in
                try answer(files, DashboardFiles.page)
            },
            Route(
                "GET",
                "/dashboard/{file}",
                access: .open,
                answers: .dashboardFile,
                "What the dashboard loads.",
                [file]
            ) {
                try answer(files, $0[file])
            },
            Route(
                "GET",
                "/dashboard/{folder}/{file}",
                access: .open,
                answers: .dashboardFile,
                "What the dashboard loads.",
                [folder, file]
            ) {
                try answer(files, "\($0[folder])/\($0[file])")
            },
        ]
    }

    private static func answer(_ files: DashboardFiles?, _ path: String) throws(Problem) -> HTTPResponse {
        guard let files else {
            throw Problem(404, "The dashboard is not served here: set DASHBOARD_DIR to its folder.")
        }
        guard let file = files[path] else { throw .notFound("file of the dashboard") }
        return HTTPResponse(status: 200, headers: pageHeaders + [("Content-Type", file.type)], body: file.body)
    }

    /// Nothing from elsewhere, nothing inline, no text taken for markup, and no frame around it.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
        require-trusted-types-for 'script'; trusted-types 'none'
        """

    private static let pageHeaders: [(name: String, value: String)] = [
        ("Content-Security-Policy", policy), ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
        // Kept, and asked about each time: a new version shows at once, an unchanged one costs 304.
        ("Cache-Control", "no-cache"),
    ]
}
