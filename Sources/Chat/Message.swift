/// A message as an event carried it.
package struct Message: Sendable, Equatable {
    package var id: String
    package var cid: String?
    package var sender: User?
    /// `regular`, `reply`, `system`, `deleted`, …: an open set.
    package var type: String?
    /// The first of the configured business types (`message_type`, an `offer` attachment), else `nil`.
    package var businessType: String?
    package var text: String?
    package var createdAt: Timestamp?
    package var updatedAt: Timestamp?
    package var textUpdatedAt: Timestamp?
    package var deletedAt: Timestamp?
    package var parentID: String?
    package var showInChannel = false
    package var quotedMessageID: String?
    package var replyCount: Int64 = 0
    package var silent = false
    package var shadowed = false
    package var pin: Pin?
    package var mentionedUserIDs: [String] = []
    /// The attachments as JSON array text, as the provider sent them; `nil` when there are none.
    package var attachments: String?
    package var attachmentCount = 0
    package var offerID: String?
    package var orderID: String?
    package var listingID: String?
    package var amount: Double?
    /// Fields the provider does not define, as JSON object text; `nil` when there are none.
    package var custom: String?
    /// The synchronous hook failed and the provider let the message through.
    package var beforeSendFailed = false

    package init(id: String) { self.id = id }

    package struct Pin: Sendable, Equatable {
        package var at: Timestamp?
        package var by: String?
        package var expires: Timestamp?
        package init(at: Timestamp? = nil, by: String? = nil, expires: Timestamp? = nil) {
            (self.at, self.by, self.expires) = (at, by, expires)
        }
    }
}
