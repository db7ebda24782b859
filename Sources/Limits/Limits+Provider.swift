extension Limits {
    /// The chat provider's API: mostly its own bounds, which a call is held to before it is sent.
    package struct Provider: Sendable, Equatable {
        /// Users of one upsert, partial update or deletion.
        package var usersPerCall = 100
        /// Members of one call that creates a channel, adds to it or takes from it.
        package var membersPerCall = 100
        /// A message's id, in bytes.
        package var messageIDBytes = 255
        /// A user's or channel's id, in bytes.
        package var identifierBytes = 255
        /// One call, in milliseconds: as long as the provider's own libraries wait.
        package var callMilliseconds = 6_000
        /// A request's body, in bytes.
        package var bodyBytes = 4_194_304
        /// The longest wait that an answer may ask for, in seconds.
        package var retryAfterMostSeconds = 3_600
        /// After a call that names users who are not there yet, in seconds: they may be on their way.
        package var missingUsersSeconds = 2
        /// Calls a minute to an endpoint before anything is known of its limit.
        package var callsPerMinute = 60
        /// Share of a limit left to what other nodes may have used since the last answer, in percent.
        package var reservePercent = 2
        /// Endpoints whose limit is remembered.
        package var endpoints = 256
        /// Channels of one page, messages and members of one channel's page, users of one page.
        package var channelsPerPage = 30
        package var messagesPerPage = 300
        package var membersPerPage = 100
        package var usersPerPage = 100
        package init() {}
    }
}
