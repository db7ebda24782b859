import History
import Limits
import MongoDB

/// Facts that the app has sent, of any kind.
struct PushedFactSource: FactSource {
    let history: HistoryHandle
    let limits: Limits.Facts

    let origin = FactOrigin.pushed
    let isCached = true

    func covers(_: String) -> Bool { true }

    func load(_ kind: String, _ ids: [String]) throws(FactSourceError) -> [String: FactRecord] {
        let keys = ids.map { FactKey(kind: kind, id: $0) }
        return try history.read { (store) throws(MongoError) in
            try PushedFacts(store).load(keys, milliseconds: limits.queryMilliseconds)
        }
    }

    /// Of most kinds that rules ask about, such as users, few apps send any: then that is all that has to be asked.
    func hasAny(_ kind: String) throws(FactSourceError) -> Bool {
        try history.read { (store) throws(MongoError) in
            try PushedFacts(store).hasAny(kind, milliseconds: limits.queryMilliseconds)
        }
    }

    func loadAll(_ kind: String, most: Int) throws(FactSourceError) -> [String: FactRecord] {
        try history.read { (store) throws(MongoError) in
            try PushedFacts(store).loadAll(kind, most: most, milliseconds: limits.queryMilliseconds)
        }
    }

    /// Other nodes write as well.
    var watches: [FactWatch] {
        [
            FactWatch(
                origin: .pushed,
                name: PushedFacts.collection,
                kinds: nil,
                collection: PushedFacts.collection,
                pipeline: [.stage(keeping: ["operationType", "documentKey"])],
                looksUpDocuments: false,
                open: { [history] () throws(MongoError) in
                    do throws(HistoryError) {
                        let store = try history.opened()
                        return (store.pool, store.database)
                    } catch {
                        throw error.asMongoError
                    }
                },
                touched: { change in
                    guard let id = change.document("documentKey")?.string("_id") else { return [.everything] }
                    return FactKey(documentID: id).map { [.key($0)] } ?? []
                }
            )
        ]
    }
}

extension HistoryHandle {
    /// Asks the history, opening it if need be.
    func read<Value>(_ body: (HistoryStore) throws(MongoError) -> Value) throws(FactSourceError) -> Value {
        let store: HistoryStore
        do throws(HistoryError) { store = try opened() } catch { throw FactSourceError(reason: error.description) }
        do throws(MongoError) { return try body(store) } catch { throw FactSourceError(reason: error.description) }
    }
}
