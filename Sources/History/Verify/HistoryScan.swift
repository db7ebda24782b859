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
