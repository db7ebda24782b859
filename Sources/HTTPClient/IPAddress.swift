import CCurl
import Glibc

/// An IPv4 or IPv6 address; an IPv4 address written as an IPv6 one (`::ffff:192.0.2.1`) is the IPv4 address.
package struct IPAddress: Sendable, Hashable {
    /// 4 or 16, in network order.
    let bytes: [UInt8]

    /// - Parameter text: as inet_pton(3) takes it: `192.0.2.1`, `2001:db8::1`; no brackets, no zone.
    package init?(_ text: String) {
        var four = in_addr()
        var sixteen = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self.init(bytes: withUnsafeBytes(of: four) { Array($0) })
        } else if inet_pton(AF_INET6, text, &sixteen) == 1 {
            self.init(bytes: withUnsafeBytes(of: sixteen) { Array($0) })
        } else {
            return nil
        }
    }

    init(bytes: [UInt8]) {
        let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
        self.bytes = bytes.count == 16 && bytes.starts(with: mapped) ? Array(bytes.dropFirst(12)) : bytes
    }

    /// The address that libcurl is about to connect to; `nil` when it is of neither kind.
    init?(_ address: UnsafeMutablePointer<curl_sockaddr>) {
        guard let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return nil }
        // libcurl declares the shortest kind there and puts the one named by `family`.
        let place = UnsafeRawPointer(address).advanced(by: offset)
        switch address.pointee.family {
        case AF_INET:
            self.init(bytes: withUnsafeBytes(of: place.loadUnaligned(as: sockaddr_in.self).sin_addr, Array.init))
        case AF_INET6:
            self.init(bytes: withUnsafeBytes(of: place.loadUnaligned(as: sockaddr_in6.self).sin6_addr, Array.init))
        default: return nil
        }
    }

    /// Reached over the Internet: none of those set apart for a machine, a network or a purpose.
    ///
    /// Source: IANA's IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), multicast (RFC 5771, RFC 4291).
    package var isPublic: Bool {
        guard bytes.count == 16 else { return !Self.specialIPv4.contains { $0.contains(self) } }
        // NAT64: an IPv4 address behind the network's own translator.
        if Self.translated.contains(self) { return IPAddress(bytes: Array(bytes.suffix(4))).isPublic }
        return Self.globalUnicast.contains(self) && !Self.specialIPv6.contains { $0.contains(self) }
    }

    private static let translated = AddressRange(known: "64:ff9b::/96")
    private static let globalUnicast = AddressRange(known: "2000::/3")

    private static let specialIPv4 = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    ].map { AddressRange(known: $0) }

    /// Within the global unicast range: protocol assignments with Teredo, documentation, and 6to4, which tunnels to IPv4.
    private static let specialIPv6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]
        .map { AddressRange(known: $0) }
}
