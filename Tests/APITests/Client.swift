import API
import Foundation
import HTTPServer
import TestSupport
import Testing

/// An answer over HTTP.
struct Answer: Sendable {
    let status: Int
    let headers: [String: String]
    let body: Data

    /// - Parameter wire: all that the server sent before it closed the connection.
    fileprivate init(wire: Data) throws {
        guard let end = wire.firstRange(of: Data("\r\n\r\n".utf8)) else { throw TestFailure("no HTTP answer") }
        let lines = String(decoding: wire[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        guard let status = lines[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw TestFailure("no status line: \(lines[0])")
        }
        self.status = status
        headers = Dictionary(
            lines.dropFirst().map { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                return (parts[0].lowercased(), parts.dropFirst().first?.trimmingCharacters(in: .whitespaces) ?? "")
            }
        ) { first, _ in first }
        let rest = Data(wire[end.upperBound...])
        body = headers["transfer-encoding"] == "chunked" ? try Self.joined(rest) : rest
    }

    /// What the chunks hold (RFC 9112 §7.1).
    ///
    /// - Throws: when the last one is missing: the server broke the answer off.
    private static func joined(_ chunks: Data) throws -> Data {
        var (rest, body) = (chunks[...], Data())
        while let line = rest.firstRange(of: Data("\r\n".utf8)) {
            guard let count = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16) else { break }
            if count == 0 { return body }
            let chunk = rest[line.upperBound...].prefix(count)
            body += chunk
            rest = rest[chunk.endIndex...].dropFirst(2)
        }
        throw TestFailure("the answer was broken off after \(body.count) bytes")
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    func decode<Value: Decodable>(_: Value.Type = Value.self) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: body)
        } catch {
            throw TestFailure("status \(status), \(text): \(error)")
        }
    }

    /// The answer as problem details.
    func problem() throws -> ProblemDetails { try decode() }
}

struct ProblemDetails: Decodable, Equatable {
    var type: String
    var title: String
    var status: Int
    var detail: String
    var parameter: String?
}

/// Any JSON value.
enum JSON: Decodable, Equatable, Sendable {
    case null, bool(Bool), number(Double), string(String), array([JSON]), object([String: JSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    subscript(key: String) -> JSON? { if case .object(let fields) = self { fields[key] } else { nil } }
    subscript(index: Int) -> JSON? {
        if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { nil }
    }
    var string: String? { if case .string(let value) = self { value } else { nil } }
    var int: Int? { if case .number(let value) = self { Int(exactly: value) } else { nil } }
    var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int) { self = .number(Double(value)) }
    init(floatLiteral value: Double) { self = .number(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(nilLiteral: ()) { self = .null }
    init(arrayLiteral elements: JSON...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements) { first, _ in first })
    }
}

extension TestService {
    static let messagesPath = "/api/v1/webhooks/getstream/messages"
    static let analyticsPath = "/api/v1/webhooks/getstream/analytics/messages"

    /// - Parameters:
    ///   - path: with its query, as it goes over the wire.
    ///   - key: `nil` sends none.
    func send(
        _ method: String = "GET",
        _ path: String,
        key: String? = adminKey,
        body: String? = nil,
        headers: [String: String] = [:]
    ) async throws -> Answer {
        var fields = headers
        fields["Host"] = "127.0.0.1"
        fields["Connection"] = "close"
        if let key { fields["Authorization"] = "Bearer \(key)" }
        if let body { fields["Content-Length"] = "\(body.utf8.count)" }
        let head = fields.reduce("\(method) \(path) HTTP/1.1\r\n") { $0 + "\($1.key): \($1.value)\r\n" }
        let request = head + "\r\n" + (body ?? "")
        let port = server.port
        let answer = try await blocking {
            try Answer(wire: try Conversation(port: port).exchange(Data(request.utf8)))
        }
        let fault = document.fault(
            in: answer.status,
            to: method,
            String(path.prefix { $0 != "?" }),
            mediaType: answer.headers["content-type"],
            Array(answer.body)
        )
        if let fault { Issue.record("\(method) \(path) is not as described: \(fault)") }
        return answer
    }

    /// The JSON of an answer that must be a success.
    func get(_ path: String, key: String? = adminKey) async throws -> JSON {
        let answer = try await send("GET", path, key: key)
        guard answer.status == 200 else { throw TestFailure("\(path): \(answer.status) \(answer.text)") }
        return try answer.decode()
    }
}
