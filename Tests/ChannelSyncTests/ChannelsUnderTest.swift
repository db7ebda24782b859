import Analytics
import ChannelSync
import Chat
import Dispatch
import Foundation
import History
import Limits
import MongoDB
import Outbox
import Synchronization
import TestSupport

/// Channels of business objects in a database of their own.
///
/// Every call blocks.
final class ChannelsUnderTest: Sendable {
    struct Row: Sendable, Equatable {
        let action: String
        let lane: String
        let state: EffectState
        let payload: String
    }

    private let history: HistoryStore
    private let order = WriteOrder()
    private let database: String

    init(_ pool: MongoPool, _ database: String) throws {
        self.database = database
        history = try HistoryStore.open(
            pool: pool,
            database: database,
            app: AppIdentity(id: nil, apiKeys: ["k"]),
            patterns: try ContextPatterns(),
            weights: EngagementWeights()
        )
    }

    func store(_ mode: EffectMode = .on) -> ChannelStore {
        ChannelStore(history, limits: Limits(), mode: mode, order: order)
    }

    func desired(_ id: String, members: [String]) -> DesiredChannel {
        DesiredChannel(
            kind: "event",
            objectID: id,
            cid: "messaging:event-\(id)",
            creator: "ada",
            content: ChannelContent(fields: ["name": "\"N\"", "$where": #"{"a.b":1}"#], members: members)
        )
    }

    @discardableResult
    func put(_ id: String, members: [String], mode: EffectMode = .on) throws(MongoError) -> ChannelStore.Outcome {
        let desired = desired(id, members: members)
        return try store(mode).apply(
            .put(desired, again: false),
            to: desired.cid,
            cause: Effect.Cause(.call, "key"),
            at: Timestamp(milliseconds: 1_900_000_000_000)
        )
    }

    /// As the interface does it: again when another writer was faster.
    func putRepeating(_ id: String, members: [String]) throws {
        while true {
            do throws(MongoError) {
                try put(id, members: members)
                return
            } catch {
                guard error.asksForRepetition else { throw error }
            }
        }
    }

    /// As the dispatcher or an operator leaves all effects of an action.
    func becomes(_ action: String, _ state: EffectState, failures: Int32 = 0) throws(MongoError) {
        try history.pool.withConnection { connection throws(MongoError) in
            var filter = BSONDocument()
            filter.append("action", action)
            var change = BSONDocument()
            change.append("$set") {
                $0.append("state", state.rawValue)
                $0.append("failures", failures)
            }
            let update = MongoUpdate(filter: filter, update: change, multi: true)
            _ = try connection.update([update], in: Collection.outbox.rawValue, of: database)
        }
    }

    /// In the order of writing.
    func effects() throws -> [Row] {
        var rows: [Row] = []
        try history.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Collection.outbox.rawValue,
                BSONDocument(),
                in: database,
                options: .init(sort: .keys(("order", 1)))
            ) { (document: BSONDocument) throws(MongoError) in
                rows.append(
                    Row(
                        action: document.string("action") ?? "",
                        lane: document.string("lane") ?? "",
                        state: document.string("state").flatMap(EffectState.init) ?? .dead,
                        payload: document.string("payload") ?? ""
                    )
                )
                return true
            }
        }
        return rows
    }
}

/// Work of several threads at once.
struct Blocked: Sendable {
    let work: [@Sendable () throws -> Void]

    init(_ work: [@Sendable () throws -> Void]) { self.work = work }

    /// Returns once all are done.
    func run() throws {
        let failures = Mutex<[any Error]>([])
        let threads = DispatchGroup()
        for body in work {
            let thread = Thread {
                do { try body() } catch { failures.withLock { $0.append(error) } }
                threads.leave()
            }
            threads.enter()
            thread.start()
        }
        threads.wait()
        if let first = failures.withLock({ $0.first }) { throw first }
    }
}
