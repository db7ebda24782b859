import Chat
import Crypto
import TestSupport

/// Random events about few users, channels and messages, so that they meet, with times that often coincide.
struct RandomStory {
    private(set) var random: SeededRandom
    /// What each event was signed over: its id is the digest of it.
    private(set) var bodies: [EventID: [UInt8]] = [:]
    private var count: UInt8 = 0
    /// Users are deleted for good in most stories, otherwise in few.
    private let isErasing: Bool

    private static let users = ["ada", "bob", "cleo"]
    private static let channels = ["messaging:listing_7_ada_bob", "messaging:free", "team:ticket-9"]
    private static let messageIDs = (1...6).map { "m\($0)" }

    init(_ random: SeededRandom, isErasing: Bool = false) { (self.random, self.isErasing) = (random, isErasing) }

    mutating func events(_ count: Int) -> [ChatEvent] { (0..<count).map { _ in event() } }

    /// Every type that changes an entity, as often as ``Claims`` knows them.
    static let types = [
        "message.new", "message.new", "message.new", "message.updated", "message.updated", "message.deleted",
        "message.undeleted", "message.flagged", "message.unblocked", "reaction.new", "reaction.updated",
        "reaction.deleted", "message.read", "message.read", "notification.mark_unread", "channel.created",
        "channel.updated", "channel.truncated", "channel.deleted", "channel.hidden", "channel.visible",
        "channel.frozen", "channel.unfrozen", "channel.muted", "channel.unmuted", "member.added", "member.updated",
        "member.removed", "user.updated", "user.banned", "user.unbanned", "user.flagged", "user.muted", "user.unmuted",
        "user.deactivated", "user.reactivated", "user.deleted", "user.messages.deleted", "review_queue_item.new",
        "review_queue_item.updated", "moderation_check.completed", "moderation.mark_reviewed", "moderation.flagged",
        "flag.updated", "thread.updated", "custom_event",
    ]

    private mutating func event() -> ChatEvent {
        count += 1
        let type = pick(Self.types)
        let body = (0..<8).map { _ in UInt8.random(in: 0...255, using: &random) } + [count]
        let id = EventID(bytes: SHA256.digest(body))
        bodies[id] = body
        var event = ChatEvent(
            id: id,
            type: EventType(rawValue: type),
            createdAt: chance(9) ? time() : nil,
            receivedAt: Timestamp(nanoseconds: 500_000_000_000 + Int64(count))
        )
        event.cid = pick(Self.channels)
        event.team = chance(3) ? pick(["red", "white"]) : nil
        event.user = user()
        fill(&event, type)
        event.mentionedUserIDs = Self.users
        return event
    }

    private mutating func fill(_ event: inout ChatEvent, _ type: String) {
        let subject = pick(Self.users)
        switch type.prefix(while: { $0 != "." }) {
        case "message" where type != "message.read", "reaction":
            let message = message(type)
            event.message = chance(9) ? message : nil
            event.messageID = message.id
            event.cid = message.cid
            event.hardDelete = type == "message.deleted" && chance(3)
            event.deletedForMe = type == "message.deleted" && chance(2)
            if type == "message.flagged" {
                event.flag = Flag()
                event.flag?.reason = pick(["spam", "abuse"])
                event.flag?.by = pick(Self.users)
            }
            if type.hasPrefix("reaction") {
                event.reaction = Reaction(messageID: message.id, userID: subject, type: pick(["like", "love"]))
                event.reaction?.createdAt = time()
            }
            if chance(3) { event.channel = channel(event.cid ?? "", complete: chance(5)) }
        case "message", "notification":
            event.read = Read(userID: subject)
            event.read?.lastReadMessageID = chance(8) ? pick(Self.messageIDs) : nil
            event.read?.unread = type.hasPrefix("notification")
        case "channel" where type.hasSuffix("muted"):
            event.mute = Mute(userID: subject)
            event.mute?.targetCIDs = [pick(Self.channels)]
        case "channel":
            event.channel = channel(event.cid ?? "", complete: true)
            event.clearsHistory = chance(5)
        case "member":
            event.channel = channel(event.cid ?? "", complete: true)
            event.member = Member(userID: subject)
            event.member?.role = pick(["owner", "member"])
            event.member?.updatedAt = chance(5) ? time() : nil
        case "user": fillUser(&event, type, subject)
        case "flag":
            let message = message(type)
            event.message = chance(7) ? message : nil
            event.cid = message.cid
            event.flag = Flag()
            event.flag?.targetUserID = subject
            event.createdBy = user()
        case "moderation" where type == "moderation.flagged":
            event.flag = Flag()
            event.flag?.messageID = chance(5) ? pick(Self.messageIDs) : nil
            event.flag?.targetUserID = subject
            event.user = nil
        case "review_queue_item", "moderation_check", "moderation":
            event.reviewItem = ReviewItem(id: pick(["r1", "r2"]))
            event.reviewItem?.status = pick(["pending", "reviewed"])
            let isUser = chance(5)
            event.reviewItem?.entityType = isUser ? "stream:user" : "stream:chat:v1:message"
            event.reviewItem?.entityID = isUser ? subject : pick(["m1", "m2"])
            event.reviewItem?.entityCreatorID = pick(Self.users)
            event.reviewItem?.reviewedBy = pick(Self.users)
            event.reviewItem?.createdAt = chance(5) ? time() : nil
            event.reviewItem?.reviewedAt = chance(2) ? time() : nil
            event.reviewItem?.latestAction = chance(5) ? pick(["mark_reviewed", "delete_message"]) : nil
            event.reviewItem?.labels = chance(5) ? [pick(["SPAM", "ADS", "SCAM"])] : []
            event.reviewItem?.severity = chance(5) ? Int64.random(in: 0...100, using: &random) : nil
            event.reviewItem?.recommendedAction = pick(["keep", "flag", "remove"])
            event.reviewItem?.isCheckOnly = type.hasPrefix("moderation_check")
        case "thread":
            event.thread = ChatThread(parentMessageID: pick(Self.messageIDs))
            event.thread?.replyCount = Int64(count)
            event.thread?.custom = custom()
        default: break
        }
    }

