import CCurl
import Glibc

/// An address to send to, looked at before it is accepted: `http` or `https`, no credentials, no forbidden host in it.
///
/// A name says nothing of where it leads, today or tomorrow: ``HTTPClientRequest/addresses`` holds when it is connected to.
package struct OutgoingAddress: Sendable, Equatable {
    /// As it was given.
    package let url: String

    /// - Throws: ``OutgoingAddressError``, which names no part of the address.
    package init(_ url: String, addresses: AddressPolicy) throws(OutgoingAddressError) {
        let parts = try URLParts(url)
        guard ["http", "https"].contains(parts.scheme) else { throw .scheme }
        guard parts.user == nil, parts.password == nil else { throw .credentials }
        guard let host = parts.host, !host.isEmpty else { throw .malformed }
        guard Self.allows(host, addresses) else { throw .forbidden }
        self.url = url
    }

    /// - Parameter host: as libcurl gives it: an IPv4 address in four decimals, an IPv6 address in brackets, or a name.
    private static func allows(_ host: String, _ addresses: AddressPolicy) -> Bool {
        var host = host.lowercased()
        while host.hasSuffix(".") { host.removeLast() }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        if let address = IPAddress(host) ?? legacyIPv4(host) { return addresses.allows(address) }
        // Never looked up: RFC 6761, section 6.3.
        guard host == "localhost" || host.hasSuffix(".localhost") else { return true }
        return [IPAddress("127.0.0.1"), IPAddress("::1")].contains { $0.map(addresses.allows) ?? false }
    }

    /// Fewer than four parts, octal and hexadecimal ones: what inet_aton(3) takes, and so many a resolver.
    private static func legacyIPv4(_ host: String) -> IPAddress? {
        var address = in_addr()
        guard inet_aton(host, &address) != 0 else { return nil }
        return IPAddress(bytes: withUnsafeBytes(of: address) { Array($0) })
    }
}

/// Why an address is not one to send to.
package enum OutgoingAddressError: Error, Equatable, CustomStringConvertible {
    case malformed
    case scheme
    case credentials
    case forbidden

    package var description: String {
        switch self {
        case .malformed: "not an address; give one like https://example.com/hook"
        case .scheme: "neither http:// nor https://; other protocols are not spoken"
        case .credentials: "a user or password in the address, where logs would show it; leave it out"
        case .forbidden:
            "the host is not public (loopback, private, link-local or reserved); allow its range if it is meant"
        }
    }
}
