import Chat
import MongoDB

/// The stage of an erasure that removes the user's own finished effects, whose keys name the user, and empties others that
/// were not performed, found by the ids of the user and of erased messages.
///
/// Of an effect whose answers alone name the user, such as one to the seller of a listing, it removes these.
///
/// What waits or is under way is left: it may be the deletion of that very user at the provider, and loses its payload once it
/// is done.
struct EffectEraser {
    private let eraser: UserEraser
    private var sweeper: Sweeper { eraser.sweeper }

    init(_ eraser: UserEraser) { self.eraser = eraser }

    func step(after: BSONDocument?, limit: Int) throws(MongoError) -> UserEraser.Progress {
        var own = BSONDocument.matching("lane", eraser.user)
        own.append("open") { $0.append("$exists", false) }
        let removed = try eraser.remove(own, from: .outbox, limit)
        if removed > 0 { try ErasureLedger(sweeper).add([.effects: removed], of: eraser.user) }
        guard removed < limit else { return .more(after: after) }
        var filter = BSONDocument()
        if let after = after?.string("_id") { filter.append("_id") { $0.append("$gt", after) } }
        filter.append("open") { $0.append("$exists", false) }
        filter.append("$or") { (either: inout BSONArray) in
            either.append { $0.append("payload") { $0.append("$exists", true) } }
            // Answers that name somebody are those of attempts that failed.
            either.append { $0.append("timeline.what", in: ["dead", "failed", "put_off"]) }
            either.append { $0.append("state", "dead") }
        }
        let content = ErasedContent(
            connection: sweeper.connection,
            session: sweeper.session,
            database: sweeper.database
        )
        var (last, seen) = (BSONDocument(), 0)
        var updates: [MongoUpdate] = []
        var sort = BSONDocument()
        sort.append("_id", Int32(1))
        try eraser.find(.outbox, filter, .init(sort: sort, projection: Self.looked, limit: limit)) {
            (document: BSONDocument) throws(MongoError) in
            guard let id = document.string("_id") else { return }
            seen += 1
            last = .id(id)
            let payload = document.string("payload") ?? ""
            if try content.isNamed(in: Array(payload.utf8)) {
                updates.append(MongoUpdate(filter: last, stages: Self.emptying))
            } else if isNamed(inAnswersOf: document) {
                updates.append(MongoUpdate(filter: last, stages: Self.forgettingAnswers))
            }
        }
        if !updates.isEmpty {
            _ = try sweeper.connection.update(
                updates,
                in: Collection.outbox.rawValue,
                of: sweeper.database,
                session: sweeper.session
            )
            try ErasureLedger(sweeper).add([.effects: updates.count], of: eraser.user)
        }
        return seen < limit ? .done : .more(after: last)
    }

    private func isNamed(inAnswersOf effect: BSONDocument) -> Bool {
        let entries = effect.array("timeline") ?? []
        let sentences = [effect.string("answer")] + entries.map { $0.document?.string("detail") }
        return sentences.contains { $0?.names(eraser.user) ?? false }
    }

    private static let looked: BSONDocument = .only("payload", "answer", "timeline")

    /// Leaves key and times: neither what was to be done nor what was answered.
    ///
    /// What was scheduled is cancelled.
    private static let emptying: [BSONDocument] = {
        var set = BSONDocument()
        set.append("$set") {
            $0.append("erased", true)
            $0.append("state", "cancelled")
            // From here it is kept as long as any other.
            $0.append("finished") {
                $0.append("$ifNull") { (array: inout BSONArray) in
                    array.append("$finished")
                    array.append("$$NOW")
                }
            }
        }
        return [set, unsetting("payload", "answer", "timeline", "due", "next")]
    }()

    private static let forgettingAnswers: [BSONDocument] = {
        var set = BSONDocument()
        set.append("$set") { $0.append("erased", true) }
        return [set, unsetting("answer", "timeline")]
    }()

    private static func unsetting(_ fields: String...) -> BSONDocument {
        var stage = BSONDocument()
        stage.append("$unset", fields)
        return stage
    }
}

extension String {
    /// Whether it holds this id, not as part of a longer one.
    fileprivate func names(_ id: String) -> Bool {
        ranges(of: id).contains { range in
            let before = range.lowerBound == startIndex ? nil : self[index(before: range.lowerBound)]
            let after = range.upperBound == endIndex ? nil : self[range.upperBound]
            return ![before, after].contains { $0?.isPartOfID ?? false }
        }
    }
}

extension Character {
    fileprivate var isPartOfID: Bool { isLetter || isNumber || self == "_" || self == "-" || self == "@" }
}
