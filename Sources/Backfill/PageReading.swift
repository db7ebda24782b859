import Chat
import Crypto
import History
import JSON

/// A page of one channel, or of bans, as events, and what of it is news.
///
/// Pure: what is stored comes in as ``StoredPage``.
struct PageReading: Sendable {
    /// Everything that can be kept, each as the event that it would have been.
    private(set) var events: [ReceivedEvent] = []
    /// Of the page as read; what is news is counted by ``compare(with:)``.
    private(set) var counts = BackfillCounts()
    /// The last message up to the end of the window.
    private(set) var last: BackfillPosition.Mark?
    /// Messages after the end of the window were reached.
    private(set) var isPastEnd = false

    /// What the provider did not show.
    static let refused = {
        var page = PageReading()
        page.counts.refused = 1
        return page
    }()

    private init() {}

    /// - Parameter isFirst: the channel itself is looked at, too.
    init(
        _ state: ChannelState,
        isFirst: Bool,
        through end: Timestamp,
        provider: StreamProvider,
        readAt: Timestamp
    ) {
        let (cid, parser) = (state.channel.cid, JSONParser())
        counts.unreadable = state.unreadable
        if isFirst {
            counts.channels = 1
            add(BackfilledEvent.body(of: state.channel, json: state.json), provider, parser, readAt)
        }
        for member in state.members {
            counts.members += 1
            add(BackfilledEvent.body(of: member, in: cid), provider, parser, readAt)
        }
        for message in state.messages {
            guard let created = message.value.createdAt else {
                counts.unreadable += 1
                continue
            }
            guard created <= end else {
                isPastEnd = true
                break
            }
            counts.messages += 1
            last = BackfillPosition.Mark(id: message.value.id, createdAt: created)
            add(BackfilledEvent.body(of: message, in: cid), provider, parser, readAt)
        }
    }

    /// Bans, the oldest first.
    init(_ bans: [StandingBan], through end: Timestamp, provider: StreamProvider, readAt: Timestamp) {
        let parser = JSONParser()
        for ban in bans {
            guard ban.createdAt.map({ $0 <= end }) ?? true else {
                isPastEnd = true
                break
            }
            counts.bans += 1
            add(BackfilledEvent.body(of: ban), provider, parser, readAt)
        }
    }

    private mutating func add(
        _ body: [UInt8]?,
        _ provider: StreamProvider,
        _ parser: JSONParser,
        _ readAt: Timestamp
    ) {
        guard let body else {
            counts.unreadable += 1
            return
        }
        let id = EventID(bytes: SHA256.digest(body))
        do throws(DecodingFailure) {
            let event = try provider.decode(body, id: id, receivedAt: readAt, parser: parser)
            events.append(ReceivedEvent(event: event, body: body, signature: []))
        } catch {
            counts.unreadable += 1
        }
    }

    /// The events that say something new, and the page's counts with them.
    func compare(with stored: StoredPage) -> (news: [ReceivedEvent], counts: BackfillCounts) {
        var (news, counts): ([ReceivedEvent], BackfillCounts) = ([], counts)
        for event in events {
            switch stored.judge(event.claims) {
            case .known: continue
            case .missing: counts.missing += 1
            case .outdated: counts.outdated += 1
            case .changed: counts.changed += 1
            }
            news.append(event)
        }
        return (news, counts)
    }
}

/// What the history holds of the entities of one page.
struct StoredPage: Sendable {
    enum Judgement: Sendable { case known, missing, outdated, changed }

    var channels: [String: ChannelRecord] = [:]
    var members: [MemberRecord.Key: MemberRecord] = [:]
    var messages: [String: MessageRecord] = [:]
    var users: [String: UserRecord] = [:]

    /// Whether the history knows all that one event of a back-fill says.
    func judge(_ claims: Claims) -> Judgement {
        if let message = claims.messages.first {
            guard let stored = messages[message.id], stored.created != nil || stored.isErased else { return .missing }
            return stored.learns(from: message) ? .outdated : .known
        }
        if let member = claims.members.first {
            if users[member.key.userID]?.isErased == true { return .known }
            let isNew = members[member.key].map { $0.learns(from: member) } ?? true
            return isNew || claims.users.contains(where: isNews) ? .changed : .known
        }
        // The channel of a ban is none that was looked at.
        if let user = claims.users.first(where: { $0.ban != nil }) { return isNews(user) ? .changed : .known }
        return claims.channels.contains { channels[$0.cid]?.learns(from: $0) ?? true } ? .changed : .known
    }

    private func isNews(_ user: UserRecord) -> Bool { users[user.id]?.learns(from: user) ?? true }
}

extension BackfillCounts {
    /// What storing a page really changed: something may have come by webhook since it was compared.
    mutating func replaceNews(by fold: BatchFold) {
        (missing, outdated, changed) = (0, 0, 0)
        for logged in fold.events {
            guard let id = logged.received.claims.messages.first?.id else {
                changed += 1
                continue
            }
            guard let before = fold.messages.before[id]?.record, before.created != nil || before.isErased else {
                missing += 1
                continue
            }
            if let after = fold.messages[id]?.record, MessageRecord.hasNews(before, after) { outdated += 1 }
        }
    }
}
