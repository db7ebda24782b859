extension Limits {
    /// What figures are made of.
    package struct Figures: Sendable, Equatable {
        /// People of a channel of whom is kept when they wrote, the first to write in it; another number needs a migration.
        package var conversationWriters = 10
        /// Days of which it is remembered how long answers took, by question.
        package var answerDaysKept = 2_000
        /// Counts of members of a scope (channels, listings, …), by month and question, that are remembered.
        package var memberCountsKept = 1_000_000
        /// Members of one scope whose names are remembered for them.
        package var memberNamesKept = 250_000
        package init() {}
    }
}
