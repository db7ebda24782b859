/// The addresses that begin with the same bits.
package struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    private let network: IPAddress
    private let prefixBits: Int
    /// As it was written.
    package let description: String

    /// - Parameter text: `10.0.0.0/8`, `fd00::/8`, or one address; `nil` for anything else, also for bits beyond the prefix.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let network = IPAddress(String(first)) else { return nil }
        let most = network.bytes.count * 8
        let bits = parts.count == 1 ? most : Self.decimal(parts[1])
        guard let bits, bits <= most else { return nil }
        (self.network, prefixBits, description) = (network, bits, text)
        guard (bits..<most).allSatisfy({ network.bytes[$0 / 8] & (0x80 >> UInt8($0 % 8)) == 0 }) else { return nil }
    }

    /// A range of the program's own.
    init(known text: String) {
        guard let range = AddressRange(text) else { preconditionFailure("\(text) is not a range of addresses") }
        self = range
    }

    /// False for an address of the other kind.
    package func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == network.bytes.count else { return false }
        let whole = prefixBits / 8
        guard address.bytes.prefix(whole) == network.bytes.prefix(whole) else { return false }
        guard prefixBits % 8 != 0 else { return true }
        return (address.bytes[whole] ^ network.bytes[whole]) >> UInt8(8 - prefixBits % 8) == 0
    }

    private static func decimal(_ text: Substring) -> Int? {
        (1...3).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
}
