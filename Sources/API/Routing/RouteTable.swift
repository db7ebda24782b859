/// Every route, and which of them a request is for.
struct RouteTable: Sendable {
    enum Match {
        case found(Route, values: [String: Substring])
        /// The path is known, with these methods.
        case otherMethods([String])
        case none
    }

    let routes: [Route]
    /// By their whole path: deliveries come by the thousand, and need no search.
    private let deliveries: [String: Route]

    init(_ routes: [Route]) {
        self.routes = routes
        let signed = routes.filter { $0.access == .signature }
        deliveries = Dictionary(signed.map { ($0.path.description, $0) }) { first, _ in first }
    }

    /// - Parameter path: as it was sent.
    func match(_ method: String, _ path: String) -> Match {
        if let route = deliveries[path] { return .found(route, values: [:]) }
        let segments = PathTemplate.split(path)
        let wanted = method == "HEAD" ? "GET" : method
        var others: [String] = []
        for route in routes {
            guard let values = route.path.match(segments) else { continue }
            if route.method == wanted || route.access == .signature { return .found(route, values: values) }
            others.append(route.method)
        }
        return others.isEmpty ? .none : .otherMethods(others)
    }

    /// For `Allow`: RFC 9110 §10.2.1.
    static func allowed(_ methods: [String]) -> String {
        var names: [String] = []
        for method in methods.flatMap({ $0 == "GET" ? ["GET", "HEAD"] : [$0] }) + ["OPTIONS"]
        where !names.contains(method) {
            names.append(method)
        }
        return names.joined(separator: ", ")
    }
}
