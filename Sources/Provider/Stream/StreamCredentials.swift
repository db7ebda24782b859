import Crypto
import HTTPClient

/// Who we are to the provider, and where it is.
///
/// Holds no secret that could be printed: only what it signs.
package struct StreamCredentials: Sendable {
    package static let publicURL = "https://chat.stream-io-api.com"

    package let apiKey: String
    private let baseURL: String
    private let token: String

    package init(apiKey: String, secret: String, baseURL: String = publicURL) {
        self.apiKey = apiKey
        self.baseURL = String(baseURL.reversed().drop { $0 == "/" }.reversed())
        token = StreamToken.server(signedBy: HMACSHA256(key: secret))
    }

    /// The token goes without "Bearer".
    ///
    /// Source: PyPI `stream-chat`, `_make_request`.
    func signed(_ request: StreamRequest, timeout: Duration) -> HTTPClientRequest {
        var url = baseURL + request.path + "?api_key=" + PercentEncoding.encode(apiKey)
        for parameter in request.query {
            url += "&" + PercentEncoding.encode(parameter.name) + "=" + PercentEncoding.encode(parameter.value)
        }
        var headers = [
            (name: "Authorization", value: token),
            (name: "stream-auth-type", value: "jwt"),
            (name: "X-Stream-Client", value: "backchannel"),
        ]
        if request.body != nil { headers.append((name: "Content-Type", value: "application/json")) }
        return HTTPClientRequest(
            method: request.method,
            url: url,
            headers: headers,
            body: request.body.map { Array($0.utf8) } ?? [],
            timeout: timeout
        )
    }
}
