extension Limits {
    /// Users between the app and the provider.
    package struct UserSync: Sendable, Equatable {
        /// Users of one request.
        package var bulkItems = 1_000
        /// The body of such a request, in bytes.
        package var bulkBytes = 8_388_608
        /// One user as the app sends it, in bytes of JSON.
        package var recordBytes = 65_536
        /// A user's id, in bytes: the provider's.
        package var identifierBytes = 255
        /// Custom data of one user, in bytes of JSON: the provider's.
        package var customBytes = 5_120
        /// Fields of one user that wait to be told; of more, those that the app has taken back meanwhile are not.
        package var toldFields = 1_000
        /// Changes of one user that follow each other within this time go out together, in milliseconds; the first goes
        /// at once.
        package var burstMilliseconds = 1_000
        /// The longest that one of them waits for the others, in milliseconds.
        package var burstMostMilliseconds = 10_000
        /// Users compared at a time.
        package var pageUsers = 100
        /// A user's token, in seconds (`TOKEN_LIFETIME_SECONDS`).
        package var tokenSeconds = 3_600
        /// By how much a token is dated back, since the provider's clock may be behind, in seconds.
        package var tokenBackdatingSeconds = 5
        /// Tokens for one user in a minute.
        package var tokensPerMinute = 30
        /// Users whose tokens are counted, and users remembered as known to the provider.
        package var tokenUsers = 10_000
        /// A profile changed longer ago at the provider is not pushed to the app any more, in seconds.
        package var pushAgeSeconds = 900
        /// Looking up the newest profiles before they are sent, at once.
        package var lookUps = 2
        /// How long a token waits for the provider to take the user, in milliseconds.
        package var tokenUpsertMilliseconds = 2_000
        package init() {}
    }
}
