import HTTPServer
import History
import Hooks

/// One method of one path: the single declaration that answering, checking and documentation follow.
struct Route: Sendable {
    enum Access: Sendable, Equatable {
        /// For anyone who reaches the port.
        case open
        /// By signature: the provider's deliveries.
        case signature
        /// By a token that the app gave one of its users.
        case userToken
        /// By key; administrators may use any.
        case roles([APIRole])

        static let readers = Access.roles([.analyst, .moderator, .service])
        static let admin = Access.roles([])

        func admits(_ role: APIRole) -> Bool {
            guard case .roles(let roles) = self else { return true }
            return role == .admin || roles.contains(role)
        }
    }

    enum Action: Sendable {
        case answer(@Sendable (APIRequest) async throws -> HTTPResponse)
        /// The webhook receiver's.
        case receive
        /// The synchronous hooks'.
        case hook(HookKind)
    }

    let method: String
    let path: PathTemplate
    let access: Access
    let summary: String
    let parameters: [any ParameterDeclaration]
    /// The most that a body may have, where it is not what requests may have elsewhere.
    let bodyBytes: Int?
    let action: Action
    /// What clients may rely on.
    let answers: RouteAnswers
    /// What the audit trail is told of its requests; `nil` is nothing.
    var audit: RouteAudit?

    init(
        _ method: String,
        _ path: String,
        access: Access,
        answers: RouteAnswers,
        _ summary: String,
        _ parameters: [any ParameterDeclaration] = [],
        bodyBytes: Int? = nil,
        answer: @escaping @Sendable (APIRequest) async throws -> HTTPResponse
    ) {
        self.method = method
        self.path = PathTemplate(path)
        (self.access, self.summary, self.parameters) = (access, summary, parameters)
        (self.bodyBytes, self.answers) = (bodyBytes, answers)
        action = .answer(answer)
    }

    /// Deliveries of the provider.
    init(deliveriesTo path: String) {
        method = "POST"
        self.path = PathTemplate(path)
        (access, parameters, bodyBytes, action) = (.signature, [], nil, .receive)
        summary = "A delivery of the provider."
        answers = .delivery
    }

    /// Synchronous hooks of the provider.
    init(hook kind: HookKind, at path: String, _ summary: String) {
        method = "POST"
        self.path = PathTemplate(path)
        (access, bodyBytes, action) = (.signature, nil, .hook(kind))
        self.summary = summary
        parameters = self.path.names.map { Parameter.identifier($0, in: .path, "The command's name.") }
        answers = kind.answers
    }

    func parameters(in place: ParameterPlace) -> [any ParameterDeclaration] {
        parameters.filter { $0.place == place }
    }
}
