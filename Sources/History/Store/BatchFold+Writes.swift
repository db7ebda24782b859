import Analytics
import Chat
import MongoDB

extension BatchFold {
    /// Everything that the batch changes, as writes of one transaction.
    ///
    /// - Parameter rowsAreNew: rows of conversations are not there yet, as follows from the channels that were read.
    func plan(rowsAreNew: Bool = true) -> WritePlan {
        var plan = WritePlan(rowsAreNew: rowsAreNew)
        var additions = tallies.additions(conversations)
        for logged in events { plan.insert(logged.document, into: .events) }
        messages.forEachChangeInOrder { plan.write($0, $1) }
        users.forEachChangeInOrder { plan.write($0, $1, with: &additions[.user, default: Additions(.user)]) }
        channels.forEachChangeInOrder { plan.write($0, $1, with: &additions[.channel, default: Additions(.channel)]) }
        members.forEachChange { before, after in
            plan.write(before, after)
            guard settings.keepsFigures, before?.isMember ?? false != after.isMember else { return }
            plan.members.note(after.key.cid)
        }
        reactions.forEachChange { plan.write($0, $1) }
        reads.forEachChange { plan.write($0, $1) }
        readMarks.forEachChange { plan.write($0, $1) }
        mutes.forEachChange { plan.write($0, $1) }
        reviewItems.forEachChange { plan.write($0, $1) }
        threads.forEachChange { plan.write($0, $1) }
        reviews.forEachChange { plan.write($0, $1) }
        plan.write(judgement.decisions.map { (before: $0.before, after: $0.after) })
        for additions in additions.values { plan.write(additions) }
        people.forEachChangeInOrder { plan.write($0, $1) }
        plan.keepRows(of: conversations, answers)
        plan.write(tallies.rollups, part: settings.rollupPart, known: rollups)
        for version in versions { plan.keep(version) }
        for sweep in sweeps { plan.request(sweep) }
        for id in erasedMessages { plan.purge(message: id) }
        return plan
    }
}

extension Tallies {
    init(_ settings: FoldSettings) { self.init(weights: settings.weights, keepsFigures: settings.keepsFigures) }

    /// By what they are added to.
    func additions(_ conversations: Table<ConversationRecord>) -> [TallyKey.Scope: Additions] {
        var result: [TallyKey.Scope: Additions] = [:]
        for (key, change) in changes {
            result[key.scope, default: Additions(key.scope, capacity: changes.count / 2)].tallies[key.id] = change
        }
        conversations.forEachChange { before, after in
            let fields = (before: before?.addition ?? BSONDocument(), after: after.addition)
            result[.channel, default: Additions(.channel)].fields[after.cid] = fields
        }
        return result
    }

    /// Whose latest times have to be looked up again.
    var takenBack: [TallyKey] { changes.filter(\.value.takesBack).map(\.key) }
}

extension BatchFold.LoggedEvent {
    /// As the collection `events` keeps it.
    var document: BSONDocument {
        var document = BSONDocument(capacity: received.body.count + 512)
        document.append("_id", received.id.bytes)
        document.append("type", received.type.rawValue)
        document.append("cid", ifPresent: received.cid)
        document.append("at", date: received.time)
        document.append("received", date: received.receivedAt)
        document.append("message_id", ifPresent: received.messageID)
        document.append("references", ifAny: references)
        document.append("api_key", ifPresent: received.apiKey)
        document.append("webhook_id", ifPresent: received.webhookID)
        document.append("attempt", ifPresent: received.attempt.map(Int64.init))
        document.append("faults", ifAny: received.faults)
        if keepsBody {
            document.append("signature", received.signature)
            document.append("raw", received.body)
            if let (references, time) = received.onlooking {
                document.append("counts_of", references)
                document.append("counts_at", date: time)
            }
        } else {
            document.append("erased", true)
        }
        return document
    }
}

extension MongoUpdate {
    /// Removes the values that decisions hold; what was decided, and by which rules, remains.
    ///
    /// - Parameter pseudonym: stands for the user from then on.
    static func strippingDecisions(_ filter: BSONDocument, naming pseudonym: String? = nil) -> [MongoUpdate] {
        func update(_ state: String, _ set: (inout BSONDocument) -> Void, unsetting fields: String...) -> MongoUpdate {
            var values = BSONDocument()
            set(&values)
            if let pseudonym { values.append("user_id", pseudonym) }
            var change = BSONDocument()
            if !values.isEmpty { change.append("$set", values) }
            change.append("$unset") { for field in fields + ["superseded"] { $0.append(field, Int32(1)) } }
            var filter = filter
            filter.append(state) { $0.append("$exists", true) }
            return MongoUpdate(filter: filter, update: change, multi: true)
        }
        return [
            update("fired", { $0.append("inputs") { (_: inout BSONArray) in } }, unsetting: "fired.$[].values"),
            update("withdrawn", { _ in }),
        ]
    }
}

extension WritePlan {
    mutating func keep(_ version: MessageVersion) {
        let id = joinedID(version.messageID, "\(version.at.nanoseconds)", "\(version.version)")
        var fields = BSONDocument()
        fields.append("message_id", version.messageID)
        fields.append("at", date: version.at)
        fields.append("text", version.text)
        var change = BSONDocument()
        change.append("$setOnInsert", fields)
        update(MongoUpdate(filter: .id(id), update: change, upsert: true), in: .messageEdits)
    }

    /// Asks for a sweep, or for another round of one under way.
    mutating func request(_ sweep: SweepKey) {
        var change = BSONDocument()
        change.append("$inc") { $0.append("requested", Int64(1)) }
        change.append("$unset") {
            $0.append("after", Int32(1))
            $0.append("stage", Int32(1))
        }
        update(MongoUpdate(filter: .id(sweep.documentID), update: change, upsert: true), in: .sweeps)
    }

    /// Removes what other collections hold of an erased message's content.
    mutating func purge(message id: String) {
        delete(.matching("message_id", id), from: .messageEdits)
        for change in MongoUpdate.strippingDecisions(.matching("message_id", id)) { update(change, in: .decisions) }
        purgeBodies(of: .matching("message_id", id))
    }

    /// Drops raw bodies of events; id, type and times remain.
    mutating func purgeBodies(of filter: BSONDocument) {
        var change = BSONDocument()
        change.append("$set") { $0.append("erased", true) }
        change.append("$unset", .ofEventBodies)
        update(MongoUpdate(filter: filter, update: change, multi: true), in: .events)
    }
}

extension BSONDocument {
    /// What goes from the log with a body, for `$unset`.
    static var ofEventBodies: BSONDocument {
        var fields = BSONDocument()
        for field in ["raw", "signature", "counts_of", "counts_at"] { fields.append(field, Int32(1)) }
        return fields
    }
}
