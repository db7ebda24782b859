extension Limits {
    /// What figures are made of.
    package struct Figures: Sendable, Equatable {
        /// People of a channel of whom is kept when they wrote, the first to write in it; another number needs a migration.
        package var conversationWriters = 10
        package init() {}
    }
}
