extension Limits {
    /// Mail handed to the server that `SMTP_URL` names.
    package struct SMTP: Sendable, Equatable {
        /// Mails on their way at once, each over a connection of its own; further ones wait.
        package var connections = 4
        package var connectMilliseconds = 10_000
        /// One mail, in milliseconds; generous, because a mail given up while the server takes it may arrive twice.
        package var mailMilliseconds = 60_000
        /// One reply of the server, in seconds.
        package var replySeconds = 45
        /// Recipients of one mail; servers must take 100.
        package var recipients = 100
        /// A whole message, in bytes.
        package var mailBytes = 1_048_576
        package init() {}
    }
}
