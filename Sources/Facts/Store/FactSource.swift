package import Chat
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

    /// Whether it has anything of this kind: where it has not, single things need not be asked for.
    ///
    /// Blocking, for a bounded time.
    func hasAny(_ kind: String) throws(FactSourceError) -> Bool

    /// Some of the things of this kind, by id; those of a source that does not keep them for us are read as they are asked
    /// for.
    ///
    /// Blocking, for a bounded time.
    func loadAll(_ kind: String, most: Int) throws(FactSourceError) -> [String: FactRecord]

    /// What a source of the chat itself says by a record that its caller has at hand; `nil` where it is none or has none.
    func record(of key: FactKey, in known: ChatRecords) -> FactRecord?
}

extension FactSource {
    func hasAny(_: String) -> Bool { true }
    func loadAll(_: String, most _: Int) -> [String: FactRecord] { [:] }
    func record(of key: FactKey, in known: ChatRecords) -> FactRecord? { nil }
}

/// Users and channels that whoever asks for facts has read already.
package struct ChatRecords: Sendable {
    package var users: [String: UserRecord]
    package var channels: [String: ChannelRecord]

    /// - Parameters:
    ///   - users: by id.
    ///   - channels: by `cid`.
    package init(users: [String: UserRecord] = [:], channels: [String: ChannelRecord] = [:]) {
        (self.users, self.channels) = (users, channels)
    }
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
