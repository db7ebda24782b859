import Analytics
import Chat
package import MongoDB

/// The writes of one transaction, collected by collection: new documents are inserted, known ones updated field by field.
struct WritePlan: Sendable {
    private(set) var inserts: [Collection: [BSONDocument]] = [:]
    private(set) var updates: [Collection: [MongoUpdate]] = [:]
    private(set) var deletes: [Collection: [BSONDocument]] = [:]
    /// Times of conversations that go, all by one statement: each of its own would cost as much as an update.
    var pastTimes: Set<ConversationTime> = []
    /// Whose figures are others after it.
    var days = FigureDays()
    /// Who is a member of which channel after it.
    var members = MemberChanges()
    /// Rows of conversations are inserted, which costs less than half; else they replace what there may be.
    let rowsAreNew: Bool

    init(rowsAreNew: Bool = false) { self.rowsAreNew = rowsAreNew }

    /// Writes; one may be of several documents.
    var count: Int {
        inserts.values.reduce(0) { $0 + $1.count } + updates.values.reduce(0) { $0 + $1.count }
            + deletes.values.reduce(0) { $0 + $1.count } + pastTimes.count
    }

    mutating func insert(_ document: BSONDocument, into collection: Collection) {
        inserts[collection, default: []].append(document)
    }

    mutating func update(_ update: MongoUpdate, in collection: Collection) {
        updates[collection, default: []].append(update)
    }

    /// Every document that matches.
    mutating func delete(_ filter: BSONDocument, from collection: Collection) {
        deletes[collection, default: []].append(filter)
    }

    /// A record's changes together with what is added to its document: one write.
    mutating func write<Record: StoredRecord>(
        _ before: Record?,
        _ after: Record,
        with additions: inout Additions
    ) {
        let id = Record.documentID(of: after.key)
        let tally = additions.tallies.removeValue(forKey: id)
        let fields = additions.fields.removeValue(forKey: id)
        guard let before else {
            var document = after.document
            if let fields { document.append(contentsOf: fields.after) }
            if let tally { document.appendNew(tally, additions.counters) }
            return insert(document, into: Record.collection)
        }
        var (old, new) = (before.document, after.document)
        if let fields {
            old.append(contentsOf: fields.before)
            new.append(contentsOf: fields.after)
        }
        var change = BSONDocument(capacity: 256)
        change.appendDifference(from: old, to: new)
        if let tally { change.append(tally, additions.counters) }
        if !change.isEmpty { update(MongoUpdate(filter: .id(id), update: change), in: Record.collection) }
    }

    /// The changes of a record that has no counters.
    mutating func write<Record: StoredRecord>(_ before: Record?, _ after: Record) {
        guard let before else { return insert(after.document, into: Record.collection) }
        var change = BSONDocument(capacity: 256)
        change.appendDifference(from: before.document, to: after.document)
        guard !change.isEmpty else { return }
        update(MongoUpdate(filter: .id(Record.documentID(of: after.key)), update: change), in: Record.collection)
    }

    mutating func write<Record: StoredRecord>(_ changes: [(before: Record?, after: Record)]) {
        for (before, after) in changes { write(before, after) }
    }

    /// What is added to documents that events did not otherwise change.
    mutating func write(_ additions: Additions) {
        for id in Set(additions.tallies.keys).union(additions.fields.keys).sorted() {
            var change = BSONDocument()
            if let fields = additions.fields[id] { change.appendDifference(from: fields.before, to: fields.after) }
            if let tally = additions.tallies[id] { change.append(tally, additions.counters) }
            guard !change.isEmpty else { continue }
            update(MongoUpdate(filter: .id(id), update: change, upsert: true), in: additions.counters.collection)
        }
    }

    /// - Parameter part: the node's, of what nodes share.
    @discardableResult
    func execute(
        _ connection: MongoConnection,
        _ session: MongoSession?,
        _ database: String,
        part: Int = 0
    ) throws(MongoError) -> WriteCounts {
        var (counts, deletes) = (WriteCounts(), deletes)
        if !pastTimes.isEmpty {
            deletes[ConversationTime.collection, default: []].append(ConversationTime.filter(pastTimes))
        }
        for (collection, filters) in deletes {
            let deletes = filters.map { (filter: $0, limit: 0) }
            counts.deleted[collection] = try connection.delete(
                deletes,
                in: collection.rawValue,
                of: database,
                session: session
            )
        }
        for collection in Collection.allCases {
            if let documents = inserts[collection] {
                try connection.insert(documents, into: collection.rawValue, in: database, session: session)
            }
            if let updates = updates[collection] {
                let result = try connection.update(updates, in: collection.rawValue, of: database, session: session)
                counts.modified[collection] = result.modified
            }
        }
        let step = Int64.random(in: FigureDays.steps)
        let updates = days.updates(part: part, step: step) + members.updates(part: part, step: step)
        if !updates.isEmpty {
            _ = try connection.update(updates, in: Collection.figureDays.rawValue, of: database, session: session)
        }
        return counts
    }
}

