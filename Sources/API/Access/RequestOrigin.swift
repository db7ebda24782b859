import HTTPServer

/// Where a browser's request comes from, and how, as far as it says so.
struct RequestOrigin: Sendable {
    /// What pages send with what changes something: other sites' pages cannot, without being allowed to by CORS.
    static let header = "X-Requested-With"
    static let value = "dashboard"

    /// Whether the proxy in front of the service is believed.
    let trustsProxy: Bool

    /// Refuses what another site may have made a browser send with its cookie.
    ///
    /// - Throws: ``Problem`` of status 403.
    static func check(_ head: HTTPRequestHead) throws(Problem) {
        let isSafe = ["GET", "HEAD"].contains(head.method)
        let site = head[header: "Sec-Fetch-Site"]
        // "none" is what a person does: an address typed, a bookmark. It cannot be told from a link for changes.
        guard site == nil || site == "same-origin" || (isSafe && site == "none") else {
            throw Problem(403, "A session is for the dashboard's own pages; use a key from elsewhere.")
        }
        guard !isSafe else { return }
        guard head[header: header] == value else {
            throw Problem(403, "With a session this takes the header \(header): \(value).")
        }
        // Where the browser has said that it is the same, a proxy may have given the service another name.
        guard site == nil, let origin = head[header: "Origin"] else { return }
        guard origin.hasSuffix("://" + (head[header: "Host"] ?? "")) else {
            throw Problem(403, "A session is for the dashboard's own pages; use a key from elsewhere.")
        }
    }

    /// Whether the browser speaks HTTPS, to the proxy.
    func isSecure(_ head: HTTPRequestHead) -> Bool {
        trustsProxy && last(head[header: "X-Forwarded-Proto"])?.lowercased() == "https"
    }

    /// Who asks: the proxy's last word, since whatever stands before it may be made up.
    func address(_ head: HTTPRequestHead) -> String {
        (trustsProxy ? last(head[header: "X-Forwarded-For"]) : nil) ?? head.remoteAddress
    }

    private func last(_ list: String?) -> String? {
        let text = list?.split(separator: ",").last?.filter { $0 != " " }
        return text?.isEmpty == false ? text : nil
    }
}
