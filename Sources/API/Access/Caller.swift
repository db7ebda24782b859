import History

/// Who asks.
struct Caller: Sendable, Equatable {
    let role: APIRole
    /// `nil` for the key of the configuration.
    let keyID: String?
}
