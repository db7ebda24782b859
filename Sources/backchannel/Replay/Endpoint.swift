import Foundation

/// Where deliveries go: `http://host:port/path`.
struct Endpoint: Sendable, Equatable {
    static let webhookPath = "/api/v1/webhooks/getstream"

    let host: String
    let port: Int
    let path: String

    /// - Throws: ``UsageFault`` for anything but an `http://` address.
    init(_ text: String) throws(UsageFault) {
        guard let url = URLComponents(string: text), url.scheme == "http", let host = url.host, !host.isEmpty,
            url.user == nil, url.fragment == nil
        else {
            throw UsageFault("'\(text)' is not an address that replay can send to; allowed: http://HOST[:PORT][/PATH]")
        }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = url.port ?? 80
        let query = url.percentEncodedQuery.map { "?\($0)" } ?? ""
        path = (["", "/"].contains(url.percentEncodedPath) ? Self.webhookPath : url.percentEncodedPath) + query
    }

    /// The service that this configuration would start.
    init(of configuration: Configuration) {
        // An address that means “every one” is no place to send to.
        let everyone = ["0.0.0.0": "127.0.0.1", "::": "::1"]
        host = everyone[configuration.host] ?? configuration.host
        port = configuration.port
        path = Self.webhookPath
    }

    /// Host and port as in a URL; IPv6 addresses in brackets.
    var hostHeader: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    var url: String { "http://\(hostHeader)\(path)" }

    /// Looks the host up, blocking.
    func addresses() throws(ReplayFault) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0 else {
            throw ReplayFault("look up \(host): \(String(cString: gai_strerror(code))); check the address")
        }
        defer { freeaddrinfo(list) }
        return sequence(first: list, next: { $0?.pointee.ai_next }).compactMap { entry in
            guard let entry, let address = entry.pointee.ai_addr else { return nil }
            let bytes = UnsafeRawBufferPointer(start: address, count: Int(entry.pointee.ai_addrlen))
            return SocketAddress(family: entry.pointee.ai_family, bytes: Array(bytes))
        }
    }
}

/// A `sockaddr` of any family.
struct SocketAddress: Sendable, Equatable {
    let family: Int32
    let bytes: [UInt8]
}
