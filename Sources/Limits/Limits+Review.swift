extension Limits {
    /// The queue of what waits for moderators.
    package struct Review: Sendable, Equatable {
        /// What people said of one item, the latest; as many rules and items of the provider are kept beside.
        package var sources = 100
        /// Labels kept of one of them.
        package var labels = 16
        /// One label, in bytes.
        package var labelBytes = 64
        /// What somebody gives as a reason, in characters.
        package var reasonCharacters = 500
        /// So many users who complain of one thing raise its severity by a step.
        package var severalComplaints = 3
        /// So many raise it by two.
        package var manyComplaints = 10
        /// A report by the same user of the same thing is the same report for so long, in seconds.
        package var reportRepeatSeconds: Int64 = 86_400
        /// Things that one user may report within so many seconds of the first; a report that was counted already is none.
        package var reportsPerReporter = 30
        package var reportWindowSeconds: Int64 = 3_600
        /// How long a claim holds unless the moderator asks otherwise, and at most, in seconds.
        package var claimSeconds = 300
        package var claimMostSeconds = 3_600
        /// Items decided, claimed or assigned by one call.
        package var bulkItems = 100
        /// A bulk call's body, in bytes.
        package var bulkBytes = 262_144
        /// Decisions kept with an item, the latest.
        package var decisions = 50
        /// Notes of one item.
        package var notes = 100
        /// One note, in characters.
        package var noteCharacters = 2_000
        /// How long a mute holds unless the moderator says otherwise, in minutes.
        package var muteMinutes = 60
        /// The longest mute and the longest ban that ends, in minutes: ten years.
        package var banMostMinutes = 5_256_000
        /// Messages shown before and after the one in question.
        package var contextMessages = 10
        /// Earlier items about the same user, and decisions of rules, shown with an item.
        package var contextItems = 20
        package init() {}
    }
}
