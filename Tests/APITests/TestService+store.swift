import History
import MongoDB
import TestSupport

extension TestService {
    /// Changes a stored document behind the service's back.
    func change(_ collection: String, _ id: String, _ set: @escaping @Sendable (inout BSONDocument) -> Void)
        async throws
    {
        let history = history
        try await blocking {
            let store = try history.opened()
            var filter = BSONDocument()
            filter.append("_id", id)
            var change = BSONDocument()
            change.append("$set", document: set)
            let update = MongoUpdate(filter: filter, update: change)
            try store.pool.withConnection { connection throws(MongoError) in
                _ = try connection.update([update], in: collection, of: store.database)
            }
        }
    }

    func insert(_ documents: [BSONDocument], into collection: Collection) async throws {
        let history = history
        try await blocking {
            let store = try history.opened()
            try store.pool.withConnection { connection throws(MongoError) in
                try connection.insert(documents, into: collection.rawValue, in: store.database)
            }
        }
    }

    /// Everything in a collection.
    func documents(_ collection: Collection) async throws -> [BSONDocument] {
        let history = history
        return try await blocking {
            let store = try history.opened()
            var found: [BSONDocument] = []
            try store.pool.withConnection { connection throws(MongoError) in
                try connection.find(collection.rawValue, BSONDocument(), in: store.database) {
                    (document: BSONDocument) throws(MongoError) in
                    found.append(document)
                    return true
                }
            }
            return found
        }
    }
}
