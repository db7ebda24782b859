import JSON

/// One call of the server API, taken apart but not yet judged.
struct APICall: Sendable, Equatable {
    let route: Route
    /// The query but for what authenticates.
    var query: [String: String] = [:]
    var body: Fields = [:]
    var actor: Actor = .server
    /// A message of which the app's hook did not say anything, although it was asked.
    var isUnscreened: Bool { query[Self.unscreened] != nil }
    /// How that is written down with the call; nobody outside can say so.
    static let unscreened = "/unscreened"

    var endpoint: Endpoint { route.endpoint }
    var parameters: [String] { route.parameters }

    /// Who calls: the app's server, or one of its users.
    enum Actor: Sendable, Equatable {
        case server
        case user(String)
    }

    /// The one JSON parameter that queries over GET come in.
    ///
    /// - Throws: ``Refusal`` when it is no JSON object.
    func payload() throws(Refusal) -> Fields {
        guard let text = query["payload"] else { return [:] }
        guard let fields = try? Value(parsing: text).object else { throw .input("payload is not a JSON object") }
        return fields
    }
}

/// What became of a call that was carried out.
struct Answer: Sendable, Equatable {
    let status: Int
    let body: Fields

    static func ok(_ body: Fields = [:]) -> Answer { Answer(status: 200, body: body) }
    /// The provider answers POST so, whether or not something was made.
    static func created(_ body: Fields = [:]) -> Answer { Answer(status: 201, body: body) }
}
