package import Chat
import Crypto
package import History
package import Limits
package import MongoDB
package import Outbox
import Provider

/// The app's users in MongoDB (collection `app_users`), changed together with the effects that this causes.
///
/// Every call blocks.
package struct AppUserStore: Sendable {
    /// Who changes something, and what that may cause.
    package struct Change: Sendable {
        package var cause: Effect.Cause
        package var mode: EffectMode
        package var order: WriteOrder
        package var now: Timestamp

        package init(cause: Effect.Cause, mode: EffectMode, order: WriteOrder, now: Timestamp) {
            (self.cause, self.mode, self.order, self.now) = (cause, mode, order, now)
        }
    }

    /// What became of one user of a request.
    package struct Result: Sendable {
        package let id: String
        package let decision: Swift.Result<SyncDecision, AppUserFault>
        /// Keys of the effects that tell the provider.
        package let effects: [String]
    }

    package let history: HistoryStore
    private let limits: Limits

    package init(_ history: HistoryStore, limits: Limits) { (self.history, self.limits) = (history, limits) }

    // MARK: Changing

    /// Takes what the app says of users, each of them once, and writes what the provider is to be told.
    ///
    /// One transaction, durable on return (majority, journal); may be repeated after any error.
    package func put(_ users: [AppUser], _ change: Change) throws(MongoError) -> [Result] {
        try apply(users.map(\.id), change) { index, situation throws(AppUserFault) in
            try SyncDecision(users[index], situation, limits.users)
        }
    }

    /// Ends a user at the provider, who keeps the messages unless they shall go, too.
    package func delete(_ id: String, messages: Bool, _ change: Change) throws(MongoError) -> Result? {
        try apply([id], change) { _, situation throws(AppUserFault) in
            try SyncDecision(deleting: id, messages: messages, situation)
        }.first
    }

    package func deactivate(_ id: String, messages: Bool, _ change: Change) throws(MongoError) -> Result? {
        try apply([id], change) { _, situation throws(AppUserFault) in
            try SyncDecision(deactivating: id, messages: messages, situation)
        }.first
    }

    private func apply(
        _ ids: [String],
        _ change: Change,
        _ decide: (Int, SyncDecision.Situation) throws(AppUserFault) -> SyncDecision
    ) throws(MongoError) -> [Result] {
        guard !ids.isEmpty else { return [] }
        return try history.pool.withConnection { connection throws(MongoError) in
            try connection.withTransaction { session throws(MongoError) in
                let known = try read(ids, connection, session)
                var writes = Writes()
                var results: [Result] = []
                for (index, id) in ids.enumerated() {
                    let situation = known.situation(of: id, change)
                    let decision = Swift.Result { () throws(AppUserFault) in try decide(index, situation) }
                    var effects: [String] = []
                    if case .success(let decided) = decision {
                        effects = writes.add(decided, situation, change, limits)
                    }
                    results.append(Result(id: id, decision: decision, effects: effects))
                }
                try writes.execute(connection, session, history.database)
                return results
            }
        }
    }

    /// Writes down what looking users up at the provider has taught, as long as the same effect is their newest.
    func note(_ introductions: [Introduction.Note]) throws(MongoError) {
        guard !introductions.isEmpty else { return }
        let updates = introductions.map { note in
            var filter = BSONDocument.id(note.id)
            filter.append("effect", note.effect)
            var change = BSONDocument(capacity: 512)
            change.append("$set") {
                $0.append("sent", note.sent.json)
                $0.append("kept", note.kept)
            }
            return MongoUpdate(filter: filter, update: change)
        }
        try history.pool.withConnection { connection throws(MongoError) in
            _ = try connection.update(updates, in: Collection.appUsers.rawValue, of: history.database)
        }
    }

    // MARK: Reading

    /// Both sides of one user.
    package struct Sides: Sendable {
        package let app: AppUserRecord?
        package let provider: ProviderUser?
        package let effect: EffectState?
    }

    package func sides(of ids: [String]) throws(MongoError) -> [String: Sides] {
        try history.pool.withConnection { connection throws(MongoError) in
            let known = try read(ids, connection, nil)
            var sides: [String: Sides] = [:]
            for id in ids {
                let app = known.app[id]
                let state = app?.effect.flatMap { known.effects[$0] }
                sides[id] = Sides(app: app, provider: known.provider[id], effect: state)
            }
            return sides
        }
    }

    /// A page of the app's users in the order of their ids.
    package func page(after id: String?, limit: Int) throws(MongoError) -> [AppUserRecord] {
        var filter = BSONDocument()
        if let id { filter.append("_id") { $0.append("$gt", id) } }
        return try history.pool.withConnection { connection throws(MongoError) in
            var records: [AppUserRecord] = []
            try connection.find(
                Collection.appUsers.rawValue,
                filter,
                in: history.database,
                options: .init(sort: .keys(("_id", 1)), limit: limit)
            ) { (document: BSONDocument) throws(MongoError) in
                if let record = AppUserRecord(document) { records.append(record) }
                return true
            }
            return records
        }
    }

    private struct Known {
        var app: [String: AppUserRecord] = [:]
        var provider: [String: ProviderUser] = [:]
        var effects: [String: EffectState] = [:]
        var written: [String: Timestamp] = [:]
        var finished: [String: Timestamp] = [:]

        func situation(of id: String, _ change: Change) -> SyncDecision.Situation {
            let stored = app[id]
            return SyncDecision.Situation(
                stored: stored,
                provider: provider[id],
                effect: stored?.effect.flatMap { effects[$0] },
                effectWritten: stored?.effect.flatMap { written[$0] },
                effectFinished: stored?.effect.flatMap { finished[$0] },
                stateEffect: stored?.stateEffect.flatMap { effects[$0] },
                mode: change.mode,
                now: change.now
            )
        }
    }

    private func read(
        _ ids: [String],
        _ connection: MongoConnection,
        _ session: MongoSession?
    ) throws(MongoError) -> Known {
        var known = Known()
        func find(
            _ collection: Collection,
            _ ids: [String],
            _ projection: BSONDocument? = nil,
            _ each: (BSONDocument) -> Void
        ) throws(MongoError) {
            guard !ids.isEmpty else { return }
            var filter = BSONDocument()
            filter.append("_id") { $0.append("$in", ids) }
            try connection.find(
                collection.rawValue,
                filter,
                in: history.database,
                options: .init(projection: projection),
                session: session
            ) { (document: BSONDocument) throws(MongoError) in
                each(document)
                return true
            }
        }
        try find(.appUsers, ids) { if let record = AppUserRecord($0) { known.app[record.id] = record } }
        try find(.users, ids) { if let record = UserRecord($0) { known.provider[record.id] = ProviderUser(record) } }
        let shown = BSONDocument.keys(("state", 1), ("created", 1), ("finished", 1))
        let keys = known.app.values.flatMap { [$0.effect, $0.stateEffect].compactMap { $0 } }
        try find(.outbox, keys, shown) { document in
            guard let key = document.string("_id") else { return }
            known.effects[key] = document.string("state").flatMap(EffectState.init)
            known.written[key] = document.time("created")
            known.finished[key] = document.time("finished")
        }
        return known
    }
}

