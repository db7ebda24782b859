import MongoDB

/// How often each writer has changed the history, so that whoever read it earlier can tell whether it is still the same.
///
/// One document a writer, raised in each of its transactions; writers share a bounded number of slots, which costs the
/// two that meet in one no more than a repeated transaction.
package struct Fence: Sendable {
    private static let slots: Int64 = 64

    private let slot = Int64.random(in: 0..<Self.slots)
    /// Told apart from another writer in the same slot by it.
    private let writer = Int64.random(in: .min ... .max)

    package init() {}

    /// Part of every transaction that changes what ``EntityReader`` reads.
    func raise(_ connection: MongoConnection, _ session: MongoSession, _ database: String) throws(MongoError) {
        var id = BSONDocument()
        id.append("_id", slot)
        let update = MongoUpdate(filter: id, stages: [raising], upsert: true)
        _ = try connection.update([update], in: Collection.fences.rawValue, of: database, session: session)
    }

    /// `raised` by one, and `turns` by one where another writer raised it last.
    private var raising: BSONDocument {
        func sum(_ field: String, _ fill: @escaping (inout BSONArray) -> Void) -> BSONDocument {
            var sum = BSONDocument()
            sum.append("$add") { (terms: inout BSONArray) in
                terms.append {
                    $0.append("$ifNull") { (array: inout BSONArray) in
                        array.append("$\(field)")
                        array.append(Int64(0))
                    }
                }
                fill(&terms)
            }
            return sum
        }
        var stage = BSONDocument()
        stage.append("$set") {
            $0.append("raised", sum("raised") { $0.append(Int64(1)) })
            $0.append(
                "turns",
                sum("turns") { terms in
                    terms.append {
                        $0.append("$cond") { (choice: inout BSONArray) in
                            choice.append {
                                $0.append("$eq") { (pair: inout BSONArray) in
                                    pair.append("$writer")
                                    pair.append(writer)
                                }
                            }
                            choice.append(Int64(0))
                            choice.append(Int64(1))
                        }
                    }
                }
            )
            $0.append("writer", writer)
        }
        return stage
    }

    /// All of them at one moment.
    struct Heights: Equatable, Sendable {
        private var raised: [Int64: Int64] = [:]
        /// How often each slot went from one writer to another.
        private var turns: [Int64: Int64] = [:]

        static func == (left: Self, right: Self) -> Bool { left.raised == right.raised }

        static func read(
            _ connection: MongoConnection,
            _ session: MongoSession,
            _ database: String
        ) throws(MongoError) -> Heights {
            var heights = Heights()
            try connection.find(Collection.fences.rawValue, BSONDocument(), in: database, session: session) {
                (document: BSONDocument) throws(MongoError) in
                if let slot = document.int64("_id") {
                    heights.raised[slot] = document.int64("raised")
                    heights.turns[slot] = document.int64("turns")
                }
                return true
            }
            return heights
        }

        /// Rises whenever others than this writer have changed the history, also from the same slot.
        func others(than fence: Fence) -> Int64 {
            raised.reduce(turns[fence.slot] ?? 0) { $1.key == fence.slot ? $0 : $0 &+ $1.value }
        }

        /// What they are once `fence` was raised by one more transaction, and no other.
        func raised(by fence: Fence) -> Heights {
            var heights = self
            heights.raised[fence.slot, default: 0] += 1
            return heights
        }
    }
}
