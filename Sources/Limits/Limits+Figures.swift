extension Limits {
    /// What figures are made of.
    package struct Figures: Sendable, Equatable {
        /// People of a channel of whom is kept when they wrote, the first to write in it; another number needs a migration.
        package var conversationWriters = 10
        /// Days of which it is remembered how long answers and readings took, by question.
        package var latencyDaysKept = 2_000
        /// Answers and readings that are remembered one by one, of eight bytes each.
        package var latencyRowsKept = 6_000_000
        /// Places (whose, in which channel, about which listing) of these that have numbers, of some fifty bytes.
        package var latencyPlacesKept = 400_000
        /// Counts of members of a scope (channels, listings, …), by month and question, that are remembered.
        package var memberCountsKept = 1_500_000
        /// Names of channels, listings, people and other members of scopes that are remembered for all of this, of some 150 bytes.
        package var namesKept = 400_000
        /// Bytes of who wrote that are remembered: mostly two a person and day.
        package var peopleBytesKept = 24_000_000
        /// Bytes of who wrote in which channel that are remembered: mostly one a pair and day.
        package var channelWriterBytesKept = 16_000_000
        /// Members of channels that are remembered.
        package var channelMembersKept = 1_000_000
        /// Pairs of a channel and a user that have numbers in what is remembered, of some forty bytes.
        package var channelPairsKept = 500_000
        /// The latest channels with other members than before that a node tells of.
        package var memberChangesTold = 256
        /// The latest channels whose counts of a day changed, that it tells of.
        package var memberCountsTold = 256
        package init() {}
    }
}