/// The writes of one transaction.
private struct Writes {
    private var users: [MongoUpdate] = []
    private var outbox: [MongoUpdate] = []

    /// - Returns: keys of the effects that tell the provider.
    mutating func add(
        _ decision: SyncDecision,
        _ situation: SyncDecision.Situation,
        _ change: AppUserStore.Change,
        _ limits: Limits
    ) -> [String] {
        var record = decision.record
        var keys: [String] = []
        let pending = situation.effect == .scheduled ? record.effect.map(Effect.EffectKey.init(stored:)) : nil
        if decision.cancelsPending, let pending {
            outbox.append(pending.cancellation(by: "superseded", limits.outbox, at: change.now))
        }
        for call in decision.calls where change.mode != .off {
            if call.isProfile, !decision.cancelsPending, let pending {
                outbox.append(
                    pending.replacement(
                        payload: call.json,
                        eventTime: change.now,
                        due: Self.dueAgain(situation, change, limits),
                        limits.outbox,
                        at: change.now
                    )
                )
                keys.append(pending.description)
                continue
            }
            let effect = Effect(
                call,
                version: ProfileVersion(record.version, of: call).description,
                cause: change.cause,
                eventTime: change.now,
                notBefore: decision.calls.count == 1 && call.isProfile ? Self.due(situation, change, limits) : nil
            )
            let order = change.order.next(at: change.now)
            if let write = effect.outboxWrite(change.mode, order: order, at: change.now) { outbox.append(write) }
            keys.append(effect.key.description)
            if call.isProfile {
                record.effect = effect.key.description
            } else {
                record.stateEffect = effect.key.description
            }
        }
        if decision.record.state == .deleted { record.effect = nil }
        if decision.outcome != .older, record != situation.stored { users.append(record.write) }
        return keys
    }

