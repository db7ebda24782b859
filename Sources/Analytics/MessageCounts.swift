package import Chat

/// What one message adds to the rollups, and where.
///
/// Made of the message as it stands, so that what it counted can be taken back exactly. Times are those of what is
/// counted: a deletion counts when it happened, not when the message was sent.
package struct MessageCounts: Sendable, Equatable {
    package var sent: Quarter
    package var edited: Quarter?
    package var deleted: Quarter?
    package var type: String
    package var cid: String?
    package var sender: String?
    package var team: String?
    package var isReply = false
    package var isOffer = false
    package var attachments: Int64 = 0
    /// Those that messages are counted by.
    package var objects: BusinessContext

    /// `nil` for a message of which is not known that it was sent.
    package init?(_ state: MessageState) {
        guard let created = state.record.created?.time else { return nil }
        let facts = state.record.facts?.value
        sent = Quarter(created)
        edited = facts?.editedAt.map { Quarter($0) }
        deleted = state.deletedAt.map { Quarter($0) }
        type = Self.type(of: facts)
        (cid, sender) = (state.record.cid, state.record.sender)
        (objects, team) = (state.context.only(RollupScope.objectKinds), state.team)
        isReply = state.record.parentID != nil
        isOffer = facts?.offerID != nil || facts?.businessType == Self.offer
        attachments = Int64(facts?.attachmentCount ?? 0)
    }

    /// Stands for the type of a message that names none, or one too long to be part of a document's id.
    package static let unknownType = "unknown"
    package static let offer = "offer"
    package static let typeBytes = 256

    package static func type(of facts: MessageFacts?) -> String {
        guard let type = facts?.businessType ?? facts?.type, type.utf8.count <= typeBytes else { return unknownType }
        return type
    }

    /// Where it is counted, so that it is in each scope that it belongs to once: in a channel it is for its objects as well.
    package func forEachPlace(_ body: (RollupPlace) -> Void) {
        body(RollupPlace(.all, "", type: type))
        if let cid {
            body(RollupPlace(.channelType, Channel.parts(ofCID: cid).type, type: type))
            body(RollupPlace(.channel, cid, type: type, about: objects))
        } else {
            for scope in RollupScope.ofObjects {
                if let kind = scope.kind, let id = objects[kind] { body(RollupPlace(scope, id, type: type)) }
            }
        }
        if let team { body(RollupPlace(.team, team, type: type)) }
    }

    /// What is counted, when, and how often.
    package func forEachCount(_ body: (RollupMeasure, Quarter, Int64) -> Void) {
        body(.messages, sent, 1)
        if isReply { body(.replies, sent, 1) }
        if isOffer { body(.offers, sent, 1) }
        if attachments > 0 { body(.attachments, sent, attachments) }
        if let edited { body(.edits, edited, 1) }
        if let deleted { body(.deletions, deleted, 1) }
    }
}
