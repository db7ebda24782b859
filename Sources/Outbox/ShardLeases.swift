import Chat
import History
import Limits
import MongoDB

/// Which shards this node performs, under leases with fencing tokens.
///
/// Times are the server's, so that nodes' clocks do not matter; whether a lease still holds is judged by the time since
/// this node renewed it. Every call blocks.
struct ShardLeases: Sendable {
    private let store: OutboxStore
    private let node: String
    /// The tokens of the shards held.
    private(set) var tokens: [Int: Int64] = [:]
    /// Of these, shards that another node is to have as soon as nothing of them is under way: nothing more is begun.
    private(set) var leaving: Set<Int> = []
    private var renewedAt: Duration?

    init(_ store: OutboxStore, node: String) { (self.store, self.node) = (store, node) }

    /// Whether what is begun now is begun under leases that hold.
    func hold(at uptime: Duration) -> Bool {
        // A second is left for what happens between asking and beginning.
        renewedAt.map { uptime - $0 < .seconds(store.limits.leaseSeconds - 1) } ?? false
    }

    /// When to renew.
    var renewal: Duration { renewedAt.map { $0 + .seconds(store.limits.renewSeconds) } ?? .zero }

    /// The shards whose effects are begun here.
    var active: [Int: Int64] { tokens.filter { !leaving.contains($0.key) } }

    /// Renews, claims what nobody holds, and gives away what others should have.
    ///
    /// - Parameters:
    ///   - uptime: the monotonic time before this call.
    ///   - busy: shards with effects under way, which are not given away yet.
    ///   - isEnding: claims nothing more.
    mutating func renew(at uptime: Duration, busy: Set<Int>, isEnding: Bool = false) throws(MongoError) {
        if renewedAt == nil {
            try makeLeases()
            try removeLongDead()
        }
        var held = BSONDocument()
        held.append("owner", node)
        held.append("_id") {
            $0.append("$in") { (array: inout BSONArray) in for shard in tokens.keys { array.append(Int32(shard)) } }
        }
        try update(
            [
                MongoUpdate(filter: .id(heartbeatID), stages: [prolonging()], upsert: true),
                MongoUpdate(filter: held, stages: [prolonging()], multi: true),
            ]
        )
        var board = try read()
        tokens = tokens.filter { board.held[$0.key] == $0.value }
        let share = (Shard.count + board.nodes - 1) / max(board.nodes, 1)
        // A lease that this node held before a restart is claimed anew, since its token must rise.
        let claims = (board.held.keys.filter { tokens[$0] == nil } + board.free).prefix(max(share - tokens.count, 0))
        if !claims.isEmpty, !isEnding {
            try update(claims.map(claim))
            board = try read()
            for shard in claims { tokens[shard] = board.held[shard] }
        }
        // Those that were leaving before, then idle ones.
        let surplus = tokens.keys.sorted().sorted { eagerness(of: $0, busy) > eagerness(of: $1, busy) }
        leaving = Set(surplus.prefix(max(tokens.count - share, 0)))
        try release(leaving.subtracting(busy).sorted()[...])
        renewedAt = uptime
    }

    private func eagerness(of shard: Int, _ busy: Set<Int>) -> Int {
        (leaving.contains(shard) ? 2 : 0) + (busy.contains(shard) ? 0 : 1)
    }

    /// Gives everything away, so that others need not wait.
    mutating func end() throws(MongoError) {
        try release(tokens.keys.sorted()[...])
        _ = try store.history.pool.withConnection { connection throws(MongoError) in
            try connection.delete(
                [(filter: .id(heartbeatID), limit: 1)],
                in: Self.collection,
                of: store.history.database
            )
        }
        renewedAt = nil
    }

    /// What all nodes see.
    private struct Board {
        /// Leases of ours that hold, with their tokens.
        var held: [Int: Int64] = [:]
        var free: [Int] = []
        /// Nodes alive, this one included.
        var nodes = 0
    }

