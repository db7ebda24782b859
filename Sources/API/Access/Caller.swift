import History

/// Who asks.
struct Caller: Sendable, Equatable {
    let role: APIRole
    /// `nil` for the key of the configuration.
    let keyID: String?
    /// What the key is for, as whoever made it said.
    let name: String
}
