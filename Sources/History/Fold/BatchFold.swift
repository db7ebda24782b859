package import Analytics
package import Chat
package import MongoDB

/// How events become history: what is configured once and never changes while events are processed.
package struct FoldSettings: Sendable {
    package var patterns: ContextPatterns
    package var weights: EngagementWeights
    /// Of the database: see ``Pseudonym``.
    package var salt: [UInt8]

    package init(patterns: ContextPatterns, weights: EngagementWeights, salt: [UInt8]) {
        (self.patterns, self.weights, self.salt) = (patterns, weights, salt)
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
    package private(set) var versions: Set<MessageVersion> = []
    package private(set) var tallies: Tallies
    /// What has to be recomputed beyond this batch.
    package private(set) var sweeps: Set<SweepKey> = []
    /// Messages that this batch erased: their earlier copies go too.
    package private(set) var erasedMessages: Set<String> = []

    private let settings: FoldSettings
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

    private var incoming: [ReceivedEvent]
    /// Theirs, without those who are erased.
    private var claims: [Claims] = []

    package init(_ received: [ReceivedEvent], settings: FoldSettings) {
        self.settings = settings
        tallies = Tallies(weights: settings.weights)
        var seen: Set<EventID> = []
        incoming = received.filter { seen.insert($0.id).inserted }
    }

    /// Reads what the batch needs from one snapshot and merges the batch into it.
    ///
    /// Call once.
    package mutating func run(reading reader: borrowing some EntityReader) throws(MongoError) {
        let known = try reader.knownEvents(among: incoming.map(\.id))
        if !known.isEmpty { incoming.removeAll { known.contains($0.id) } }
        guard !incoming.isEmpty else { return }
        claims = incoming.map(\.claims)
        try pseudonymiseErasedUsers(reader)
        try load(reader)
        for claims in claims { merge(claims) }
        try lookUpParties(reader)
        let pseudonyms = pseudonyms
        try noteSellerReads(reader, pseudonyms)
        resolveMessages(pseudonyms)
        requestSweeps()
        measure()
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
        for index in claims.indices { claims[index].erase(pseudonyms) }
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
        func keys<Record, Key: Hashable>(_ records: KeyPath<Claims, [Record]>, _ key: (Record) -> Key) -> Set<Key> {
            var result: Set<Key> = []
            for claims in claims { for record in claims[keyPath: records] { result.insert(key(record)) } }
            return result
        }
        let marks = keys(\.readMarks, \.key)
        // What is to be reviewed is told of by the text of its message, which the event does not hold.
        let reviewed = keys(\.reviewItems) { $0.item?.value.messageID }.compactMap(\.self)
        try messages.load(
            keys(\.messages, \.id).union(marks.map(\.messageID)).union(reviewed),
            from: reader
        )
        try reactions.load(keys(\.reactions, \.key), from: reader)
        try reads.load(keys(\.reads, \.key), from: reader)
        try readMarks.load(marks, from: reader)
        try members.load(keys(\.members, \.key), from: reader)
        try mutes.load(keys(\.mutes, \.key), from: reader)
        try reviewItems.load(keys(\.reviewItems, \.id), from: reader)
        try threads.load(keys(\.threads, \.parentMessageID), from: reader)
        let stored = messages.after.values.map(\.record)
        try users.load(keys(\.users, \.id).union(stored.compactMap(\.sender)), from: reader)
        try channels.load(keys(\.channels, \.cid).union(stored.compactMap(\.cid)), from: reader)
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
    }

    private mutating func merge(_ claim: MessageRecord) {
        var superseded: MessageVersion?
        messages.update(claim.id, .unknown(claim.id)) { superseded = $0.record.merge(claim) }
        if let superseded { versions.insert(superseded) }
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
        for (id, state) in messages.after where state.record.isErased {
            if messages.before[id]?.record.isErased != true { erasedMessages.insert(id) }
        }
        versions = versions.filter { messages[$0.messageID]?.record.isErased != true }
    }

    // MARK: What follows

    /// Watermarks and context also hold for messages that this batch did not touch.
    private mutating func requestSweeps() {
        var sweeps: Set<SweepKey> = []
        channels.forEachChange { before, after in
            guard let before else { return }
            let isSame =
                before.removal == after.removal && before.senderRemovals == after.senderRemovals
                && before.effectiveContext(settings.patterns) == contexts[after.cid]
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
    /// What is known of a message before any event spoke of it.
    fileprivate static func unknown(_ id: String) -> MessageState {
        MessageState(record: MessageRecord(id: id), context: BusinessContext())
    }
}