    private func read() throws(MongoError) -> Board {
        var stage = BSONDocument()
        stage.append("$set") {
            $0.append("alive") {
                $0.append("$gt") { (pair: inout BSONArray) in
                    pair.append("$until")
                    pair.append("$$NOW")
                }
            }
        }
        var board = Board()
        try store.history.pool.withConnection { connection throws(MongoError) in
            try connection.aggregate(Self.collection, [stage], in: store.history.database) {
                (document: BSONDocument) throws(MongoError) in
                let isAlive = document.bool("alive") ?? false
                if let shard = document.int64("_id").map(Int.init) {
                    if !isAlive {
                        board.free.append(shard)
                    } else if document.string("owner") == node {
                        board.held[shard] = document.int64("token") ?? 0
                    }
                } else if isAlive {
                    board.nodes += 1
                }
                return true
            }
        }
        return board
    }

    /// Takes a lease that has run out, or was ours, and raises its token.
    private func claim(_ shard: Int) -> MongoUpdate {
        var filter = Self.lease(shard)
        filter.append("$expr") {
            $0.append("$or") { (array: inout BSONArray) in
                array.append {
                    $0.append("$lte") { (pair: inout BSONArray) in
                        pair.append("$until")
                        pair.append("$$NOW")
                    }
                }
                array.append {
                    $0.append("$eq") { (pair: inout BSONArray) in
                        pair.append("$owner")
                        pair.append(node)
                    }
                }
            }
        }
        var token = BSONDocument()
        token.append("$set") {
            $0.append("owner", node)
            $0.append("token") {
                $0.append("$add") { (sum: inout BSONArray) in
                    sum.append("$token")
                    sum.append(Int64(1))
                }
            }
        }
        return MongoUpdate(filter: filter, stages: [token, prolonging()])
    }

    private mutating func release(_ shards: ArraySlice<Int>) throws(MongoError) {
        guard !shards.isEmpty else { return }
        try update(
            shards.map { shard in
                var filter = Self.lease(shard)
                filter.append("owner", node)
                var change = BSONDocument()
                change.append("$set") {
                    $0.append("owner", "")
                    $0.append("until", date: 0)
                }
                return MongoUpdate(filter: filter, update: change)
            }
        )
        for shard in shards { tokens[shard] = nil }
        leaving.subtract(shards)
    }

    private func makeLeases() throws(MongoError) {
        try update(
            (0..<Shard.count).map { shard in
                var fields = BSONDocument()
                fields.append("$setOnInsert") {
                    $0.append("owner", "")
                    $0.append("until", date: 0)
                    $0.append("token", Int64(0))
                }
                return MongoUpdate(filter: Self.lease(shard), update: fields, upsert: true)
            }
        )
    }

    /// Heartbeats of nodes that ended without a farewell, a day ago or more.
    private func removeLongDead() throws(MongoError) {
        var filter = BSONDocument()
        filter.append("owner") { $0.append("$exists", false) }
        filter.append("$expr") {
            $0.append("$lt") { (pair: inout BSONArray) in
                pair.append("$until")
                pair.append {
                    $0.append("$subtract") { (times: inout BSONArray) in
                        times.append("$$NOW")
                        times.append(Int64(86_400_000))
                    }
                }
            }
        }
        _ = try store.history.pool.withConnection { connection throws(MongoError) in
            try connection.delete([(filter: filter, limit: 0)], in: Self.collection, of: store.history.database)
        }
    }

    private func prolonging() -> BSONDocument {
        var stage = BSONDocument()
        stage.append("$set") {
            $0.append("until") {
                $0.append("$add") { (sum: inout BSONArray) in
                    sum.append("$$NOW")
                    sum.append(Int64(store.limits.leaseSeconds) * 1_000)
                }
            }
        }
        return stage
    }

    private func update(_ updates: [MongoUpdate]) throws(MongoError) {
        try store.history.pool.withConnection { connection throws(MongoError) in
            _ = try connection.update(updates, in: Self.collection, of: store.history.database)
        }
    }

    private var heartbeatID: String { "node/\(node)" }

    private static func lease(_ shard: Int) -> BSONDocument {
        var filter = BSONDocument()
        filter.append("_id", Int32(shard))
        return filter
    }

    private static var collection: String { Collection.outboxLeases.rawValue }
}
