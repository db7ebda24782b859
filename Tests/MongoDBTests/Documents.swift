import MongoDB

/// Short ways to write the documents of these tests.
func doc(_ build: (inout BSONDocument) -> Void) -> BSONDocument {
    var document = BSONDocument()
    build(&document)
    return document
}

func id(_ value: Int) -> BSONDocument { doc { $0.append("_id", Int32(value)) } }

func increment(_ key: String, by amount: Int64 = 1) -> BSONDocument {
    doc { $0.append("$inc", document: { $0.append(key, amount) }) }
}

extension MongoConnection {
    /// Everything that matches, in the order of `_id`.
    func all(
        _ collection: String,
        in database: String,
        _ filter: BSONDocument = BSONDocument(),
        session: MongoSession? = nil
    ) throws(MongoError) -> [BSONDocument] {
        var found: [BSONDocument] = []
        let options = MongoFindOptions(sort: doc { $0.append("_id", Int32(1)) })
        try find(collection, filter, in: database, options: options, session: session) { document throws(MongoError) in
            found.append(document)
            return true
        }
        return found
    }
}
