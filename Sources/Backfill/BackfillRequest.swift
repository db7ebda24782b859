package import Chat

/// What is to be read back.
package struct BackfillRequest: Sendable, Equatable {
    /// Messages made after this instant.
    package var since: Timestamp
    /// Up to this one; later messages may still come by webhook.
    package var through: Timestamp
    /// One channel; `nil` is every one in which something was said, or that was changed, since then.
    package var cid: String?
    /// What it was asked for by: an interrupted back-fill is gone on with by the same alone.
    package var cause: String

    package init(since: Timestamp, through: Timestamp, cid: String? = nil, cause: String) {
        (self.since, self.through, self.cid, self.cause) = (since, through, cid, cause)
    }
}
