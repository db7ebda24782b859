import History
import JSON

/// The interface as OpenAPI 3.1 describes it, made of the routes themselves.
package struct OpenAPIDocument: Sendable {
    package let bytes: [UInt8]
    private let table: RouteTable

    init(_ routes: [Route], version: String) {
        table = RouteTable(routes)
        var writer = JSONWriter(capacity: 262_144)
        writer.object {
            $0.field("openapi", "3.1.0")
            $0.field("info") { Self.writeInfo(version, to: &$0) }
            $0.field("servers") { $0.array { $0.object { $0.field("url", "/") } } }
            $0.field("paths") { Self.writePaths(routes, to: &$0) }
            $0.field("components") { Self.writeComponents(routes, to: &$0) }
        }
        bytes = writer.bytes
    }

    /// What is not as this says about an answer that was given; `nil` if all is, or the request was for no route.
    ///
    /// - Parameter path: as it was sent, without the query.
    package func fault(
        in status: Int,
        to method: String,
        _ path: String,
        mediaType: String?,
        _ body: [UInt8]
    ) -> String? {
        guard method != "HEAD", case .found(let route, _) = table.match(method, path) else { return nil }
        let isJSON = mediaType?.contains("json") ?? false
        guard let json = isJSON ? try? JSONParser().parse(body) : nil else {
            return route.fault(in: status, mediaType: mediaType, nil)
        }
        return route.fault(in: status, mediaType: mediaType, json)
    }

    /// What is not as this says about an example of an answer; `nil` if it is as any success of the route.
    ///
    /// - Parameter path: as the route's declaration has it.
    package func fault(inExample body: [UInt8], of method: String, _ path: String) -> String? {
        guard case .found(let route, _) = table.match(method, path) else { return "there is no such route" }
        guard let json = try? JSONParser().parse(body) else { return "it is no JSON" }
        let faults = route.answers.successes.map { $0.schema?.fault(in: json) }
        return faults.contains(nil) ? nil : faults.first ?? "the route answers nothing"
    }

    // MARK: Parts

    private static func writeInfo(_ version: String, to writer: inout JSONWriter) {
        writer.object {
            $0.field("title", "Backchannel")
            $0.field("version", version)
            $0.field(
                "description",
                "The business side of a chat: history, figures, rules and moderation. Whatever fails is a problem of RFC 9457."
            )
        }
    }

    private static func writePaths(_ routes: [Route], to writer: inout JSONWriter) {
        var paths: [(path: String, routes: [Route])] = []
        for route in routes {
            let path = route.path.description
            if let index = paths.firstIndex(where: { $0.path == path }) {
                paths[index].routes.append(route)
            } else {
                paths.append((path, [route]))
            }
        }
        writer.object {
            for (path, routes) in paths {
                $0.field(path) {
                    $0.object { for route in routes { $0.field(route.method.lowercased()) { write(route, to: &$0) } } }
                }
            }
        }
    }

    private static func write(_ route: Route, to writer: inout JSONWriter) {
        writer.object {
            $0.field("operationId", operationID(route))
            $0.field("summary", route.summary)
            $0.field("tags", [tag(route)])
            if let audit = route.audit { $0.field("description", "In the audit trail: `\(audit.action)`.") }
            $0.field("security") { writeSecurity(route.access, to: &$0) }
            let parameters = route.parameters.filter { $0.place != .body }
            if !parameters.isEmpty {
                $0.field("parameters") { $0.array { for parameter in parameters { write(parameter, to: &$0) } } }
            }
            if let body = route.bodySchema { $0.field("requestBody") { write(body, of: route, to: &$0) } }
            $0.field("responses") { writeResponses(route, to: &$0) }
        }
    }

    private static func operationID(_ route: Route) -> String {
        let words = route.path.description.split { !$0.isLetter && !$0.isNumber }
        return words.reduce(route.method.lowercased()) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
    }

    private static func tag(_ route: Route) -> String {
        let passed: Set<Substring> = ["api", "v1", "chat", "webhooks", "getstream"]
        if route.access == .signature { return "provider" }
        let first = route.path.description.split(separator: "/").first { !passed.contains($0) }
        return first.map(String.init) ?? "service"
    }

    private static func writeSecurity(_ access: Route.Access, to writer: inout JSONWriter) {
        writer.array {
            switch access {
            case .open: break
            case .signature: $0.object { $0.field("signature", [String]()) }
            case .userToken: $0.object { $0.field("userToken", [String]()) }
            case .roles(let roles): $0.object { $0.field("key", (roles + [.admin]).map(\.rawValue)) }
            }
        }
    }

    private static func write(_ parameter: any ParameterDeclaration, to writer: inout JSONWriter) {
        writer.object {
            $0.field("name", parameter.name)
            $0.field("in", parameter.place.rawValue)
            $0.field("description", "\(parameter.summary) It must be \(parameter.allowed).")
            $0.field("required", parameter.isRequired)
            $0.field("schema") { parameter.schema.write(to: &$0) }
        }
    }

    private static func write(_ body: Schema, of route: Route, to writer: inout JSONWriter) {
        writer.object {
            $0.field("required", body.fields.contains(where: \.isRequired))
            $0.field("content") { writeContent([("application/json", body)], to: &$0) }
        }
    }

    private static func writeContent(_ forms: [(type: String, schema: Schema?)], to writer: inout JSONWriter) {
        writer.object {
            for (type, schema) in forms where !type.isEmpty {
                $0.field(type) {
                    $0.object {
                        guard let schema else { return }
                        $0.field("schema") { schema.write(to: &$0) }
                        $0.field("example") { schema.writeExample(to: &$0) }
                    }
                }
            }
        }
    }

    private static func writeResponses(_ route: Route, to writer: inout JSONWriter) {
        writer.object {
            for (status, forms) in successes(of: route) {
                $0.field("\(status)") {
                    $0.object {
                        $0.field("description", meaning(of: status))
                        $0.field("content") { writeContent(forms.map { ($0.mediaType, $0.schema) }, to: &$0) }
                    }
                }
            }
            if route.hasTag {
                $0.field("304") { $0.object { $0.field("description", "It has not changed since `If-None-Match`.") } }
            }
            let known = route.answers.successes.map(\.status)
            for status in route.refusals.subtracting(known).sorted() {
                $0.field("\(status)") { $0.object { $0.field("$ref", "#/components/responses/\(status)") } }
            }
        }
    }

    /// By their status, each with its forms.
    private static func successes(of route: Route) -> [(status: Int, forms: [RouteAnswers.Success])] {
        let forms = Dictionary(grouping: route.answers.successes, by: \.status)
        return forms.sorted { $0.key < $1.key }.map { (status: $0.key, forms: $0.value) }
    }

    private static func meaning(of status: Int) -> String {
        switch status {
        case 201: "Made."
        case 202: "Taken; what follows from it is under way."
        case 207: "Some of it was refused; the answer says what, and why."
        case 503: "It cannot be done now."
        default: "Done."
        }
    }

    private static func writeComponents(_ routes: [Route], to writer: inout JSONWriter) {
        var known: [String: Schema] = [:]
        Schema.problem.collect(into: &known)
        for route in routes {
            for success in route.answers.successes { success.schema?.collect(into: &known) }
            route.bodySchema?.collect(into: &known)
        }
        let schemas = known
        let statuses = routes.reduce(into: Set<Int>()) { $0.formUnion($1.refusals) }.sorted()
        writer.object {
            $0.field("schemas") {
                $0.object {
                    for (name, schema) in schemas.sorted(by: { $0.key < $1.key }) {
                        $0.field(name) { schema.write(to: &$0) }
                    }
                }
            }
            $0.field("responses") {
                $0.object { for status in statuses { $0.field("\(status)") { writeProblem(status, to: &$0) } } }
            }
            $0.field("securitySchemes") { writeSchemes(to: &$0) }
        }
    }

    private static func writeProblem(_ status: Int, to writer: inout JSONWriter) {
        writer.object {
            $0.field("description", Problem(status, "").title)
            $0.field("content") { writeContent([("application/problem+json", .problem)], to: &$0) }
        }
    }

    private static func writeSchemes(to writer: inout JSONWriter) {
        func scheme(_ name: String, _ description: String, _ writer: inout JSONWriter) {
            writer.field(name) {
                $0.object {
                    $0.field("type", "http")
                    $0.field("scheme", "bearer")
                    $0.field("description", description)
                }
            }
        }
        writer.object {
            scheme("key", "An API key; the roles that may use a route are named with it.", &$0)
            scheme("userToken", "A token that the app gave one of its users.", &$0)
            $0.field("signature") {
                $0.object {
                    $0.field("type", "apiKey")
                    $0.field("in", "header")
                    $0.field("name", "X-Signature")
                    $0.field("description", "The provider's HMAC-SHA256 of the body, in hex.")
                }
            }
        }
    }
}

extension Route {
    /// Of a JSON body, as its parameters or the route itself describe it.
    var bodySchema: Schema? {
        let fields = parameters(in: .body).map { parameter in
            Schema.Field(
                name: parameter.name,
                schema: parameter.schema,
                isRequired: parameter.isRequired,
                summary: "\(parameter.summary) It must be \(parameter.allowed)."
            )
        }
        return answers.body ?? (fields.isEmpty ? nil : .object(fields))
    }
}
