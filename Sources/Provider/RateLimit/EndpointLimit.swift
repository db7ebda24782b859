package import Chat

/// What is known of one endpoint's limit, for people.
package struct EndpointLimit: Sendable, Equatable {
    package let endpoint: ProviderEndpoint
    /// Calls a minute; `nil` where answers name none.
    package let limit: Int?
    /// What was left of them by the last answer; all of them in a window of which none has come.
    package let remaining: Int?
    /// When the window ends; `nil` where no answer of this window has said so.
    package let resetsAt: Timestamp?
    /// Whether an answer has named the limit: else it is what the provider documents.
    package let isConfirmed: Bool
    /// Calls of this node that wait for their answers.
    package let underWay: Int
    /// Nothing is sent before: the provider asked for it.
    package let pausedUntil: Timestamp?
}
