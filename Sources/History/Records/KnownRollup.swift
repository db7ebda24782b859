package import MongoDB

/// That a document of rollups is there: a new one is cheaper to insert than to update.
package struct KnownRollup: StoredRecord {
    package static let collection = Collection.rollups
    package static var projection: BSONDocument? { .only("_id") }
    package static func documentID(of key: String) -> String { key }
    package let key: String

    init(key: String) { self.key = key }

    package init?(_ document: BSONDocument) {
        guard let id = document.string("_id") else { return nil }
        key = id
    }

    package var document: BSONDocument { .id(key) }
}
