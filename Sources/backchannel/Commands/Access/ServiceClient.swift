import HTTPClient
import JSON

/// The REST interface of the running service, for commands.
struct ServiceClient: Sendable {
    static let url = CommandOption<String?>.text(
        "url",
        "URL",
        "the running service",
        standard: "http://HOST:PORT of the configuration"
    )
    static let key = CommandOption<String?>.text(
        "api-key",
        "KEY",
        "an API key with the role admin; others may see it in the process list",
        standard: "ADMIN_API_KEY"
    )
    static let forms = [url.form, key.form]

    private let base: String
    private let key: String?
    private let client = HTTPClient()

    init(_ arguments: ParsedArguments, _ configuration: Configuration) {
        let endpoint = Endpoint(of: configuration)
        var base = arguments[Self.url] ?? "http://\(endpoint.hostHeader)"
        while base.hasSuffix("/") { base.removeLast() }
        self.base = base
        key = arguments[Self.key] ?? configuration.adminAPIKey?.revealed()
    }

    init(_ configuration: Configuration) { self.init(ParsedArguments(), configuration) }

    /// Where it is looked for.
    var address: String { base }
    var hasKey: Bool { key != nil }

    /// Whether a Backchannel answers there.
    func answers() async -> Bool {
        let request = HTTPClientRequest(url: base + "/healthz", timeout: .seconds(2))
        guard let response = try? await client.send(request), response.status == 200 else { return false }
        return (try? JSONParser().parse(response.body))?["status"]?.string == "ok"
    }

    /// Sends a request and gives the answer's body.
    ///
    /// - Throws: ``CommandFailure`` for an answer that is no success, with the service's own sentence.
    func send(
        _ method: String,
        _ path: String,
        body: [UInt8] = [],
        timeout: Duration = .seconds(30)
    ) async throws -> [UInt8] {
        guard let answer = try await find(method, path, body: body, timeout: timeout, missing: []) else { return [] }
        return answer
    }

    /// The same; `nil` for an answer whose status is among those of `missing`.
    func find(
        _ method: String,
        _ path: String,
        body: [UInt8] = [],
        timeout: Duration = .seconds(30),
        missing: Set<Int> = [404]
    ) async throws -> [UInt8]? {
        guard let key else {
            throw CommandFailure("no API key; set ADMIN_API_KEY as the service has it, or give --api-key")
        }
        let request = HTTPClientRequest(
            method: method,
            url: base + path,
            headers: [("Authorization", "Bearer \(key)")],
            body: body,
            timeout: timeout
        )
        let response = try await client.send(request)
        if missing.contains(response.status) { return nil }
        guard (200..<300).contains(response.status) else {
            throw CommandFailure("\(method) \(base)\(path): \(response.status), \(Self.detail(of: response))")
        }
        return response.body
    }

    /// Whatever its status: `/readyz` answers 503 with a body that says why.
    func look(_ path: String) async -> (status: Int, body: [UInt8])? {
        guard let response = try? await client.send(HTTPClientRequest(url: base + path, timeout: .seconds(5))) else {
            return nil
        }
        return (response.status, response.body)
    }

    private static func detail(of response: HTTPClientResponse) -> String {
        let problem = try? JSONParser().parse(response.body)
        return problem?["detail"]?.string ?? "an answer that is none of Backchannel's; check the address"
    }

    /// One part of a path.
    ///
    /// Source: RFC 3986 §3.3.
    static func escaped(_ part: String) -> String {
        part.utf8.reduce(into: "") { result, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
