/// Why a server could not start.
package enum HTTPServerError: Error, Equatable, CustomStringConvertible {
    case addressInUse(host: String, port: UInt16)
    case addressNotAvailable(host: String, port: UInt16)
    case permissionDenied(host: String, port: UInt16)
    case unknownHost(String, reason: String)
    case cannotStart(reason: String)

    package var description: String {
        switch self {
        case .addressInUse(let host, let port):
            "cannot listen on \(host):\(port): another process does; stop it or set another PORT"
        case .addressNotAvailable(let host, let port):
            "cannot listen on \(host):\(port): no network interface has this address; set HOST to one of this machine's"
        case .permissionDenied(let host, let port):
            "cannot listen on \(host):\(port): permission denied; ports below 1024 need privileges, set another PORT"
        case .unknownHost(let host, let reason):
            "cannot listen on \(host): \(reason); set HOST to an address of this machine or localhost"
        case .cannotStart(let reason):
            "cannot start the HTTP server: \(reason); free that resource and start again"
        }
    }
}
