import MongoDB

/// One place that facts come from.
protocol FactSource: Sendable {
    var origin: FactOrigin { get }
    /// Whether what it says may be remembered for a while.
    var isCached: Bool { get }
    /// The collections by which changes of what was remembered are noticed.
    var watches: [FactWatch] { get }

    /// Whether it may know things of this kind.
    func covers(_ kind: String) -> Bool

    /// The records of those things that it has, by id.
    ///
    /// Blocking, for a bounded time.
    func load(_ kind: String, _ ids: [String]) throws(FactSourceError) -> [String: FactRecord]
}

/// A source could not be asked: in one sentence why, without content.
struct FactSourceError: Error {
    let reason: String
}

/// A collection whose changes make remembered facts untrue.
struct FactWatch: Sendable {
    /// Which facts a change touches.
    enum Touched: Sendable, Equatable {
        case key(FactKey)
        /// Whatever is known of these kinds.
        case everything
    }

    let origin: FactOrigin
    /// For people: `shop.listings`.
    let name: String
    /// Of what comes from this collection.
    let kinds: Set<String>?
    let collection: String
    let pipeline: [BSONDocument]
    let looksUpDocuments: Bool
    /// Where the collection is; blocking.
    let open: @Sendable () throws(MongoError) -> (pool: MongoPool, database: String)
    let touched: @Sendable (BSONDocument) -> [Touched]
}
