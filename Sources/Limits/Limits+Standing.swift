extension Limits {
    /// Bans, mutes and blocks.
    package struct Standing: Sendable, Equatable {
        /// How long a stream's moderator mutes somebody, where nothing else is said, in minutes.
        package var muteMinutes = 60
        /// The longest ban or mute with an end, in minutes: ten years.
        package var minutesMost = 5_256_000
        /// Users whom one user may block.
        package var blocksPerUser = 1_000
        /// How long it is remembered that somebody has blocked somebody, in seconds: no call takes as long.
        package var blockMeetingSeconds: Int64 = 3_600
        package init() {}
    }
}
