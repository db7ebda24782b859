import HTTPServer

/// The cookie that holds a session, out of reach of scripts and of other sites' requests.
///
/// Source: RFC 6265; `SameSite` as browsers have it.
enum SessionCookie {
    private static let name = "backchannel_session"
    /// Where it is sent: the interface, not the dashboard's files.
    private static let path = "/api"

    static func token(in head: HTTPRequestHead) -> String? {
        guard let header = head[header: "Cookie"] else { return nil }
        for pair in header.split(separator: ";") {
            let pair = pair.drop { $0 == " " }
            guard pair.hasPrefix(name + "=") else { continue }
            return String(pair.dropFirst(name.count + 1))
        }
        return nil
    }

    /// - Parameter seconds: how long the browser keeps it; 0 takes it away.
    static func header(_ token: String, seconds: Int, isSecure: Bool) -> (name: String, value: String) {
        let secure = isSecure ? "; Secure" : ""
        let value = "\(name)=\(token); Path=\(path); Max-Age=\(seconds); HttpOnly; SameSite=Strict\(secure)"
        return ("Set-Cookie", value)
    }
}
