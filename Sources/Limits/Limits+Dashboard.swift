extension Limits {
    /// The dashboard: its files and who is signed in.
    package struct Dashboard: Sendable, Equatable {
        /// Files served; a folder that holds more is not the dashboard's.
        package var files = 256
        /// One file, in bytes.
        package var fileBytes = 1_048_576
        /// How long a session lasts, in seconds: a working day.
        package var sessionSeconds = 43_200
        /// Sign-ins with a wrong key from one address within a minute; further ones are told to come again.
        package var failuresPerMinute = 10
        /// Addresses of which such failures are remembered.
        package var addresses = 1_024
        package init() {}
    }
}
