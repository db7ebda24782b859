package import Analytics
package import Chat
package import MongoDB
import Rules

/// How events become history: what is configured once and never changes while events are processed.
package struct FoldSettings: Sendable {
    package var patterns: ContextPatterns
    package var weights: EngagementWeights
    /// Of the database: see ``Pseudonym``.
    package var salt: [UInt8]
    /// Whose active users are counted as they write; others' are when they are asked for.
    package var zones: [Zone]
    /// Whether figures by time are kept of what is stored, as the database notes: see ``FigureNote``.
    package var keepsFigures: Bool
    /// Tells this node's part of shared rollups from other nodes'.
    package var rollupPart: Int

    package init(
        patterns: ContextPatterns,
        weights: EngagementWeights,
        salt: [UInt8],
        zones: [Zone] = [.utc],
        keepsFigures: Bool = true,
        rollupPart: Int = 0
    ) {
        (self.patterns, self.weights, self.salt) = (patterns, weights, salt)
        (self.zones, self.keepsFigures, self.rollupPart) = (zones, keepsFigures, rollupPart)
    }
}

/// A batch of events merged into what is stored: pure but for the reads it asks for.
///
/// The order and repetition of events do not show in the outcome: records merge, counters follow from records.
package struct BatchFold: Sendable {
    /// Events that were not in the log, with what of them may be kept.
    package private(set) var events: [LoggedEvent] = []
    package private(set) var messages = Table<MessageState>()
    package private(set) var users = Table<UserRecord>()
    package private(set) var channels = Table<ChannelRecord>()
    package private(set) var members = Table<MemberRecord>()
    package private(set) var reactions = Table<ReactionRecord>()
    package private(set) var reads = Table<ReadRecord>()
    package private(set) var readMarks = Table<ReadMark>()
    package private(set) var mutes = Table<MuteRecord>()
    package private(set) var reviewItems = Table<ReviewItemRecord>()
    package private(set) var threads = Table<ThreadRecord>()
    package private(set) var reviews = Table<ReviewCaseRecord>()
    package private(set) var people = Table<PersonRecord>()
    package private(set) var conversations = Table<ConversationRecord>()
    /// The answers that began in them, by channel.
    package private(set) var answers: [String: [Turn]] = [:]
    private(set) var rollups = Table<KnownRollup>()
    package private(set) var versions: Set<MessageVersion> = []
    package private(set) var tallies: Tallies
    /// What has to be recomputed beyond this batch.
    package private(set) var sweeps: Set<SweepKey> = []
    /// Whether some conversation has to be gone through again.
    package var hasDueConversations: Bool { conversations.after.values.contains { $0.due != nil } }
    /// What the rules came to.
    package private(set) var judgement = Judgement()
    /// Messages that this batch erased: their earlier copies go too.
    package private(set) var erasedMessages: Set<String> = []

    let settings: FoldSettings
    private var erasedUsers: Set<String> = []
    private var lookedUpUsers: Set<String> = []
    /// Of the channels, with the real ids of erased sellers and buyers.
    private var contexts: [String: BusinessContext] = [:]

    package struct LoggedEvent: Sendable {
        package var received: ReceivedEvent
        /// False when the body holds what has been erased.
        package var keepsBody: Bool
        /// See ``Reference``; pseudonyms in place of erased users.
        package var references: [String]
    }

    /// Of all that came, also of what was in the log.
    private(set) var eventIDs: Set<EventID>
    private var incoming: [ReceivedEvent]
    /// Theirs, without those who are erased; `nil` where nobody is.
    private var pseudonymisedClaims: [Claims]?

    private let judge: (any BatchJudge)?
    private let epoch: Int64

    /// - Parameters:
    ///   - judge: decides about the events; `nil` where nobody does.
    ///   - epoch: see ``BatchToJudge/epoch``.
    package init(
        _ received: [ReceivedEvent],
        settings: FoldSettings,
        judge: (any BatchJudge)? = nil,
        epoch: Int64 = 0
    ) {
        (self.settings, self.judge, self.epoch) = (settings, judge, epoch)
        tallies = Tallies(settings)
        var seen = Set<EventID>(minimumCapacity: received.count)
        incoming = received.filter { seen.insert($0.id).inserted }
        eventIDs = seen
    }

    /// Reads what the batch needs from one snapshot and merges the batch into it.
    ///
    /// Call once.
    package mutating func run(reading reader: borrowing some EntityReader) throws(MongoError) {
        let known = try reader.knownEvents(among: incoming.map(\.id))
        if !known.isEmpty { incoming.removeAll { known.contains($0.id) } }
        guard !incoming.isEmpty else { return }
        try pseudonymiseErasedUsers(reader)
        try load(reader)
        if let claims = pseudonymisedClaims {
            for claims in claims { merge(claims) }
        } else {
            for received in incoming { merge(received.claims) }
        }
        try lookUpParties(reader)
        try judge(reader)
        let pseudonyms = pseudonyms
        try noteSellerReads(reader, pseudonyms)
        resolveMessages(pseudonyms)
        try describeReviews(reader)
        requestSweeps()
        measure()
        try measurePeople(reader)
        try converse(reader)
        try findRollups(reader)
        logEvents(pseudonyms)
    }

    /// Of users whose erasure is known so far.
    private var pseudonyms: Pseudonyms {
        Pseudonyms(salt: settings.salt) { [erasedUsers, users] in
            erasedUsers.contains($0) || users[$0]?.isErased == true
        }
    }

    // MARK: Reading

    private mutating func pseudonymiseErasedUsers(_ reader: borrowing some EntityReader) throws(MongoError) {
        for received in incoming { lookedUpUsers.formUnion(received.mentionedUserIDs) }
        erasedUsers = try reader.erasedUsers(among: lookedUpUsers)
        guard !erasedUsers.isEmpty else { return }
        let pseudonyms = pseudonyms
        pseudonymisedClaims = incoming.map { received in
            var claims = received.claims
            claims.erase(pseudonyms)
            return claims
        }
    }

    /// Sellers and buyers come from channels, and so may be users that no event of this batch names.
    private mutating func lookUpParties(_ reader: borrowing some EntityReader) throws(MongoError) {
        var others: Set<String> = []
        for (cid, channel) in channels.after {
            let context = channel.effectiveContext(settings.patterns)
            contexts[cid] = context
            for id in context.partyIDs where !lookedUpUsers.contains(id) && !Pseudonym.isPseudonym(id) {
                others.insert(id)
            }
        }
        guard !others.isEmpty else { return }
        erasedUsers.formUnion(try reader.erasedUsers(among: others))
    }

    private mutating func load(_ reader: borrowing some EntityReader) throws(MongoError) {
        var keys = Keys(capacity: incoming.count)
        if let claims = pseudonymisedClaims {
            for claims in claims { keys.add(claims) }
        } else {
            for received in incoming { keys.add(received.claims) }
        }
        try messages.load(keys.messages, from: reader)
        try reactions.load(keys.reactions, from: reader)
        try reads.load(keys.reads, from: reader)
        try readMarks.load(keys.readMarks, from: reader)
        try members.load(keys.members, from: reader)
        try mutes.load(keys.mutes, from: reader)
        try reviewItems.load(keys.reviewItems, from: reader)
        try threads.load(keys.threads, from: reader)
        try reviews.load(keys.reviews, from: reader)
        for stored in messages.after.values {
            if let sender = stored.record.sender { keys.users.insert(sender) }
            if let cid = stored.record.cid { keys.channels.insert(cid) }
        }
        // What is judged is judged by the business of its channel, whether or not it tells of the channel.
        for received in incoming where received.observation?.mayFire == true || received.hook != nil {
            if let cid = received.cid { keys.channels.insert(cid) }
        }
        try users.load(keys.users, from: reader)
        try channels.load(keys.channels, from: reader)
    }

    /// What the claims of a batch are about.
    private struct Keys {
        var messages: Set<String>
        var users: Set<String>
        var channels: Set<String>
        var members: Set<MemberRecord.Key> = []
        var reactions: Set<ReactionRecord.Key> = []
        var reads: Set<ReadRecord.Key> = []
        var readMarks: Set<ReadMark.Key> = []
        var mutes: Set<MuteRecord.Key> = []
        var reviewItems: Set<String> = []
        var threads: Set<String> = []
        var reviews: Set<ReviewCaseRecord.Subject> = []

        init(capacity: Int) {
            messages = Set(minimumCapacity: capacity)
            (users, channels) = (Set(minimumCapacity: capacity), Set(minimumCapacity: capacity))
        }

        mutating func add(_ claims: Claims) {
            for claim in claims.messages { messages.insert(claim.id) }
            for claim in claims.users { users.insert(claim.id) }
            for claim in claims.channels { channels.insert(claim.cid) }
            for claim in claims.members { members.insert(claim.key) }
            for claim in claims.reactions { reactions.insert(claim.key) }
            for claim in claims.reads { reads.insert(claim.key) }
            for claim in claims.readMarks {
                readMarks.insert(claim.key)
                messages.insert(claim.key.messageID)
            }
            for claim in claims.mutes { mutes.insert(claim.key) }
            for claim in claims.reviewItems {
                reviewItems.insert(claim.id)
                // It is told of by the text of its message, which the event does not hold.
                if let message = claim.item?.value.messageID { messages.insert(message) }
            }
            for claim in claims.threads { threads.insert(claim.parentMessageID) }
            for claim in claims.reviews {
                reviews.insert(claim.subject)
                if let message = claim.subject.messageID { messages.insert(message) }
            }
        }
    }

    // MARK: Merging

    private mutating func merge(_ claims: Claims) {
        for claim in claims.users { users.update(claim.id, UserRecord(id: claim.id)) { $0.merge(claim) } }
        for claim in claims.channels { channels.update(claim.cid, ChannelRecord(cid: claim.cid)) { $0.merge(claim) } }
        for claim in claims.messages { merge(claim) }
        for claim in claims.members { members.update(claim.key, MemberRecord(key: claim.key)) { $0.merge(claim) } }
        for claim in claims.reactions {
            reactions.update(claim.key, ReactionRecord(key: claim.key)) { $0.merge(claim) }
        }
        for claim in claims.reads { reads.update(claim.key, ReadRecord(key: claim.key)) { $0.merge(claim) } }
        for claim in claims.readMarks { readMarks.update(claim.key, claim) { $0.merge(claim) } }
        for claim in claims.mutes { mutes.update(claim.key, MuteRecord(key: claim.key)) { $0.merge(claim) } }
        for claim in claims.reviewItems {
            reviewItems.update(claim.id, ReviewItemRecord(id: claim.id)) { $0.merge(claim) }
        }
        for claim in claims.threads {
            let id = claim.parentMessageID
            threads.update(id, ThreadRecord(parentMessageID: id)) { $0.merge(claim) }
        }
        for claim in claims.reviews { merge(claim) }
    }

    /// A message that is not here yet leaves a trace: by it the item is found once the message comes.
    private mutating func merge(_ claim: ReviewCaseRecord) {
        reviews.update(claim.subject, ReviewCaseRecord(claim.subject)) { $0.merge(claim) }
        if let message = claim.subject.messageID { messages.update(message, .unknown(message)) { _ in } }
    }

    private mutating func merge(_ claim: MessageRecord) {
        var superseded: MessageVersion?
        messages.update(claim.id, .unknown(claim.id)) { superseded = $0.record.merge(claim) }
        if let superseded { versions.insert(superseded) }
    }

    // MARK: Judging

    private mutating func judge(_ reader: borrowing some EntityReader) throws(MongoError) {
        guard let judge else { return }
        let batch = BatchToJudge(
            events: incoming,
            contexts: contexts,
            users: users.after,
            channels: channels.after,
            newUsers: Set(users.after.keys).subtracting(users.before.keys),
            newChannels: Set(channels.after.keys).subtracting(channels.before.keys),
            unknownMessages: Set(messages.after.keys).subtracting(messages.before.keys),
            newMessages: messages.after.values.filter { state in
                state.isCountable && messages.before[state.record.id]?.isCountable != true
            },
            messages: messages.after,
            deletions: changedDeletions,
            erasedMessages: Set(messages.after.values.filter(\.record.isErased).map(\.record.id)),
            pseudonyms: pseudonyms,
            epoch: epoch
        )
        judgement = try judge.judge(batch, reading: reader)
        guard !judgement.flags.isEmpty || !judgement.reviews.isEmpty else { return }
        try loadFlagged(reader)
        for flag in judgement.flags { merge(flag) }
        try reviews.load(Set(judgement.reviews.map(\.subject)), from: reader)
        for review in judgement.reviews { merge(review) }
    }

    /// Users of whose messages this batch changes which are deleted, and from when on.
    private var changedDeletions: [String: Timestamp] {
        var since: [String: Timestamp] = [:]
        for (id, state) in messages.after {
            guard let deletion = state.record.deletion, let sender = state.record.sender else { continue }
            let before = messages.before[id]
            if before?.isCountable == true, before?.record.deletion == deletion { continue }
            let times = [deletion.stamp.time, before?.record.deletion?.stamp.time, since[sender]]
            since[sender] = times.compactMap(\.self).min()
        }
        return since
    }

    /// What is judged again may be about messages that no event of this batch names.
    private mutating func loadFlagged(_ reader: borrowing some EntityReader) throws(MongoError) {
        let named = judgement.flags.map(\.id) + judgement.reviews.compactMap(\.subject.messageID)
        let ids = Set(named).filter { messages[$0] == nil }
        guard !ids.isEmpty else { return }
        try messages.load(ids, from: reader)
        let records = ids.compactMap { messages[$0]?.record }
        try users.load(Set(records.compactMap(\.sender)), from: reader)
        try channels.load(Set(records.compactMap(\.cid)), from: reader)
        try lookUpParties(reader)
    }

    /// A mark becomes the message's read latency when the reader is the seller of the message's channel.
    ///
    /// A mark of a message that is not here yet leaves a trace of that message, so that only such messages have to
    /// look for marks when they arrive.
    private mutating func noteSellerReads(
        _ reader: borrowing some EntityReader,
        _ pseudonyms: Pseudonyms
    ) throws(MongoError) {
        for mark in readMarks.after.values {
            messages.update(mark.key.messageID, .unknown(mark.key.messageID)) { _ in }
        }
        let late = messages.before.values.filter { $0.record.created == nil }
        let wanted = MessageSweep.wantedMarks(
            of: late.compactMap { messages[$0.key] },
            in: channels.after,
            settings.patterns,
            pseudonyms
        )
        try readMarks.load(wanted, from: reader)
        for mark in readMarks.after.values {
            let id = mark.key.messageID
            guard let cid = messages[id]?.record.cid ?? mark.cid,
                contexts[cid]?[.seller].map(pseudonyms.name) == mark.key.userID
            else { continue }
            messages.update(id, .unknown(id)) { $0.record.note(SellerRead(seller: mark.key.userID, at: mark.at)) }
        }
    }

    private mutating func resolveMessages(_ pseudonyms: Pseudonyms) {
        let erased = users.after.values.filter(\.isErased).map { (pseudonyms.of($0.id), $0) }
        let pseudonymised = Dictionary(erased) { first, _ in first }
        messages.updateAll { [channels, contexts, users] state in
            var context = state.record.cid.flatMap { contexts[$0] } ?? BusinessContext()
            context.replaceUsers(pseudonyms.name)
            state = MessageState(
                resolving: state.record,
                in: state.record.cid.flatMap { channels[$0] },
                by: state.record.sender.flatMap { pseudonymised[$0] ?? users[$0] },
                context: context,
                pseudonyms: pseudonyms
            )
        }
        for state in messages.after.values where state.record.isErased {
            let id = state.record.id
            if messages.before[id]?.record.isErased != true { erasedMessages.insert(id) }
        }
        versions = versions.filter { messages[$0.messageID]?.record.isErased != true }
    }

    // MARK: What follows

    /// An item says where its message is and who wrote it, as soon as that is known.
    private mutating func describeReviews(_ reader: borrowing some EntityReader) throws(MongoError) {
        var learned: Set<ReviewCaseRecord.Subject> = []
        for (id, before) in messages.before {
            guard let record = messages[id]?.record else { continue }
            if (before.record.cid, before.record.sender) != (record.cid, record.sender) { learned.insert(.message(id)) }
        }
        try reviews.load(learned, from: reader)
        reviews.updateAll { [messages] review in
            guard let message = review.subject.messageID.flatMap({ messages[$0]?.record }) else { return }
            review.describe(cid: message.cid, author: message.sender)
        }
    }

    /// Watermarks and context also hold for messages that this batch did not touch.
    private mutating func requestSweeps() {
        var sweeps: Set<SweepKey> = []
        channels.forEachChange { before, after in
            guard let before else { return }
            let isSame =
                before.removal == after.removal && before.senderRemovals == after.senderRemovals
                && before.team == after.team && before.effectiveContext(settings.patterns) == contexts[after.cid]
            if !isSame { sweeps.insert(.channel(after.cid)) }
        }
        users.forEachChange { before, after in
            let isNewlyErased = after.isErased && before?.isErased != true
            guard isNewlyErased || before.map({ $0.removal != after.removal }) == true else { return }
            sweeps.insert(.user(after.id))
        }
        self.sweeps = sweeps
    }

    private mutating func measure() {
        var tallies = tallies
        tallies.reserve(entities: messages.after.count)
        messages.forEachChange { tallies.add($0, $1) }
        reactions.forEachChange { tallies.add($0, $1) }
        readMarks.forEachChange { tallies.add($0, $1) }
        self.tallies = tallies
    }

    private mutating func measurePeople(_ reader: borrowing some EntityReader) throws(MongoError) {
        let activity = tallies.rollups.activity
        try people.load(Set(activity.keys), from: reader)
        tallies.count(activity, in: &people, settings.zones)
    }

    private mutating func converse(_ reader: borrowing some EntityReader) throws(MongoError) {
        let rollups = tallies.rollups
        try conversations.load(Set(rollups.spoken.keys), from: reader)
        answers = rollups.converse(in: &conversations)
    }

    private mutating func findRollups(_ reader: borrowing some EntityReader) throws(MongoError) {
        let documents = tallies.rollups.memberDocuments(part: settings.rollupPart)
        try rollups.load(documents, from: reader)
        for id in documents { rollups.update(id, KnownRollup(key: id)) { _ in } }
    }

    private mutating func logEvents(_ pseudonyms: Pseudonyms) {
        let mayNameErased = !erasedUsers.isEmpty || users.after.values.contains(where: \.isErased)
        events = incoming.map { received in
            let parties = parties(of: received)
            let isErased = received.messageID.flatMap { messages[$0] }?.record.isErased == true
            guard mayNameErased else {
                return LoggedEvent(
                    received: received,
                    keepsBody: !isErased,
                    references: received.references + parties.map(Reference.user)
                )
            }
            let people = Set(received.mentionedUserIDs + parties)
            let others = received.references.filter { Reference.userID($0) == nil }
            let named = Set(people.map { erasedUsers.contains($0) ? pseudonyms.of($0) : $0 }).sorted()
            return LoggedEvent(
                received: received,
                keepsBody: !isErased && !people.contains { pseudonyms.name($0) != $0 },
                references: others + named.map(Reference.user)
            )
        }
    }

    /// Seller and buyer of the event's channel and of its message's, as far as the event does not name them itself: an
    /// erasure looks its messages up by them.
    private func parties(of received: ReceivedEvent) -> [String] {
        var parties: [String] = []
        let messageCID = received.messageID.flatMap { messages[$0] }?.record.cid
        for cid in [received.cid, messageCID == received.cid ? nil : messageCID] {
            for id in cid.flatMap({ contexts[$0] })?.partyIDs ?? []
            where !received.mentionedUserIDs.contains(id) && !parties.contains(id) {
                parties.append(id)
            }
        }
        return parties
    }
}

extension MessageState {
    /// Whether it is known when it was written, by whom and where.
    fileprivate var isCountable: Bool { record.created != nil && record.sender != nil && record.cid != nil }

    /// What is known of a message before any event spoke of it.
    fileprivate static func unknown(_ id: String) -> MessageState {
        MessageState(record: MessageRecord(id: id), context: BusinessContext())
    }
}
