import Randomness

/// Writes one generated event in the provider's shape.
struct GeneratedBody {
    let generator: EventGenerator
    let index: Int

    private static let words: [StaticString] = [
        "hello", "is", "this", "watch", "still", "available", "price", "shipping", "box", "papers", "condition",
        "would", "you", "take", "trade", "photo", "movement", "dial", "strap", "service", "history", "today",
        "tomorrow", "meet", "thanks", "great", "deal", "offer", "final", "please", "serial", "scratch", "bracelet",
        "warranty",
    ]
    private static let spam: [StaticString] = [
        "BUY NOW limited offer click here http://win.example/", "click here to claim your prize ",
        "Buy now!!! cheap followers ",
    ]
    private static let emoji: [StaticString] = ["like", "love", "haha", "wow"]

    func body() -> [UInt8] {
        let subject = generator.subject(of: index)
        var text = ByteText(capacity: 2_048)
        switch generator.kind(at: index) {
        case .message: message("message.new", subject, &text)
        case .edit: message("message.updated", subject, &text)
        case .deletion: message("message.deleted", subject, &text)
        case .reaction: reaction("reaction.new", subject, &text)
        case .reactionEnd: reaction("reaction.deleted", subject, &text)
        case .read: read(subject, &text)
        }
        return text.bytes
    }

    // MARK: Events

