import Chat
import MongoDB

/// What an erasure has removed, or put a pseudonym in place of.
package struct ErasureReport: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Messages whose content went; time, type and context remain.
        case messages
        /// Earlier versions of their texts.
        case messageEdits = "message_edits"
        /// Events whose signed body was dropped.
        case rawBodies = "raw_bodies"
        /// Gone over to the pseudonym.
        case reactions
        case readMarks = "read_marks"
        case reads, members, mutes, blocks
        /// Records of others that named the user: mentions, bans, channels, items of review queues.
        case mentions
        case deadLetters = "dead_letters"
        /// Effects that were not performed.
        case effects
        /// What the app has told of the user.
        case facts
        /// What rules have decided about the user, gone over to the pseudonym.
        case decisions
        /// What the user was told or was to be told, and what the user wanted to be told.
        case notifications
        /// Values of the audit trail; their commitments stay.
        case auditValues = "audit_values"
    }

    package var counts: [Kind: Int] = [:]

    package init() {}
    package subscript(kind: Kind) -> Int { counts[kind, default: 0] }
}

/// Adds up what the steps of an erasure remove, in the transactions that remove it, whichever node runs them.
///
/// One document by pseudonym in the collection `backchannel`: it stays as the proof that the erasure was done.
struct ErasureLedger {
    private let connection: MongoConnection
    private let session: MongoSession?
    private let database: String
    private let salt: [UInt8]

    init(_ sweeper: Sweeper) {
        (connection, session) = (sweeper.connection, sweeper.session)
        (database, salt) = (sweeper.database, sweeper.settings.salt)
    }

    init(_ connection: MongoConnection, _ store: HistoryStore) {
        (self.connection, session) = (connection, nil)
        (database, salt) = (store.database, store.settings.salt)
    }

    func add(_ counts: [ErasureReport.Kind: Int], of user: String) throws(MongoError) {
        let counts = counts.filter { $0.value != 0 }
        guard !counts.isEmpty else { return }
        var change = BSONDocument()
        change.append("$inc") { for (kind, count) in counts { $0.append(kind.rawValue, Int64(count)) } }
        let update = MongoUpdate(filter: .id(documentID(of: user)), update: change, upsert: true)
        _ = try connection.update([update], in: Collection.mark.rawValue, of: database, session: session)
    }

    func report(of user: String) throws(MongoError) -> ErasureReport {
        var report = ErasureReport()
        try connection.find(Collection.mark.rawValue, .id(documentID(of: user)), in: database, session: session) {
            (document: BSONDocument) throws(MongoError) in
            for kind in ErasureReport.Kind.allCases {
                report.counts[kind] = document.int64(kind.rawValue).map(Int.init)
            }
            return false
        }
        return report
    }

    private func documentID(of user: String) -> String { Self.idPrefix + Pseudonym.of(user, salt: salt) }

    /// Of its documents; those of users follow.
    static let idPrefix = "erasure:"
}
