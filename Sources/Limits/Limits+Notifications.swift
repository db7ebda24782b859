extension Limits {
    /// What is told to people and to the team's own services.
    package struct Notifications: Sendable, Equatable {
        /// The source of one template, in bytes.
        package var templateBytes = 65_536
        /// Conditions within one another.
        package var templateDepth = 16
        /// Tags and pieces of text of one template.
        package var templateParts = 4_096
        /// Names of one path, such as the two of `user.name`.
        package var pathNames = 8
        /// What a template may become, in bytes.
        package var renderedBytes = 262_144
        /// Templates in all.
        package var templates = 256
        /// Files of one folder of templates.
        package var templateFiles = 1_024
        /// One of them, in bytes.
        package var templateFileBytes = 1_048_576
        /// A subject, in characters; a longer one is cut off.
        package var subjectCharacters = 200
        /// Text shown by Slack, in characters; a longer one is cut off.
        package var slackCharacters = 3_000
        /// The body of one outgoing webhook, in bytes.
        package var webhookBytes = 1_048_576
        /// One outgoing webhook, in milliseconds.
        package var webhookMilliseconds = 10_000
        /// The longest wait that an answer may ask for (`Retry-After`), in seconds.
        package var retryAfterMostSeconds = 3_600
        /// What happened longer ago is not told any more, in seconds.
        package var maximumAgeSeconds = 900
        /// The same for events to the app's own endpoint, where late ones surprise nobody, in seconds
        /// (`BRIDGE_MAX_AGE_SECONDS`).
        package var bridgeMaximumAgeSeconds = 86_400
        /// The most that one user, moderator or channel of the team is told of one kind in an hour.
        package var offersPerHour = 20
        package var alertsPerHour = 60
        package var remindersPerHour = 6
        /// Of what rules have people told.
        package var rulesPerHour = 60
        /// Members of a channel up to which they are reminded of unread messages.
        package var reminderMembers = 10
        /// Unread messages counted for a reminder; more are not told apart.
        package var unreadCounted = 1_000
        /// Notifications composed at once.
        package var composers = 4
        /// Wait when a source of what is to be told could not be asked, in seconds.
        package var sourceWaitSeconds = 5
        /// Addresses that alerts go to.
        package var moderators = 50
        package init() {}
    }
}
