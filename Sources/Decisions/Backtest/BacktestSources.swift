import Chat
import Facts
import History
import Limits
import MongoDB

/// What is read for judging besides events: of one thing the same throughout a backtest, and once, as far as memory allows.
///
/// For one thread.
final class BacktestSources {
    let reader: HistoryReader
    /// `nil` where facts are not to be asked.
    private let store: FactStore?
    private let most: Int
    private var contexts: [String: BusinessContext] = [:]
    private var table = FactTable(keys: [])

    /// - Parameter most: channels and things remembered, each.
    init(_ reader: HistoryReader, facts store: FactStore?, most: Int) {
        (self.reader, self.store, self.most) = (reader, store, most)
    }

    /// Blocking.
    func contexts(ofChannels ids: Set<String>) throws(MongoError) -> [String: BusinessContext] {
        if contexts.count + ids.count > most { contexts = [:] }
        let unknown = ids.filter { contexts[$0] == nil }
        guard !unknown.isEmpty else { return contexts }
        let found = try reader.contexts(ofChannels: unknown)
        for cid in unknown { contexts[cid] = found[cid] ?? BusinessContext() }
        return contexts
    }

    /// Blocking; `nil` where facts are not to be asked.
    func facts(_ wanted: Set<FactKey>) -> FactTable? {
        guard let store else { return nil }
        if table.count + wanted.count > most { table = FactTable(keys: []) }
        let unknown = wanted.filter { !table.wasAsked(for: $0) }
        if !unknown.isEmpty { table.merge(store.load(unknown)) }
        return table
    }
}
