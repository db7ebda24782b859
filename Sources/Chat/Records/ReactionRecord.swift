/// One user's reaction of one type to one message, also after it was taken back.
package struct ReactionRecord: Sendable, Equatable {
    package struct Key: Sendable, Hashable {
        package var messageID: String
        package var userID: String
        package var type: String
        package init(messageID: String, userID: String, type: String) {
            (self.messageID, self.userID, self.type) = (messageID, userID, type)
        }
    }

    package let key: Key
    package var state: Register<State>?
    /// The earliest time that any event gave for it.
    package var firstAt: Timestamp?

    package init(key: Key) { self.key = key }

    package mutating func merge(_ other: ReactionRecord) {
        state.merge(other.state)
        firstAt.lower(to: other.firstAt)
    }

    package struct State: Sendable, Equatable {
        package var isPresent: Bool
        package var score: Int64
        package init(isPresent: Bool, score: Int64) { (self.isPresent, self.score) = (isPresent, score) }
    }
}
