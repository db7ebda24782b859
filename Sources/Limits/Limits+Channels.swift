extension Limits {
    /// Channels of business objects.
    package struct Channels: Sendable, Equatable {
        /// Kinds that the configuration may name.
        package var kinds = 64
        /// A kind's name, in bytes.
        package var kindBytes = 64
        /// A business object or message as the app sends it, in bytes.
        package var objectBytes = 1_048_576
        /// Members of one channel.
        package var members = 10_000
        /// A user's or channel's id, in bytes: the provider's own limit.
        package var identifierBytes = 255
        /// A channel's name, in bytes.
        package var nameBytes = 1_024
        /// The address of its image, in bytes.
        package var imageBytes = 4_096
        /// Fields of its custom data.
        package var customFields = 64
        /// The name of one, in bytes.
        package var fieldNameBytes = 128
        /// The custom data of a channel or message as JSON, in bytes: the provider's own limit.
        package var customBytes = 5_120
        /// A message's text, in bytes; the provider takes 5,000 characters unless the channel's type says otherwise.
        package var textBytes = 20_000
        /// How late a message may be sent, in seconds.
        package var messageSeconds = 900
        /// Channels of one object on a page.
        package var listed = 20
        /// Effects of each that are shown, the latest.
        package var effectsListed = 20
        package init() {}
    }
}
