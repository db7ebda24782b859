/// Which addresses a request may go to.
package struct AddressPolicy: Sendable, Hashable {
    /// `nil`: all are allowed, not only public ones.
    private let exceptions: [AddressRange]?

    /// For addresses that the operator has set.
    package static let any = AddressPolicy(exceptions: nil)
    /// For addresses that others may have chosen: nothing inside our own network can be reached through us.
    package static let publicOnly = publicOnly(or: [])

    /// As ``publicOnly``, and these: what the operator has allowed.
    package static func publicOnly(or ranges: [AddressRange]) -> AddressPolicy { AddressPolicy(exceptions: ranges) }

    package func allows(_ address: IPAddress) -> Bool {
        guard let exceptions else { return true }
        return address.isPublic || exceptions.contains { $0.contains(address) }
    }
}
