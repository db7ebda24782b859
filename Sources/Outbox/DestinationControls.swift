package import Chat
import History
package import MongoDB

/// Which destinations an operator has stopped, for every node.
///
/// Every call blocks.
package struct DestinationControls: Sendable {
    package struct Control: Sendable, Equatable {
        package let destination: Effect.Destination
        package let isPaused: Bool
        /// The id of the key that did it last.
        package let by: String
        package let at: Timestamp
    }

    private let store: OutboxStore

    package init(_ store: OutboxStore) { self.store = store }

    package func read() throws(MongoError) -> [Control] {
        var controls: [Control] = []
        try store.history.pool.withConnection { connection throws(MongoError) in
            try connection.find(Self.collection, BSONDocument(), in: store.history.database) {
                (document: BSONDocument) throws(MongoError) in
                guard let name = document.string("_id"), let at = document.time("at") else { return true }
                controls.append(
                    Control(
                        destination: Effect.Destination(name),
                        isPaused: document.bool("paused") ?? false,
                        by: document.string("by") ?? "",
                        at: at
                    )
                )
                return true
            }
        }
        return controls
    }

    /// Stops a destination or lets it go on, on every node within `Limits.Outbox.pollMilliseconds`.
    package func set(
        _ destination: Effect.Destination,
        isPaused: Bool,
        by key: String,
        at now: Timestamp
    ) throws(MongoError) {
        var change = BSONDocument()
        change.append("$set") {
            $0.append("paused", isPaused)
            $0.append("by", key)
            $0.append("at", date: now.milliseconds)
        }
        let update = MongoUpdate(filter: .id(destination.description), update: change, upsert: true)
        try store.history.pool.withConnection { connection throws(MongoError) in
            _ = try connection.update([update], in: Self.collection, of: store.history.database)
        }
    }

    private static var collection: String { Collection.outboxControls.rawValue }
}
