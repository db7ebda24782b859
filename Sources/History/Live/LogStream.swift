package import MongoDB

/// Events as they are stored, by whichever node, each once and in the order of their ``LogMoment``.
///
/// Source: MongoDB manual, "Change Streams". Reaches back as far as MongoDB's oplog does.
package struct LogStream {
    package enum Step {
        case event(LogMoment, LogEntry)
        /// There is nothing more for now. Whatever was stored before this moment has been told; `nil` where that is not known.
        case quiet(LogMoment?)
    }

    private let store: HistoryStore
    private let waitMilliseconds: Int

    /// - Parameter waitMilliseconds: before ``Step/quiet(_:)``.
    package init(_ store: HistoryStore, waitMilliseconds: Int) {
        (self.store, self.waitMilliseconds) = (store, waitMilliseconds)
    }

    /// After all that is stored by now: the last moment of its time.
    ///
    /// Blocking.
    package static func now(_ store: HistoryStore) throws(MongoError) -> LogMoment {
        try store.pool.withConnection { connection throws(MongoError) in
            let reply = try connection.command(.command("ping", Int32(1)), on: store.database)
            return LogMoment(time: reply.timestamp("operationTime") ?? 0, index: .max)
        }
    }

    /// Calls `body` with what was stored after a moment until it answers `false`.
    ///
    /// Blocking; holds a connection.
    ///
    /// - Throws: also with ``MongoError/lostPosition`` when the oplog no longer reaches back to `moment`.
    package func follow(after moment: LogMoment, _ body: (Step) -> Bool) throws(MongoError) {
        let options = MongoWatchOptions(startAt: moment.time, waitMilliseconds: waitMilliseconds)
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.watch(
                Collection.events.rawValue,
                Self.pipeline,
                in: store.database,
                options: options
            ) { changes throws(MongoError) in
                var last = LogMoment(time: 0)
                while true {
                    guard let change = try changes.next() else {
                        guard body(.quiet(Self.reached(changes.resumeToken))) else { return }
                        continue
                    }
                    guard let time = change.timestamp("clusterTime"),
                        let entry = change.document("fullDocument").flatMap(LogEntry.init)
                    else { continue }
                    // What one transaction stored has one time, and its order is that of the oplog.
                    last = LogMoment(time: time, index: time == last.time ? last.index + 1 : 0)
                    guard last > moment else { continue }
                    guard body(.event(last, entry)) else { return }
                }
            }
        }
    }

    private static var pipeline: [BSONDocument] {
        var match = BSONDocument()
        match.append("$match") { $0.append("operationType", "insert") }
        var project = BSONDocument()
        project.append("$project") { fields in
            fields.append("clusterTime", Int32(1))
            for name in LogEntry.fields { fields.append("fullDocument.\(name)", Int32(1)) }
        }
        return [match, project]
    }

    /// A resume token begins with its time: type 0x82, then eight bytes.
    ///
    /// Source: mongo/src/mongo/db/pipeline/resume_token.cpp, storage/key_string.cpp, MongoDB 6.0.
    private static func reached(_ token: BSONDocument?) -> LogMoment? {
        guard let data = token?.string("_data"), data.hasPrefix("82") else { return nil }
        return UInt64(data.dropFirst(2).prefix(16), radix: 16).map { LogMoment(time: $0) }
    }
}
