extension Limits {
    /// The local provider, which plays the chat provider for tests and demos.
    ///
    /// What is the provider's own limit is named in its documentation; the rest keeps the process small.
    package struct LocalProvider: Sendable, Equatable {
        /// The provider's: users of one upsert, partial update or deletion; members of one call; channels of a deletion.
        package var batch = 100
        /// The provider's: an identifier, in UTF-8 bytes.
        package var identifierBytes = 255
        /// The provider's: custom data of a user, channel or message, in bytes of JSON.
        package var customBytes = 5_120
        /// The provider's: a message's text, in characters.
        package var textCharacters = 5_000
        /// The provider's: attachments of a message, and their size together in bytes of JSON.
        package var attachments = 30
        package var attachmentBytes = 5_120
        /// The provider's: users mentioned in a message.
        package var mentions = 25
        /// The provider's: channels, messages, members and users of one answer.
        package var channelsPage = 30
        package var messagesPage = 300
        package var membersPage = 100
        package var usersPage = 100
        package var bansPage = 300
        /// The provider's: members that an event names.
        package var eventMembers = 50
        /// The provider's: attempts at one delivery, in seconds each and altogether.
        package var deliverySeconds = 6
        package var deliveryTotalSeconds = 15
        /// The provider's: how long it waits for the hook that is asked before a message is sent, unless told otherwise and at
        /// most, in milliseconds.
        package var hookMilliseconds = 1_500
        package var hookMostMilliseconds: Int64 = 5_000
        /// The provider's: how long a message waits to be committed unless its hook says otherwise, in milliseconds: three days.
        package var pendingMilliseconds: Int64 = 259_200_000
        /// The provider's: items of the review queue of one answer.
        package var reviewPage = 100
        /// The provider's: calls of one second, as a part of those of a minute.
        package var secondsPerMinuteShare = 30

        /// A request's body, in bytes.
        package var bodyBytes = 1_048_576
        /// Changes remembered; at this number further ones are refused until a reset.
        package var changes = 2_000_000
        /// Changes listed by one answer.
        package var changesListed = 10_000
        /// Webhooks waiting to be sent; further ones are dropped and counted.
        package var webhooksWaiting = 200_000
        /// Webhooks on their way at once.
        package var webhooksAtOnce = 16
        /// Dropped webhooks that are listed.
        package var droppedListed = 10_000
        /// First wait before a delivery is tried again, in milliseconds; it doubles.
        package var deliveryRetryMilliseconds = 250
        /// Longest latency that can be asked for, in milliseconds.
        package var latencyMilliseconds = 60_000
        /// A task is under way for this long, in milliseconds.
        package var taskMilliseconds = 100
        /// Write-ahead log size at which it is copied into the file, in pages.
        package var walPages = 8_192
        package init() {}
    }
}
