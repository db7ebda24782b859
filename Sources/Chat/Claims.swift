import Crypto

/// What one event says about each entity, as records that hold nothing else: merging them into what is known, in any
/// order, gives the history.
///
/// Pure.
package struct Claims: Sendable, Equatable {
    package var messages: [MessageRecord] = []
    package var users: [UserRecord] = []
    package var channels: [ChannelRecord] = []
    package var members: [MemberRecord] = []
    package var reactions: [ReactionRecord] = []
    package var reads: [ReadRecord] = []
    package var readMarks: [ReadMark] = []
    package var mutes: [MuteRecord] = []
    package var reviewItems: [ReviewItemRecord] = []
    package var threads: [ThreadRecord] = []
    package var reviews: [ReviewCaseRecord] = []

    package init() {}

    /// An unknown type, and one that changes no entity, gives the users and the channel it names, or nothing.
    package init(_ event: ChatEvent) {
        for statement in Self.statements[event.type.rawValue, default: []] { add(statement, of: event) }
        addProfiles(of: event)
    }

    /// What an event of a type states.
    ///
    /// Each case is a group of fields with the stamp it is merged by.
    enum Statement {
        /// The message's content and facts; stamp `message.updated_at`, else the event's time.
        case message
        /// Stamp `message.deleted_at`, else the event's time.
        case deletion
        /// Stamp: the event's time, here and below where nothing else is said.
        case undeletion
        case flag(Bool)
        case userFlag
        case reaction(present: Bool)
        case read
        /// Profile, context and frozen state; stamp `channel.updated_at`, else the event's time.
        case channel
        case channelCreation
        case channelDeletion
        /// Watermark `channel.truncated_at`, else the event's time.
        case truncation
        /// The same where the channel itself says `truncated_at`, and only there.
        case standingTruncation
        case frozen(Bool)
        case hidden(Bool)
        /// Stamp `member.updated_at`, else the event's time.
        case member(present: Bool)
        case ban(Bool)
        case mute(Bool)
        case deactivation(Bool)
        case userDeletion
        case messagesDeletion
        /// Stamp `updated_at` of the item, else the event's time.
        case reviewItem
        /// Somebody told the provider of a message or a user; stamp: the event's time.
        case complaint
        /// The provider's moderators found nothing wrong with a message.
        case clearance
        case thread
    }

    /// Types that are not here change no entity: they are kept in the event log.
    static let statements: [String: [Statement]] = [
        "message.new": [.message, .channel],
        "message.updated": [.message, .channel],
        "message.deleted": [.message, .deletion, .channel],
        "message.undeleted": [.message, .undeletion, .channel],
        "message.flagged": [.message, .flag(true), .channel, .complaint],
        "message.unblocked": [.message, .flag(false), .clearance],
        "flag.updated": [.message, .complaint],
        "moderation.flagged": [.complaint],
        "notification.thread_message_new": [.message, .channel],
        "reaction.new": [.message, .reaction(present: true), .channel],
        "reaction.updated": [.message, .reaction(present: true), .channel],
        "reaction.deleted": [.message, .reaction(present: false), .channel],
        "message.read": [.read, .channel],
        "notification.mark_unread": [.read, .channel],
        "channel.created": [.channel, .channelCreation],
        "channel.updated": [.channel, .message],
        "channel.truncated": [.channel, .truncation, .message],
        "channel.deleted": [.channel, .channelDeletion],
        "channel.hidden": [.channel, .hidden(true)],
        "channel.visible": [.channel, .hidden(false)],
        "channel.frozen": [.frozen(true)],
        "channel.unfrozen": [.frozen(false)],
        "channel.muted": [.mute(true)],
        "channel.unmuted": [.mute(false)],
        "member.added": [.channel, .member(present: true)],
        "member.updated": [.channel, .member(present: true)],
        "member.removed": [.channel, .member(present: false)],
        "user.banned": [.ban(true)],
        "user.unbanned": [.ban(false)],
        "user.flagged": [.userFlag, .complaint],
        "user.muted": [.mute(true)],
        "user.unmuted": [.mute(false)],
        "user.deactivated": [.deactivation(true)],
        "user.reactivated": [.deactivation(false)],
        "user.deleted": [.userDeletion],
        "user.messages.deleted": [.messagesDeletion],
        "review_queue_item.new": [.reviewItem],
        "review_queue_item.updated": [.reviewItem],
        "moderation.mark_reviewed": [.reviewItem],
        "moderation.custom_action": [.reviewItem],
        "moderation_check.completed": [.reviewItem],
        "thread.updated": [.thread],
        BackfilledEvent.channel: [.channel, .standingTruncation],
        BackfilledEvent.member: [.member(present: true)],
        BackfilledEvent.message: [.message],
        BackfilledEvent.ban: [.ban(true)],
    ]

    private mutating func add(_ statement: Statement, of event: ChatEvent) {
        switch statement {
        case .message: addMessage(of: event)
        case .deletion: addDeletion(of: event)
        case .undeletion:
            changeMessage(of: event) {
                $0.deletion.merge(Register(MessageDeletion(isDeleted: false), at: event.stamp))
            }
        case .flag(let isFlagged): addMessageFlag(isFlagged, of: event)
        case .userFlag: addUserFlag(of: event)
        case .reaction(let present): addReaction(present, of: event)
        case .read: addRead(of: event)
        case .channel: addChannel(of: event)
        case .channelCreation: changeChannel(of: event) { $0.deletion.merge(Register(false, at: event.stamp)) }
        case .channelDeletion:
            let at = event.channel?.deletedAt ?? event.time
            changeChannel(of: event) {
                $0.deletion.merge(Register(true, at: event.stamp(at)))
                $0.removal.deletedThrough.raise(to: at)
            }
        case .truncation:
            changeChannel(of: event) {
                $0.removal.deletedThrough.raise(to: event.channel?.truncatedAt ?? event.time)
            }
        case .standingTruncation:
            changeChannel(of: event) { $0.removal.deletedThrough.raise(to: event.channel?.truncatedAt) }
        case .frozen(let isFrozen): changeChannel(of: event) { $0.frozen.merge(Register(isFrozen, at: event.stamp)) }
        case .hidden(let isHidden): addHidden(isHidden, of: event)
        case .member(let present): addMember(present, of: event)
        case .ban(let isBanned): addBan(isBanned, of: event)
        case .mute(let isMuted): addMutes(isMuted, of: event)
        case .deactivation(let isDeactivated):
            changeUser(event.user?.id) {
                $0.deactivation.merge(Register(isDeactivated, at: event.stamp))
                if !isDeactivated { $0.deletion.merge(Register(false, at: event.stamp)) }
            }
        case .userDeletion: addUserDeletion(of: event)
        case .messagesDeletion: addMessagesDeletion(of: event)
        case .reviewItem:
            addReviewItem(of: event)
            addProviderReview(of: event)
        case .complaint: addComplaint(of: event)
        case .clearance: addClearance(of: event)
        case .thread: addThread(of: event)
        }
    }
}

