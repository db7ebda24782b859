package import Analytics
import Chat
package import MongoDB

extension PersonRecord: StoredRecord {
    package static let collection = Collection.people
    package static func documentID(of key: String) -> String { key }
    package var key: String { id }

    package var document: BSONDocument {
        let bytes = encoded
        var document = BSONDocument(capacity: bytes.count + 96)
        document.append("_id", id)
        document.append("q", bytes)
        return document
    }

    package init?(_ document: BSONDocument) {
        guard let id = document.string("_id"), let bytes = document.binary("q") else { return nil }
        self.init(id: id, encoded: bytes)
    }

    /// Becomes whoever the document is of, in the memory that it has.
    mutating func become(_ document: BSONDocument) -> Bool {
        var (id, bytes) = (String?.none, [UInt8]?.none)
        for (key, value) in document {
            switch (key, value) {
            case ("_id", .string(let string)): id = string
            case ("q", .binary(let binary)): bytes = binary
            default: continue
            }
        }
        guard let id, let bytes else { return false }
        return become(id, encoded: bytes)
    }
}

extension WritePlan {
    mutating func write(_ before: PersonRecord?, _ after: PersonRecord) {
        if before == nil, !after.isEmpty { insert(after.document, into: .people) } else { keep(after) }
    }

    /// What is left of a user's activity; of one who wrote nothing any more, not even the id.
    mutating func keep(_ person: PersonRecord) {
        guard !person.isEmpty else { return delete(.id(person.id), from: .people) }
        var change = BSONDocument()
        change.append("$set") { $0.append("q", person.encoded) }
        update(MongoUpdate(filter: .id(person.id), update: change, upsert: true), in: .people)
    }
}

extension Tallies {
    /// Applies changed activity to the people it is of, and counts what follows from that.
    mutating func count(
        _ activity: [String: [Quarter: Int64]],
        in people: inout Table<PersonRecord>,
        _ zones: [Zone]
    ) {
        var periods = zones.map(ZonePeriods.init)
        for (user, changes) in activity where changes.values.contains(where: { $0 != 0 }) {
            people.update(user, PersonRecord(id: user)) { person in
                for (quarter, amount) in changes { person.add(amount, at: quarter) }
            }
            guard let after = people[user] else { continue }
            count(people.before[user], after, touched: changes.keys, &periods)
        }
    }
}
