/// Why a call is not carried out: the provider's code, status and sentence.
///
/// Source: contract, "Errors".
struct Refusal: Error, Sendable, Equatable {
    let code: Int
    let status: Int
    /// Without the endpoint's name, which is put before it.
    let message: String
    /// A sentence each, such as one for each bad user of a batch.
    var details: [String] = []

    init(code: Int, status: Int, _ message: String) {
        (self.code, self.status, self.message) = (code, status, message)
    }

    static func input(_ message: String) -> Refusal { Refusal(code: 4, status: 400, message) }
    static func notFound(_ message: String) -> Refusal { Refusal(code: 16, status: 404, message) }
    static func notAllowed(_ message: String) -> Refusal { Refusal(code: 17, status: 403, message) }
    static let tooManyRequests = Refusal(code: 9, status: 429, "Too many requests, try again after the window ends")
    static let payloadTooLarge = Refusal(code: 22, status: 413, "the request's body is too large")

    /// The answer's body but for the duration.
    func fields(for endpoint: Endpoint?) -> Fields {
        let message = endpoint.map { "\($0.rawValue) failed with error: \"\(self.message)\"" } ?? self.message
        return [
            "code": .int(Int64(code)), "message": .string(message), "StatusCode": .int(Int64(status)),
            "exception_fields": .object([:]), "details": .strings(details),
            "more_info": "https://getstream.io/chat/docs/api_errors_response",
        ]
    }
}
