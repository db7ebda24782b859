import Analytics
import Chat
import JSON
import MongoDB

/// The stage of an erasure that follows the log: whatever an event names together with the user may hold the user's id.
struct EventEraser {
    /// Events looked at in one step.
    private static let eventsPerStep = 5_000

    private let eraser: UserEraser
    private var sweeper: Sweeper { eraser.sweeper }
    private var erasure: TraceErasure { eraser.erasure }

    /// What some events of the log refer to.
    private struct Found {
        var events: [BSONValue] = []
        var bodies = 0
        var cids: Set<String> = []
        var messageIDs: Set<String> = []
        var threadIDs: Set<String> = []
        var userIDs: Set<String> = []

        mutating func add(_ event: BSONDocument) {
            guard let id = event["_id"] else { return }
            events.append(id)
            if event.bool("erased") != true { bodies += 1 }
            if let cid = event.string("cid") { cids.insert(cid) }
            for reference in event.strings("references") {
                if let id = Reference.messageID(reference) { messageIDs.insert(id) }
                if let id = Reference.threadID(reference) { threadIDs.insert(id) }
                if let id = Reference.userID(reference) { userIDs.insert(id) }
            }
        }
    }

    init(_ eraser: UserEraser) { self.eraser = eraser }

    /// A stretch of the log: its events that name the user keep the pseudonym, and lose their bodies.
    ///
    /// An index on everyone an event names would cost every event more than an erasure costs.
    func step(from start: LogPosition) throws(MongoError) -> UserEraser.Progress {
        let end = try sweeper.position(Self.eventsPerStep, after: start)
        let progress = end.map { UserEraser.Progress.more(after: $0.document) } ?? .done
        var filter = BSONDocument()
        if let condition = start.condition(to: end) { filter.append("received", condition) }
        filter.append("references", Reference.user(eraser.user))
        var found = Found()
        try eraser.find(.events, filter, .init(projection: .only("references", "cid", "erased"))) {
            (document: BSONDocument) throws(MongoError) in found.add(document)
        }
        guard !found.events.isEmpty else { return progress }
        let states = try sweeper.reader.load(MessageState.self, found.messageIDs)
        found.cids.formUnion(states.compactMap(\.record.cid))

        var plan = WritePlan()
        let renamed = try rename(found, &plan)
        plan.strip(events: found.events, of: eraser.user, erasure.pseudonym)
        let sweep = try Surroundings(of: states, users: [eraser.user], sweeper.settings, sweeper.reader)
            .sweep(states) { $0.replaceUsers(erasure.name) }
        let counts = try sweeper.commit(sweep, with: plan)
        try ErasureLedger(sweeper).add(
            [
                .mentions: renamed + sweep.changes.count - sweep.erasedMessages.count,
                .messages: sweep.erasedMessages.count, .messageEdits: counts.deleted[.messageEdits, default: 0],
                .rawBodies: found.bodies + counts.modified[.events, default: 0] - found.events.count,
            ],
            of: eraser.user
        )
        return progress
    }

    private func rename(_ found: Found, _ plan: inout WritePlan) throws(MongoError) -> Int {
        var filter = BSONDocument()
        filter.append("cid", in: found.cids)
        filter.append("banned_by", eraser.user)
        let members = erasure.rename(try eraser.records(MemberRecord.self, filter))
        let channels = erasure.rename(try sweeper.reader.load(ChannelRecord.self, found.cids))
        let users = erasure.rename(try eraser.records(UserRecord.self, naming(among: found.userIDs)))
        let threads = erasure.rename(try sweeper.reader.load(ThreadRecord.self, found.threadIDs))
        plan.write(members)
        plan.write(channels)
        plan.write(users)
        plan.write(threads)
        return members.count + channels.count + users.count + threads.count
    }

    /// Those of these users whose documents name the erased one.
    private func naming(among ids: Set<String>) -> BSONDocument {
        var quoted = JSONWriter()
        quoted.string(eraser.user)
        var filter = BSONDocument()
        filter.append("_id", in: ids)
        filter.append("$or") { (either: inout BSONArray) in
            either.append { $0.append("banned_by", eraser.user) }
            either.append { $0.append("flag.by", eraser.user) }
            either.append {
                $0.append("$expr") {
                    $0.append("$gte") { (pair: inout BSONArray) in
                        pair.append {
                            $0.append("$indexOfBytes") { (arguments: inout BSONArray) in
                                arguments.append("$custom")
                                arguments.append { $0.append("$literal", quoted.text) }
                            }
                        }
                        pair.append(Int32(0))
                    }
                }
            }
        }
        return filter
    }
}

extension WritePlan {
    fileprivate mutating func strip(events: [BSONValue], of user: String, _ pseudonym: String) {
        var filter = BSONDocument()
        filter.append("_id") {
            $0.append("$in") { (array: inout BSONArray) in for id in events { array.append(value: id) } }
        }
        filter.append("references", Reference.user(user))
        var change = BSONDocument()
        change.append("$set") {
            $0.append("erased", true)
            $0.append("references.$", Reference.user(pseudonym))
        }
        change.append("$unset", .ofEventBodies)
        update(MongoUpdate(filter: filter, update: change, multi: true), in: .events)
    }
}
