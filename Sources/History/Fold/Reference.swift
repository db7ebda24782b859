/// What an event in the log refers to, in the form its document keeps and erasures look up.
package enum Reference {
    private static let (messagePrefix, threadPrefix, userPrefix) = ("message:", "thread:", "user:")
    private static let channelPrefix = "channel:"

    package static func message(_ id: String) -> String { messagePrefix + id }
    /// By the message that the thread hangs on, which need not be known.
    package static func thread(_ id: String) -> String { threadPrefix + id }
    package static func user(_ id: String) -> String { userPrefix + id }
    package static func channel(_ cid: String) -> String { channelPrefix + cid }

    package static func messageID(_ reference: String) -> String? { id(reference, messagePrefix) }
    package static func threadID(_ reference: String) -> String? { id(reference, threadPrefix) }
    package static func userID(_ reference: String) -> String? { id(reference, userPrefix) }

    private static func id(_ reference: String, _ prefix: String) -> String? {
        reference.hasPrefix(prefix) ? String(reference.dropFirst(prefix.count)) : nil
    }
}
