import Crypto
import Gzip
import HTTPServer
import Limits

/// What is done to every answer on its way out: who may read it from another site, whether it has changed, how small it is.
struct Presentation: Sendable {
    /// Sites whose pages may ask (`CORS_ORIGINS`); `*` is any.
    let origins: [String]
    let limits: Limits.API

    /// - Parameter head: of the request.
    func present(_ response: HTTPResponse, to head: HTTPRequestHead) -> HTTPResponse {
        var response = response.guarded
        allow(head, &response)
        guard !response.isStream else { return response }
        if response.status == 200, head.method == "GET" || head.method == "HEAD" {
            let tag = Self.tag(of: response.body)
            response.headers.append(("ETag", tag))
            if Self.names(head[header: "If-None-Match"], tag) {
                (response.status, response.body) = (304, [])
                response.headers.removeAll { $0.name == "Content-Type" }
                return response
            }
        }
        return compressed(response, for: head)
    }

    // MARK: Another site's pages (Fetch, "CORS protocol")

    private func allow(_ head: HTTPRequestHead, _ response: inout HTTPResponse) {
        guard !origins.isEmpty else { return }
        // Also without an origin: a cache must not take one's answer for the other's.
        response.headers.append(("Vary", "Origin"))
        guard let origin = head[header: "Origin"], origins.contains(origin) || origins.contains("*") else { return }
        response.headers.append(("Access-Control-Allow-Origin", origins.contains("*") ? "*" : origin))
        response.headers.append(("Access-Control-Expose-Headers", "ETag, Retry-After"))
        guard head.method == "OPTIONS", head[header: "Access-Control-Request-Method"] != nil,
            let methods = response.headers.first(where: { $0.name == "Allow" })
        else { return }
        response.headers.append(("Access-Control-Allow-Methods", methods.value))
        response.headers.append(
            (
                "Access-Control-Allow-Headers",
                "Authorization, Content-Type, If-None-Match, Last-Event-ID, \(APIRequest.actingUserHeader)"
            )
        )
        response.headers.append(("Access-Control-Max-Age", "\(limits.preflightSeconds)"))
    }

    // MARK: What has not changed (RFC 9110 §8.8.3, §13.1.2)

    /// Weak: the same answer may be sent compressed and not.
    private static func tag(of body: [UInt8]) -> String {
        #"W/"\#(Hex.encode(Array(SHA256.digest(body).prefix(16))))""#
    }

    private static func names(_ wanted: String?, _ tag: String) -> Bool {
        guard let wanted else { return false }
        return wanted.split(separator: ",").contains { candidate in
            let candidate = candidate.trimmingSpaces
            return candidate == "*" || candidate == tag || "W/" + candidate == tag
        }
    }

    // MARK: Smaller (RFC 9110 §8.4, §12.5.3)

    private func compressed(_ response: HTTPResponse, for head: HTTPRequestHead) -> HTTPResponse {
        guard response.body.count >= limits.gzipBytes else { return response }
        var response = response
        response.headers.append(("Vary", "Accept-Encoding"))
        guard Self.acceptsGzip(head[header: "Accept-Encoding"]), let body = try? Gzip.deflate(response.body) else {
            return response
        }
        response.body = body
        response.headers.append(("Content-Encoding", "gzip"))
        return response
    }

    private static func acceptsGzip(_ header: String?) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { coding in
            let parts = coding.split(separator: ";")
            guard let name = parts.first?.trimmingSpaces.lowercased(), name == "gzip" || name == "*" else {
                return false
            }
            let weight = parts.dropFirst().first?.trimmingSpaces.drop { $0 != "=" }.dropFirst()
            return weight.map { Double($0) ?? 0 > 0 } ?? true
        }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        let start = drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