    private mutating func fillUser(_ event: inout ChatEvent, _ type: String, _ subject: String) {
        event.cid = chance(5) ? event.cid : nil
        event.ban = Ban(userID: subject)
        event.ban?.by = pick(Self.users)
        event.ban?.isShadowBan(chance(3))
        event.flag = Flag()
        event.flag?.targetUserID = subject
        event.flag?.by = pick(Self.users)
        event.mute = Mute(userID: subject)
        event.mute?.targetUserIDs = [pick(Self.users)]
        event.hardDelete = chance(2)
        event.deletesMessages = pick([.none, .soft, .hard])
        // Deletions of users end most of what there is to see: keep them rare.
        guard type == "user.deleted" || isErasing && chance(4) else { return }
        event.type = EventType(rawValue: isErasing || chance(3) ? "user.deleted" : "user.updated")
        event.hardDelete = event.hardDelete || isErasing
    }

    /// A message's creation time, author and channel never change; the rest does.
    private mutating func message(_ type: String) -> Message {
        let index = Int.random(in: 0..<Self.messageIDs.count, using: &random)
        var message = Message(id: Self.messageIDs[index])
        message.cid = Self.channels[index % Self.channels.count]
        message.createdAt = Timestamp(nanoseconds: Int64(index + 1) * 100_000_000_003)
        message.sender = chance(8) ? user(Self.users[index % Self.users.count]) : nil
        message.type = type == "message.deleted" && chance(8) ? "deleted" : "regular"
        message.text = pick(["hello", "is it still available", "buy now", ""])
        message.updatedAt = chance(8) ? time() : nil
        message.deletedAt = message.type == "deleted" && chance(5) ? time() : nil
        message.listingID = chance(1) ? "own-listing" : nil
        message.businessType = chance(2) ? "offer" : nil
        message.custom = chance(4) ? custom() : nil
        message.attachments = chance(2) ? "[\(custom())]" : nil
        message.mentionedUserIDs = chance(3) ? [pick(Self.users)] : []
        if chance(2) { message.pin = Message.Pin(at: time(), by: pick(Self.users)) }
        return message
    }

    private mutating func channel(_ cid: String, complete: Bool) -> Channel {
        var channel = Channel(cid: cid, isComplete: complete)
        channel.name = pick(["Support", "Watch", "Ring"])
        channel.team = chance(5) ? pick(["red", "blue", ""]) : nil
        channel.updatedAt = chance(8) ? time() : nil
        channel.truncatedAt = chance(5) ? time() : nil
        channel.createdBy = pick(Self.users)
        channel.custom = chance(4) ? custom() : nil
        channel.frozen = chance(5) ? chance(5) : nil
        if chance(5) { channel.context[.listing] = pick(["7", "8"]) }
        if chance(3) { channel.context[.seller] = pick(Self.users) }
        return channel
    }

    private mutating func user(_ id: String? = nil) -> User {
        var user = User(id: id ?? pick(Self.users), isReference: chance(2))
        user.name = pick(["A", "B", "C"])
        user.custom = chance(3) ? custom() : nil
        user.updatedAt = chance(8) ? time() : nil
        return user
    }

    private mutating func custom() -> String { "{\"n\":\(count),\"owner\":\"\(pick(Self.users))\"}" }

    /// One of few instants, some of them between two milliseconds.
    private mutating func time() -> Timestamp {
        Timestamp(nanoseconds: Int64.random(in: 1...9, using: &random) * 90_000_000_017)
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &random)]
    }

    /// True in `tenths` of ten cases.
    private mutating func chance(_ tenths: Int) -> Bool { Int.random(in: 0..<10, using: &random) < tenths }
}

extension Ban {
    fileprivate mutating func isShadowBan(_ value: Bool) { shadow = value }
}
