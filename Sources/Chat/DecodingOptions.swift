package import Limits

/// What an operator may change about decoding.
package struct DecodingOptions: Sendable {
    /// Custom fields of a message that may hold its business type; the first that does, wins.
    package var businessTypeFields: [String] = ["message_type"]
    /// Bounds of what one event may make us keep.
    package var limits = Limits.Worker()
    /// Whether ``ChatEvent/mentionedUserIDs`` is wanted: finding them is a fifth of the work.
    package var findsUserIDs = true
    package init() {}
}
