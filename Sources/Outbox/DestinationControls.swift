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

    /// What operators have set.
    package struct Board: Sendable, Equatable {
        package var controls: [Control] = []
        /// Set by connecting; `nil` before.
        package var mode: EffectMode?

        package func isPaused(_ destination: Effect.Destination) -> Bool {
            controls.contains { $0.destination == destination && $0.isPaused }
        }
    }

    package func read() throws(MongoError) -> Board {
        var board = Board()
        try store.history.pool.withConnection { connection throws(MongoError) in
            try connection.find(Self.collection, BSONDocument(), in: store.history.database) {
                (document: BSONDocument) throws(MongoError) in
                guard let name = document.string("_id"), let at = document.time("at") else { return true }
                guard name != Self.switchID else {
                    board.mode = document.string("mode").flatMap(EffectMode.init)
                    return true
                }
                board.controls.append(
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
        return board
    }

    /// Stops a destination or lets it go on, on every node within `Limits.Outbox.pollMilliseconds`; what is caused after the
    /// return waits at once.
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
        try update(destination.description, change)
    }

    /// Turns effects on or off where no node's `EFFECTS` says otherwise.
    package func set(_ mode: EffectMode, at now: Timestamp) throws(MongoError) {
        var change = BSONDocument()
        change.append("$set") {
            $0.append("mode", mode.rawValue)
            $0.append("at", date: now.milliseconds)
        }
        try update(Self.switchID, change)
    }

    private func update(_ id: String, _ change: BSONDocument) throws(MongoError) {
        let update = MongoUpdate(filter: .id(id), update: change, upsert: true)
        try store.history.pool.withConnection { connection throws(MongoError) in
            _ = try connection.update([update], in: Self.collection, of: store.history.database)
        }
    }

    /// No destination is called so.
    private static let switchID = "*"
    private static var collection: String { Collection.outboxControls.rawValue }
}