    private func message(_ type: StaticString, _ subject: EventGenerator.Message, _ text: inout ByteText) {
        open(type, subject, &text)
        let sender = sender(of: subject)
        messageObject(subject, &text)
        text.add(#","user":"#)
        user(sender, &text)
        text.add(#","members":["#)
        member("user-", subject.buyer, "owner", &text)
        text.add(",")
        member("seller-", subject.seller, "member", &text)
        text.add("]")
        if generator.kind(at: index) == .deletion { text.add(#","hard_delete":false"#) }
        close(&text)
    }

    private func reaction(_ type: StaticString, _ subject: EventGenerator.Message, _ text: inout ByteText) {
        var random = SplitMix(seed: generator.seed &+ 4, element: index)
        open(type, subject, &text)
        messageObject(subject, &text)
        text.add(#","reaction":{"message_id":""#)
        messageID(subject, &text)
        text.add(#"","user_id":""#)
        // Reactions come from the other side of the conversation.
        let reactor: (StaticString, Int) = subject.isFromSeller ? ("user-", subject.buyer) : ("seller-", subject.seller)
        text.add(reactor.0)
        text.add(reactor.1)
        text.add(#"","type":""#)
        text.add(Self.emoji[random.below(Self.emoji.count)])
        text.add(#"","score":1,"created_at":""#)
        text.add(nanoseconds: generator.time(of: index), digits: 9)
        text.add(#"","updated_at":""#)
        text.add(nanoseconds: generator.time(of: index), digits: 9)
        text.add(#""},"user":"#)
        user(reactor, &text)
        close(&text)
    }

    private func read(_ subject: EventGenerator.Message, _ text: inout ByteText) {
        open("message.read", subject, &text)
        text.bytes.removeLast(#","message":"#.utf8.count)
        text.add(#","last_read_message_id":""#)
        messageID(subject, &text)
        text.add(#"","user":"#)
        user(subject.isFromSeller ? ("user-", subject.buyer) : ("seller-", subject.seller), &text)
        close(&text)
    }

    // MARK: Parts

    /// Everything up to the value of `message`.
    private func open(_ type: StaticString, _ subject: EventGenerator.Message, _ text: inout ByteText) {
        text.add(#"{"type":""#)
        text.add(type)
        text.add(#"","created_at":""#)
        text.add(nanoseconds: generator.time(of: index), digits: 9)
        text.add(#"","cid":"messaging:"#)
        channelID(subject, &text)
        text.add(#"","channel_type":"messaging","channel_id":""#)
        channelID(subject, &text)
        text.add(#"","channel_member_count":2,"channel_custom":{"listing_id":""#)
        text.add(subject.listing)
        text.add(#""},"message_id":""#)
        messageID(subject, &text)
        text.add(#"","message":"#)
    }

    private func close(_ text: inout ByteText) {
        text.add(#","watcher_count":1,"request_info":{"type":"client","ip":"203.0.113."#)
        text.add(index % 250 + 1)
        text.add(#"","user_agent":"Mozilla/5.0","sdk":"stream-chat-react-10.11.0"}}"#)
    }

    private func messageObject(_ subject: EventGenerator.Message, _ text: inout ByteText) {
        let kind = generator.kind(at: index)
        let created = generator.time(of: subject.number) - 40_000_000
        let updated = kind == .edit ? generator.time(of: index) - 40_000_000 : created
        let words = content(subject, isEdited: kind == .edit)
        text.add(#"{"id":""#)
        messageID(subject, &text)
        text.add(#"","text":""#)
        text.add(words)
        text.add(#"","html":"<p>"#)
        text.add(words)
        text.add(kind == .deletion ? #"</p>\n","type":"deleted","user":"# : #"</p>\n","type":"regular","user":"#)
        user(sender(of: subject), &text)
        text.add(
            #","attachments":[],"latest_reactions":[],"own_reactions":[],"reaction_counts":{},"reaction_scores":{}"#
        )
        text.add(#","reply_count":0,"deleted_reply_count":0,"cid":"messaging:"#)
        channelID(subject, &text)
        text.add(#"","created_at":""#)
        text.add(nanoseconds: created, digits: 6)
        text.add(#"","updated_at":""#)
        text.add(nanoseconds: updated, digits: 6)
        if kind == .deletion {
            text.add(#"","deleted_at":""#)
            text.add(nanoseconds: generator.time(of: index), digits: 6)
        }
        text.add(#"","shadowed":false,"mentioned_users":[],"silent":false,"pinned":false}"#)
    }

    /// Words, or in three of a hundred messages what a spammer writes.
    private func content(_ subject: EventGenerator.Message, isEdited: Bool) -> [UInt8] {
        var random = SplitMix(seed: subject.textSeed)
        var text = ByteText(capacity: 256)
        if random.chance(percent: 3) {
            text.add(Self.spam[random.below(Self.spam.count)])
            text.add(subject.number)
        } else {
            for position in 0..<4 + random.below(25) {
                if position > 0 { text.add(" ") }
                text.add(Self.words[random.below(Self.words.count)])
            }
        }
        if isEdited {
            text.add(" edit ")
            text.add(index)
        }
        return text.bytes
    }

    private func sender(of subject: EventGenerator.Message) -> (StaticString, Int) {
        subject.isFromSeller ? ("seller-", subject.seller) : ("user-", subject.buyer)
    }

    private func user(_ id: (StaticString, Int), _ text: inout ByteText) {
        text.add(#"{"id":""#)
        text.add(id.0)
        text.add(id.1)
        text.add(#"","role":"user","language":"","name":"User "#)
        text.add(id.1)
        text.add(#"","image":"https://cdn.example.com/"#)
        text.add(id.1)
        text.add(#".png","created_at":"2025-11-01T00:00:00.123456Z","updated_at":"2025-12-01T00:00:00.123456Z""#)
        text.add(#","banned":false,"online":true,"blocked_user_ids":[]}"#)
    }

    private func member(_ prefix: StaticString, _ number: Int, _ role: StaticString, _ text: inout ByteText) {
        text.add(#"{"user_id":""#)
        text.add(prefix)
        text.add(number)
        text.add(#"","role":""#)
        text.add(role)
        text.add(#"","channel_role":"channel_member","status":"member"}"#)
    }

    private func channelID(_ subject: EventGenerator.Message, _ text: inout ByteText) {
        text.add("listing_")
        text.add(subject.listing)
        text.add("_user-")
        text.add(subject.buyer)
        text.add("_seller-")
        text.add(subject.seller)
    }

    private func messageID(_ subject: EventGenerator.Message, _ text: inout ByteText) {
        text.add(string: generator.prefix)
        text.add("-")
        text.add(subject.number, digits: 8)
    }
}
