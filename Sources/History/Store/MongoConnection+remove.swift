import MongoDB

extension MongoConnection {
    /// Removes some of the documents that match, whose `_id` is a text.
    ///
    /// - Parameter most: so many at a time.
    /// - Returns: how many went; fewer than `most` where there are no more.
    func remove(
        _ filter: BSONDocument,
        from collection: Collection,
        of database: String,
        most: Int,
        session: MongoSession? = nil
    ) throws(MongoError) -> Int {
        var ids: [String] = []
        try find(
            collection.rawValue,
            filter,
            in: database,
            options: .init(projection: .only("_id"), limit: most),
            session: session
        ) { (document: BSONDocument) throws(MongoError) in
            if let id = document.string("_id") { ids.append(id) }
            return true
        }
        guard !ids.isEmpty else { return 0 }
        var those = BSONDocument()
        those.append("_id", in: ids)
        return try delete([(filter: those, limit: 0)], in: collection.rawValue, of: database, session: session)
    }
}
