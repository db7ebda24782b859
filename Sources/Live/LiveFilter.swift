/// Which events a reader wants: those that are all of what is given.
package struct LiveFilter: Sendable {
    /// `message.*` is every type that begins so.
    package var type: String?
    package var channel: String?
    /// Named by the event, or the sender of its message.
    package var user: String?
    package var listing: String?

    package init() {}

    func admits(_ event: LiveEvent) -> Bool {
        admits(event.type) && (channel == nil || channel == event.cid) && (listing == nil || listing == event.listing)
            && (user.map(event.users.contains) ?? true)
    }

    private func admits(_ type: String) -> Bool {
        guard let wanted = self.type else { return true }
        return wanted.hasSuffix("*") ? type.hasPrefix(wanted.dropLast()) : type == wanted
    }
}
