/// One user's reaction of one type to a message.
package struct Reaction: Sendable, Equatable {
    package var messageID: String
    package var userID: String
    package var user: User?
    package var type: String
    package var score: Int64 = 1
    package var createdAt: Timestamp?
    package var updatedAt: Timestamp?
    package init(messageID: String, userID: String, type: String) {
        (self.messageID, self.userID, self.type) = (messageID, userID, type)
    }
}
