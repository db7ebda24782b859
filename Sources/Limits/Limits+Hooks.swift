extension Limits {
    /// The provider's synchronous hooks: what answering them may take.
    package struct Hooks: Sendable, Equatable {
        /// After this a hook is answered that nothing is changed, in milliseconds (`HOOK_BUDGET_MS`); the provider itself waits
        /// 1,500.
        package var budgetMilliseconds = 100
        /// Users, members and channels remembered, each.
        package var usersKept = 50_000
        /// Users and channels whose last messages are remembered.
        package var windowsKept = 50_000
        /// Things whose facts are read again when they change.
        package var factsKept = 50_000
        /// Messages of one user or channel that were let through and of which no event has told yet.
        package var sentKept = 64
        /// How long users, members and channels that were read are believed before they are read again, in seconds; what
        /// this node stores of them is known at once.
        package var recallSeconds: Int64 = 60
        /// Things that a stored batch told of, or that were read, taken in between two hooks.
        package var takenAtOnce = 32
        /// Things that wait to be read; what is asked beyond them is asked again with the next message.
        package var wanted = 10_000
        /// Hooks that wait for their answer; more are answered at once that nothing is changed.
        package static let pendingAnswers = 10_000
        /// Between two readings, in milliseconds: what is asked for meanwhile is read together.
        package var loadPaceMilliseconds = 20
        /// Wait before reading is tried again, in milliseconds.
        package var retryMilliseconds = 1_000
        package init() {}
    }
}