extension ChatEvent {
    /// The stamp of what the event says without a time of its own.
    var stamp: Stamp { stamp(nil) }

    func stamp(_ time: Timestamp?) -> Stamp { Stamp(time: time ?? self.time, tieBreak: tieBreak) }

    /// Of two that say something of one instant, the one that is taken at its word: a webhook rather than what was read
    /// back, whose digests all lie in the lowest part of the range.
    var tieBreak: Int64 {
        type.isBackfilled ? .min + Int64(UInt32(truncatingIfNeeded: id.tieBreak)) : id.tieBreak
    }
}

extension Claims {
    /// Changes the one record of this entity in these claims, made at first use.
    mutating func changeMessage(of event: ChatEvent, _ change: (inout MessageRecord) -> Void) {
        guard let id = event.message?.id ?? event.messageID else { return }
        if let index = messages.firstIndex(where: { $0.id == id }) { return change(&messages[index]) }
        messages.append(MessageRecord(id: id))
        change(&messages[messages.count - 1])
    }

    mutating func changeChannel(of event: ChatEvent, _ change: (inout ChannelRecord) -> Void) {
        guard let cid = event.cid ?? event.channel?.cid else { return }
        if let index = channels.firstIndex(where: { $0.cid == cid }) { return change(&channels[index]) }
        channels.append(ChannelRecord(cid: cid))
        change(&channels[channels.count - 1])
    }

    mutating func changeUser(_ id: String?, _ change: (inout UserRecord) -> Void) {
        guard let id else { return }
        if let index = users.firstIndex(where: { $0.id == id }) { return change(&users[index]) }
        users.append(UserRecord(id: id))
        change(&users[users.count - 1])
    }

    mutating func changeReview(_ subject: ReviewCaseRecord.Subject, _ change: (inout ReviewCaseRecord) -> Void) {
        if let index = reviews.firstIndex(where: { $0.subject == subject }) { return change(&reviews[index]) }
        reviews.append(ReviewCaseRecord(subject))
        change(&reviews[reviews.count - 1])
    }

    mutating func changeMember(cid: String, userID: String, _ change: (inout MemberRecord) -> Void) {
        let key = MemberRecord.Key(cid: cid, userID: userID)
        if let index = members.firstIndex(where: { $0.key == key }) { return change(&members[index]) }
        members.append(MemberRecord(key: key))
        change(&members[members.count - 1])
    }
}
