package import Chat
package import MongoDB

/// When the history was last verified, in the collection `backchannel`.
///
/// Noting that it goes on has a purpose of its own: the moment that a snapshot shows is that of the last write, which on a
/// quiet server may be older than the server keeps moments for.
package struct VerificationNote {
    private static let id = "verification"

    /// The last one that came to its end.
    package struct Last: Sendable, Equatable {
        package let finished: Timestamp
        package let differences: Int64
    }

    private let store: HistoryStore
    private let connection: MongoConnection

    package init(_ store: HistoryStore, _ connection: MongoConnection) {
        (self.store, self.connection) = (store, connection)
    }

    package func last() throws(MongoError) -> Last? {
        var last: Last?
        try connection.find(Collection.mark.rawValue, .id(Self.id), in: store.database) {
            (document: BSONDocument) throws(MongoError) in
            last = document.time("finished").map {
                Last(finished: $0, differences: document.int64("differences") ?? 0)
            }
            return false
        }
        return last
    }

    func goOn() throws(MongoError) { try update { $0.append("$currentDate") { $0.append("going_on", true) } } }

    func end(_ report: VerificationReport) throws(MongoError) {
        try update {
            $0.append("$currentDate") { $0.append("finished", true) }
            $0.append("$set") { $0.append("differences", Int64(report.differences)) }
        }
    }

    private func update(_ fill: (inout BSONDocument) -> Void) throws(MongoError) {
        var change = BSONDocument()
        fill(&change)
        let update = MongoUpdate(filter: .id(Self.id), update: change, upsert: true)
        _ = try connection.update([update], in: Collection.mark.rawValue, of: store.database)
    }
}
