import HTTPServer

extension Routes {
    /// The page and what it loads; nothing of it is secret, so that signing in needs no page of its own.
    static func dashboard(_ services: APIServices) -> [Route] {
        let files = services.dashboard.files
        let folder = Parameter.identifier("folder", in: .path, "A folder of the dashboard.")
        let file = Parameter.identifier("file", in: .path, "A file of the dashboard.")
        return [
            Route("GET", "/dashboard", access: .open, answers: .dashboard, "The dashboard, for a browser.") {
                try answer($0, files, DashboardFiles.page)
            },
            Route(
                "GET",
                "/dashboard/{file}",
                access: .open,
                answers: .dashboardFile,
                "What the dashboard loads.",
                [file]
            ) {
                try answer($0, files, $0[file])
            },
            Route(
                "GET",
                "/dashboard/{folder}/{file}",
                access: .open,
                answers: .dashboardFile,
                "What the dashboard loads.",
                [folder, file]
            ) {
                try answer($0, files, "\($0[folder])/\($0[file])")
            },
        ]
    }

    private static func answer(
        _ request: APIRequest,
        _ files: DashboardFiles?,
        _ path: String
    ) throws(Problem) -> HTTPResponse {
        guard let files else {
            throw Problem(404, "The dashboard is not served here: set DASHBOARD_DIR to its folder.")
        }
        guard let file = files[path] else { throw .notFound("file of the dashboard") }
        let zipped = accepts(gzip: request.head[header: "Accept-Encoding"]) ? file.zipped : nil
        // Two representations must not share a strong tag: RFC 9110 §8.8.3.3.
        let tag = zipped == nil ? "\"\(file.tag)\"" : "\"\(file.tag)-gzip\""
        var headers = pageHeaders + [("Content-Type", file.type), ("ETag", tag)]
        guard !matches(request.head[header: "If-None-Match"], tag) else {
            return HTTPResponse(status: 304, headers: headers)
        }
        if zipped != nil { headers.append(("Content-Encoding", "gzip")) }
        return HTTPResponse(status: 200, headers: headers, body: zipped ?? file.body)
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
        ("Cache-Control", "no-cache"), ("Vary", "Accept-Encoding"),
    ]

    /// Source: RFC 9110 §12.5.3; a weight of zero refuses.
    static func accepts(gzip header: String?) -> Bool {
        guard let header else { return false }
        return header.lowercased().split(separator: ",").contains { item in
            let parts: [String] = item.split(separator: ";").map { String($0.filter { $0 != " " }) }
            guard let coding = parts.first, coding == "gzip" || coding == "*" else { return false }
            return !parts.dropFirst().contains { weight in
                weight.hasPrefix("q=") && Double(weight.dropFirst(2)) == 0
            }
        }
    }

    /// Source: RFC 9110 §13.1.2; compared weakly.
    static func matches(_ header: String?, _ tag: String) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { item in
            let text = item.drop { $0 == " " }
            return text == "*" || text == tag || text == "W/" + tag
        }
    }
}
