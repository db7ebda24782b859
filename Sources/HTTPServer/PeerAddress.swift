import CMicrohttpd
import Glibc

/// The numeric address of a peer, such as `192.0.2.7` or `2001:db8::7`.
///
/// An IPv4 client of a socket that listens on `::` shows as IPv4, not as `::ffff:192.0.2.7` (RFC 4291 §2.5.5.2).
func numericAddress(_ peer: UnsafePointer<sockaddr>?) -> String {
    guard let peer else { return "unknown" }
    let isIPv6 = peer.pointee.sa_family == sa_family_t(AF_INET6)
    let length = isIPv6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
    let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { buffer in
        let status = getnameinfo(
            peer,
            socklen_t(length),
            buffer.baseAddress,
            socklen_t(buffer.count),
            nil,
            0,
            NI_NUMERICHOST
        )
        return status == 0 ? buffer.baseAddress.map { String(cString: $0) } : nil
    }
    guard let text else { return "unknown" }
    let mapped = "::ffff:"
    return text.hasPrefix(mapped) && text.contains(".") ? String(text.dropFirst(mapped.count)) : text
}