    /// Not sooner than a while after the last one, so that what changes meanwhile goes out with it.
    private static func due(
        _ situation: SyncDecision.Situation,
        _ change: AppUserStore.Change,
        _ limits: Limits
    ) -> Timestamp? {
        guard let last = situation.stored?.sentAt, situation.effect?.isBeforeItsEnd ?? true else { return nil }
        let due = Timestamp(nanoseconds: last.nanoseconds + Int64(limits.users.burstMilliseconds) * 1_000_000)
        return due > change.now && last <= change.now ? due : nil
    }

    /// As long as changes follow each other they wait for the last one, but not for ever.
    private static func dueAgain(
        _ situation: SyncDecision.Situation,
        _ change: AppUserStore.Change,
        _ limits: Limits
    ) -> Timestamp {
        let (now, written) = (change.now.milliseconds, (situation.effectWritten ?? change.now).milliseconds)
        let (wait, most) = (Int64(limits.users.burstMilliseconds), Int64(limits.users.burstMostMilliseconds))
        return Timestamp(milliseconds: min(now + wait, written + most))
    }

    func execute(
        _ connection: MongoConnection,
        _ session: MongoSession,
        _ database: String
    ) throws(MongoError) {
        if !users.isEmpty {
            _ = try connection.update(users, in: Collection.appUsers.rawValue, of: database, session: session)
        }
        if !outbox.isEmpty {
            _ = try connection.update(outbox, in: Collection.outbox.rawValue, of: database, session: session)
        }
    }
}

extension EffectState {
    /// Performed, or still to be.
    fileprivate var isBeforeItsEnd: Bool { isOpen || self == .scheduled || self == .done }
}

/// Which of a user's profiles an effect tells: the number puts them in order, the digest says what it was.
package struct ProfileVersion: Sendable, Equatable, CustomStringConvertible {
    package let number: Int64
    package let description: String

    private static let prefix = "profile-"
    private static let digestBytes = 8

    init(_ number: Int64, of call: ProviderCall) {
        self.number = number
        let digest = SHA256.digest(Array(call.json.utf8)).prefix(Self.digestBytes)
        description = "\(Self.prefix)\(number)-\(Hex.encode(Array(digest)))"
    }

    /// `nil` for the key of any other effect.
    package init?(_ key: Effect.EffectKey) {
        let parts = key.description.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[1].hasPrefix(Self.prefix) else { return nil }
        let rest = parts[1].dropFirst(Self.prefix.count)
        guard let number = Int64(rest.prefix { $0 != "-" }) else { return nil }
        (self.number, description) = (number, String(parts[1]))
    }
}
