import Chat
import HTTPServer
import History
import JSON
import Limits
import Spelling

/// A request whose every value has been checked.
struct APIRequest: Sendable {
    /// Who asks; `nil` where no key is needed.
    let caller: Caller?
    /// When it arrived.
    let now: Timestamp
    /// As it was sent, for routes whose body is more than a few texts.
    let body: [UInt8]
    /// Its headers, for routes that answer by them.
    let head: HTTPRequestHead
    /// What `Authorization: Bearer` holds, for routes that verify it themselves.
    let bearer: String?
    /// Who acts, of several who share the key (`X-Acting-User`).
    let actingUser: String?
    /// What the audit trail is told of it.
    private(set) var audit = AuditTicket(nil)
    private let values: [String: any Sendable]

    /// - Throws: ``Problem`` of status 400 naming the first parameter that is unknown, doubled, missing or not allowed.
    init(
        _ exchange: HTTPExchange,
        for route: Route,
        pathValues: [String: Substring],
        caller: Caller?,
        now: Timestamp
    ) throws(Problem) {
        (self.caller, self.now, body, head) = (caller, now, exchange.body, exchange.head)
        bearer = Authenticator.bearer(exchange.head[header: "Authorization"])
        actingUser = try Self.actingUser(exchange.head)
        var texts = try Self.texts(of: exchange.head.query, route.parameters(in: .query))
        for parameter in route.parameters(in: .path) {
            guard let text = pathValues[parameter.name].flatMap(PathTemplate.unescaped) else {
                throw .parameter(parameter.name, "The path's \(parameter.name) is not UTF-8 once unescaped.")
            }
            texts[parameter.name] = text
        }
        for parameter in route.parameters(in: .header) {
            texts[parameter.name] = exchange.head[header: parameter.name]
        }
        let bodyParameters = route.parameters(in: .body)
        if !bodyParameters.isEmpty {
            texts.merge(try RequestBody.texts(of: exchange.body, bodyParameters)) { _, inBody in inBody }
        }
        var values: [String: any Sendable] = [:]
        for parameter in route.parameters { values[parameter.name] = try parameter.value(of: texts[parameter.name]) }
        self.values = values
        if let audit = route.audit, let entry = entry(audit) { self.audit = AuditTicket(entry) }
    }

    /// `nil` for a program's key that acts for nobody.
    private func entry(_ audit: RouteAudit) -> AuditEntry? {
        guard let caller else { return nil }
        let matter = audit.matter(self)
        guard caller.role != .service || actingUser != nil || matter.actor != nil else { return nil }
        return AuditEntry(
            audit.action,
            of: matter.subject,
            by: AuditEntry.Authority(caller.keyID, caller.role),
            actor: actingUser ?? matter.actor,
            concerning: matter.user,
            details: matter.details,
            at: now
        )
    }

    private static func actingUser(_ head: HTTPRequestHead) throws(Problem) -> String? {
        guard let user = head[header: actingUserHeader] else { return nil }
        let most = Limits.Worker().identifierBytes
        guard 1...most ~= user.utf8.count, !user.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw .parameter(
                actingUserHeader,
                "The header \(actingUserHeader) must be a user's id of 1 to \(most) bytes without control characters."
            )
        }
        return user
    }

    static let actingUserHeader = "X-Acting-User"

    subscript<Value>(_ parameter: Parameter<Value>) -> Value {
        guard let known = values[parameter.name] as? ParameterValue<Value> else {
            preconditionFailure("a route reads \(parameter.name), which it does not declare")
        }
        return known.value
    }

    private static func texts(
        of query: [(name: String, value: String)],
        _ parameters: [any ParameterDeclaration]
    ) throws(Problem) -> [String: String] {
        var texts: [String: String] = [:]
        for (name, value) in query {
            guard parameters.contains(where: { $0.name == name }) else {
                throw .unknown(name, among: parameters.map(\.name), place: .query)
            }
            guard texts.updateValue(value, forKey: name) == nil else {
                throw .parameter(name, "The parameter \(name) is given more than once.")
            }
        }
        return texts
    }
}

/// The fields of a small JSON object.
private enum RequestBody {
    static func texts(
        of body: [UInt8],
        _ parameters: [any ParameterDeclaration]
    ) throws(Problem) -> [String: String] {
        let root: JSONValue
        do throws(JSONError) { root = try JSONParser().parse(body) } catch {
            throw Problem(400, "The body must be a JSON object: \(error).")
        }
        guard root.kind == .object else { throw Problem(400, "The body must be a JSON object.") }
        var texts: [String: String] = [:]
        for (name, value) in root.object {
            guard let parameter = parameters.first(where: { $0.name == name }) else {
                throw .unknown(name, among: parameters.map(\.name), place: .body)
            }
            guard let text = parameter.bodyForm.text(of: value) else {
                throw .parameter(name, "The body's field \(name) must be \(parameter.bodyForm.noun).")
            }
            guard texts.updateValue(text, forKey: name) == nil else {
                throw .parameter(name, "The body's field \(name) is given more than once.")
            }
        }
        return texts
    }
}

extension Problem {
    /// A name that the route does not know, made fit to be shown, and those that it does.
    static func unknown(_ name: String, among known: [String], place: ParameterPlace) -> Problem {
        let shown = shown(name)
        let suggestion = Suggestion.nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? "."
        let allowed = known.isEmpty ? "None is known here." : "Known are \(known.joined(separator: ", "))."
        return .parameter(shown, "\(place.noun) \(shown) is not known here\(suggestion) \(allowed)")
    }

    /// A name that a client chose, made fit to be shown.
    static func shown(_ name: String) -> String {
        String(decoding: name.utf8.prefix(shownBytes).filter { 0x21...0x7e ~= $0 }, as: UTF8.self)
    }

    private static let shownBytes = 64
}
