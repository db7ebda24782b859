package import Analytics
import Chat
import MongoDB

/// What the figures in this database cover, in the collection `backchannel`.
package struct FigureNote {
    private static let id = "figures"
    /// By level, from when on figures are kept, and of what is older how much went since everything was counted.
    private static let (since, dropped) = ("since", "dropped")

    package struct State: Sendable, Equatable {
        /// Whether figures are kept of what is stored from now on.
        package var areKept = true
        /// Whether everything stored is in them.
        package var isComplete = false
        /// Those whose active users are kept.
        package var zones: [String] = []
        /// What is older is past its retention, where there is one.
        package var since: [FigureLevel: Quarter] = [:]
    }

    /// What figures are made of, besides the conversations in channels' documents.
    static let collections: [Collection] = [.rollups, .people, .turns, .connections, .conversationTimes]

    private let connection: MongoConnection
    private let database: String

    init(_ connection: MongoConnection, _ database: String) {
        (self.connection, self.database) = (connection, database)
    }

    /// Nothing is covered where this was never noted.
    func state(_ session: MongoSession? = nil) throws(MongoError) -> State {
        try stored(session) ?? State()
    }

    /// At the start: a new history is covered from its first event on; of an older one, and of zones that were added, a
    /// rebuild has to count what is there.
    func settle(_ zones: [Zone]) throws(MongoError) {
        let names = zones.map(\.identifier)
        if let state = try stored(), state.areKept {
            // A zone that is no longer kept up is no longer right, also once it is configured again.
            let kept = state.zones.filter(names.contains)
            if kept != state.zones { try write(State(isComplete: state.isComplete, zones: kept)) }
        } else {
            let isNew = try !holdsMessages()
            try write(State(isComplete: isNew, zones: isNew ? names : []))
        }
    }

    /// At the start, where figures are not wanted.
    ///
    /// - Parameter clear: removes what there is of them.
    func settleWithout(_ clear: () throws(MongoError) -> Void) throws(MongoError) {
        if let state = try stored(), !state.areKept { return }
        // What is no longer kept up is wrong from the next message on, and an erasure would not find it.
        try clear()
        try unset(Self.since, Self.dropped)
        try write(State(areKept: false))
    }

    func write(_ state: State) throws(MongoError) {
        var change = BSONDocument()
        change.append("$set") {
            $0.append("kept", state.areKept)
            $0.append("complete", state.isComplete)
            $0.append("zones", state.zones)
        }
        try update(change)
    }

    /// Notes that what is older than these times goes; never back again.
    func raise(_ starts: [FigureLevel: Quarter]) throws(MongoError) {
        guard !starts.isEmpty else { return }
        var change = BSONDocument()
        change.append("$max") {
            for (level, start) in starts {
                for note in [Self.since, Self.dropped] {
                    $0.append("\(note).\(level.rawValue)", date: start.start.milliseconds)
                }
            }
        }
        try update(change)
    }

    /// Before everything is counted again: what goes from now on is told apart from what went before.
    func beginCounting() throws(MongoError) { try unset(Self.dropped) }

    /// Everything from these times on was counted again, but for what went meanwhile, because a node keeps less.
    func endCounting(keeping kept: [FigureLevel: Quarter]) throws(MongoError) {
        var (dropped, noted) = (try times(Self.dropped), 0)
        while noted < FigureLevel.allCases.count {
            let updates = FigureLevel.allCases.map { Self.lowering($0, to: kept[$0], dropped[$0]) }
            noted = try connection.update(updates, in: Collection.mark.rawValue, of: database).matched
            dropped = try times(Self.dropped)
        }
    }

    /// Only while no more than this is noted as gone.
    private static func lowering(_ level: FigureLevel, to kept: Quarter?, _ dropped: Quarter?) -> MongoUpdate {
        var (filter, change) = (BSONDocument.id(id), BSONDocument())
        let field = "\(Self.dropped).\(level.rawValue)"
        if let dropped {
            filter.append(field, date: dropped.start.milliseconds)
        } else {
            filter.append(field) { $0.append("$exists", false) }
        }
        let start = [kept, dropped].compactMap(\.self).max()
        change.append(start == nil ? "$unset" : "$set") {
            $0.append("\(since).\(level.rawValue)", date: start?.start.milliseconds ?? 0)
        }
        return MongoUpdate(filter: filter, update: change)
    }

    private func unset(_ fields: String...) throws(MongoError) {
        var change = BSONDocument()
        change.append("$unset") { for field in fields { $0.append(field, Int32(1)) } }
        try update(change)
    }

    private func update(_ change: BSONDocument) throws(MongoError) {
        let update = MongoUpdate(filter: .id(Self.id), update: change, upsert: true)
        _ = try connection.update([update], in: Collection.mark.rawValue, of: database)
    }

    private func stored(_ session: MongoSession? = nil) throws(MongoError) -> State? {
        var state: State?
        try connection.find(Collection.mark.rawValue, .id(Self.id), in: database, session: session) {
            (document: BSONDocument) throws(MongoError) in
            state = State(
                areKept: document.bool("kept") ?? true,
                isComplete: document.bool("complete") ?? false,
                zones: document.strings("zones"),
                since: Self.times(document.document(Self.since))
            )
            return false
        }
        return state
    }

    private func times(_ field: String) throws(MongoError) -> [FigureLevel: Quarter] {
        var times: [FigureLevel: Quarter] = [:]
        try connection.find(Collection.mark.rawValue, .id(Self.id), in: database) {
            (document: BSONDocument) throws(MongoError) in
            times = Self.times(document.document(field))
            return false
        }
        return times
    }

    private static func times(_ document: BSONDocument?) -> [FigureLevel: Quarter] {
        var times: [FigureLevel: Quarter] = [:]
        for level in FigureLevel.allCases {
            guard let time = document?.date(level.rawValue) else { continue }
            times[level] = Quarter(Timestamp(milliseconds: time))
        }
        return times
    }

    private func holdsMessages() throws(MongoError) -> Bool {
        var found = false
        try connection.find(Collection.messages.rawValue, BSONDocument(), in: database, options: .init(limit: 1)) {
            (_: BSONDocument) throws(MongoError) in
            found = true
            return false
        }
        return found
    }
}
