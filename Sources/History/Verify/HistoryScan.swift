import Limits
import MongoDB

/// A connection, and the session if there is one, through which an audit reads one history.
struct HistoryScan {
    let connection: MongoConnection
    let session: MongoSession?
    let database: String
    let settings: FoldSettings

    init(_ store: HistoryStore, _ connection: MongoConnection, _ session: MongoSession?) {
        (self.connection, self.session) = (connection, session)
        (database, settings) = (store.database, store.settings)
    }

    var reader: MongoEntityReader { MongoEntityReader(connection: connection, session: session, database: database) }

    /// Some documents in the order of `keys`, which together are unique.
    ///
    /// - Parameter position: of the last document before these; `nil` is the beginning.
    /// - Returns: the position of the last of them; `nil` when there are no more.
    func page(
        _ collection: Collection,
        by keys: [String],
        after position: BSONDocument?,
        projection: BSONDocument? = nil,
        each: (BSONDocument) throws(MongoError) -> Void
    ) throws(MongoError) -> BSONDocument? {
        let most = Limits.Worker().scanDocuments
        var sort = BSONDocument()
        for key in keys { sort.append(key, Int32(1)) }
        var (count, last) = (0, BSONDocument())
        try find(collection, Self.after(position, keys), .init(sort: sort, projection: projection, limit: most)) {
            (document: BSONDocument) throws(MongoError) in
            count += 1
            last = BSONDocument()
            for key in keys { last.append(key, value: document[key] ?? .null) }
            try each(document)
        }
        return count < most ? nil : last
    }

    /// Greater in the first key that differs.
    private static func after(_ position: BSONDocument?, _ keys: [String]) -> BSONDocument {
        var filter = BSONDocument()
        guard let position else { return filter }
        filter.append("$or") { (either: inout BSONArray) in
            for (index, key) in keys.enumerated() {
                either.append { part in
                    for equal in keys[..<index] { part.append(equal, value: position[equal] ?? .null) }
                    part.append(key) { $0.append("$gt", value: position[key] ?? .null) }
                }
            }
        }
        return filter
    }

    /// Ids of the sweeps that wait.
    func waitingSweeps() throws(MongoError) -> [String] {
        var sweeps: [String] = []
        try find(.sweeps) { (document: BSONDocument) throws(MongoError) in
            if let id = document.string("_id") { sweeps.append(id) }
        }
        return sweeps
    }

    func find(
        _ collection: Collection,
        _ filter: BSONDocument = BSONDocument(),
        _ options: MongoFindOptions = .init(),
        each: (BSONDocument) throws(MongoError) -> Void
    ) throws(MongoError) {
        try connection.find(collection.rawValue, filter, in: database, options: options, session: session) {
            (document: BSONDocument) throws(MongoError) in
            try each(document)
            return true
        }
    }
}
