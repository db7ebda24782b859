import JSON

/// What a route answers when it does what it is asked, and what it may refuse; beside it what its body has to be.
struct RouteAnswers: Sendable {
    struct Success: Sendable {
        let status: Int
        let mediaType: String
        /// `nil` without a body, or where it is no JSON.
        let schema: Schema?
    }

    private(set) var successes: [Success]
    /// Beside what follows from its access, parameters and body.
    private(set) var refusals: Set<Int> = []
    /// Of a body that the route reads by itself.
    private(set) var body: Schema?

    static func json(_ schema: Schema, _ status: Int = 200) -> Self {
        Self(successes: [Success(status: status, mediaType: "application/json", schema: schema)])
    }

    static func other(_ mediaType: String) -> Self {
        Self(successes: [Success(status: 200, mediaType: mediaType, schema: nil)])
    }

    func or(_ status: Int, _ schema: Schema? = nil) -> Self {
        var answers = self
        let schema = schema ?? successes.first?.schema
        answers.successes.append(Success(status: status, mediaType: "application/json", schema: schema))
        return answers
    }

    /// The same in another form, for who asks for that.
    func also(_ mediaType: String) -> Self {
        var answers = self
        answers.successes.append(Success(status: 200, mediaType: mediaType, schema: nil))
        return answers
    }

    func refusing(_ statuses: Int...) -> Self {
        var answers = self
        answers.refusals.formUnion(statuses)
        return answers
    }

    func taking(_ body: Schema) -> Self {
        var answers = self
        answers.body = body
        return answers
    }
}

extension Route {
    /// Statuses of problems that it may answer.
    var refusals: Set<Int> {
        var statuses = answers.refusals
        guard access != .signature else { return statuses.union([401, 413, 503]) }
        statuses.formUnion([400, 500, 503])
        if case .roles = access { statuses.formUnion([401, 403, 504]) }
        if access == .userToken { statuses.insert(401) }
        if !parameters(in: .path).isEmpty { statuses.insert(404) }
        if method != "GET" { statuses.insert(413) }
        return statuses
    }

    /// Whether it may answer 304.
    var hasTag: Bool { method == "GET" && !answers.successes.contains { $0.mediaType == "text/event-stream" } }

    /// What is not as described about an answer of it; `nil` if all is.
    func fault(in status: Int, mediaType: String?, _ body: JSONValue?) -> String? {
        let promised = answers.successes.filter { $0.status == status }
        if !promised.isEmpty {
            guard let success = promised.first(where: { mediaType?.hasPrefix($0.mediaType) ?? (body == nil) }) else {
                return
                    "\(mediaType ?? "no type") where \(promised.map(\.mediaType).joined(separator: " or ")) was promised"
            }
            guard let schema = success.schema, let body else { return nil }
            return schema.fault(in: body)
        }
        if status == 304, hasTag { return nil }
        guard refusals.contains(status) else { return "the status \(status) is not documented" }
        guard let body else { return access == .signature ? nil : "a problem without a body" }
        return access == .signature ? nil : Schema.problem.fault(in: body)
    }
}