/// Documents that a plan removed or changed.
struct WriteCounts {
    var deleted: [Collection: Int] = [:]
    var modified: [Collection: Int] = [:]
}

extension BSONDocument {
    package static func id(_ id: String) -> BSONDocument { matching("_id", id) }

    /// `$set` of the fields that differ and `$unset` of those that are gone.
    ///
    /// Of the large ones only what differs in them. Of stamps, some of which are indexed, that saves more than bytes: as soon as an
    /// update names anything that an index is of, MongoDB goes through all indexes of the collection, and in a transaction reads
    /// each one's state from its catalog (6.0).
    mutating func appendDifference(from before: BSONDocument, to after: BSONDocument) {
        var difference = FieldDifference()
        difference.compare(before, after, nested: ["v", ConversationRecord.field])
        if !difference.set.isEmpty { append("$set", difference.set) }
        guard !difference.unset.isEmpty else { return }
        append("$unset") { for path in difference.unset.sorted() { $0.append(path, Int32(1)) } }
    }

    /// Counters as `$inc` and `$max`.
    mutating func append(_ tally: TallyChange, _ fields: TallyFields) {
        let increments = fields.increments(tally)
        if !increments.isEmpty {
            append("$inc") { for (field, amount) in increments { $0.append(field, amount) } }
        }
        let latest = fields.latest(tally)
        guard !latest.isEmpty else { return }
        append("$max") { for (field, time) in latest { $0.append(field, date: time.milliseconds) } }
    }

    /// Counters of a document that is not there yet.
    mutating func appendNew(_ tally: TallyChange, _ fields: TallyFields) {
        for (field, amount) in fields.increments(tally) { append(field, amount) }
        for (field, time) in fields.latest(tally) { append(field, date: time.milliseconds) }
    }
}

/// What has to be written for a document to become another.
private struct FieldDifference {
    private(set) var set = BSONDocument()
    private(set) var unset: [String] = []
    /// Each field that differs can be a part of a path.
    private var isPlain = true

    /// - Parameter nested: fields within which is compared, if both sides are documents.
    mutating func compare(_ before: BSONDocument, _ after: BSONDocument, prefix: String = "", nested: Set<String> = [])
    {
        var old = OldFields(before)
        for element in after.elements {
            let other = old.take(element)
            if let other, element.hasSameValue(as: other) { continue }
            let (key, value) = (element.key, element.value)
            if let other, nested.contains(key), compare(other.value, value, within: key) { continue }
            note(key)
            set.append(prefix + key, value: value)
        }
        for element in old.rest {
            note(element.key)
            unset.append(prefix + element.key)
        }
    }

    /// - Returns: whether what differs can be written in parts.
    private mutating func compare(_ before: BSONValue, _ after: BSONValue, within key: String) -> Bool {
        guard case .document(let before) = before, case .document(let after) = after else { return false }
        var inner = FieldDifference()
        inner.compare(before, after, prefix: key + ".")
        guard inner.isPlain else { return false }
        set.append(contentsOf: inner.set)
        unset += inner.unset
        return true
    }

    private mutating func note(_ key: String) {
        isPlain = isPlain && !key.isEmpty && !key.contains(".") && !key.hasPrefix("$")
    }
}

/// Fields of a document by their keys, which mostly are asked for in their order.
private struct OldFields {
    private var fields: [BSONElement?]
    private var next = 0

    init(_ document: BSONDocument) { fields = document.elements.map(\.self) }

    /// The field of the same key, once.
    mutating func take(_ element: BSONElement) -> BSONElement? {
        guard let place = place(of: element, in: next..<fields.count) ?? place(of: element, in: 0..<next) else {
            return nil
        }
        defer { fields[place] = nil }
        next = place + 1
        return fields[place]
    }

    private func place(of element: BSONElement, in places: Range<Int>) -> Int? {
        places.first { place in fields[place]?.hasSameKey(as: element) == true }
    }

    var rest: [BSONElement] { fields.compactMap(\.self) }
}
