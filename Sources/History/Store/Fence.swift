import MongoDB

/// How often each writer has changed the history, so that whoever read it earlier can tell whether it is still the same.
///
/// One document a writer, raised in each of its transactions; writers share a bounded number of slots, which costs the
/// two that meet in one no more than a repeated transaction.
struct Fence {
    private static let slots: Int64 = 64

    private let slot = Int64.random(in: 0..<Self.slots)

    /// Part of every transaction that changes what ``EntityReader`` reads.
    func raise(_ connection: MongoConnection, _ session: MongoSession, _ database: String) throws(MongoError) {
        var id = BSONDocument()
        id.append("_id", slot)
        var change = BSONDocument()
        change.append("$inc") { $0.append("raised", Int64(1)) }
        let update = MongoUpdate(filter: id, update: change, upsert: true)
        _ = try connection.update([update], in: Collection.fences.rawValue, of: database, session: session)
    }

    /// All of them at one moment.
    struct Heights: Equatable, Sendable {
        private var raised: [Int64: Int64] = [:]

        static func read(
            _ connection: MongoConnection,
            _ session: MongoSession,
            _ database: String
        ) throws(MongoError) -> Heights {
            var heights = Heights()
            try connection.find(Collection.fences.rawValue, BSONDocument(), in: database, session: session) {
                (document: BSONDocument) throws(MongoError) in
                if let slot = document.int64("_id") { heights.raised[slot] = document.int64("raised") }
                return true
            }
            return heights
        }

        /// What they are once `fence` was raised by one more transaction, and no other.
        func raised(by fence: Fence) -> Heights {
            var heights = self
            heights.raised[fence.slot, default: 0] += 1
            return heights
        }
    }
}
