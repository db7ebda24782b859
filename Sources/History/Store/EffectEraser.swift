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

    init(_ eraser: UserEraser) { self.eraser = eraser }

    func step(after: BSONDocument?, limit: Int) throws(MongoError) -> UserEraser.Progress {
        var own = BSONDocument.matching("lane", eraser.user)
        own.append("open") { $0.append("$exists", false) }
        let removed = try eraser.remove(own, from: .outbox, limit)
        if removed > 0 { try ErasureLedger(eraser.sweeper).add([.effects: removed], of: eraser.user) }
        guard removed < limit else { return .more(after: after) }
        let content = ErasedContent(eraser.sweeper)
        return try eraser.change(.outbox, Self.readable, Self.looked, after: after, limit, as: .effects) {
            (document: BSONDocument, itself: BSONDocument) throws(MongoError) in
            let payload = document.string("payload") ?? ""
            if try content.isNamed(in: Array(payload.utf8)) {
                return MongoUpdate(filter: itself, stages: Self.emptying)
            }
            return isNamed(inAnswersOf: document)
                ? MongoUpdate(filter: itself, stages: Self.forgettingAnswers) : nil
        }
    }

    /// Not to be performed any more, with something that may name somebody.
    private static let readable: BSONDocument = {
        var filter = BSONDocument()
        filter.append("open") { $0.append("$exists", false) }
        filter.append("$or") { (either: inout BSONArray) in
            either.append { $0.append("payload") { $0.append("$exists", true) } }
            // Answers that name somebody are those of attempts that failed.
            either.append { $0.append("timeline.what", in: ["dead", "failed", "put_off"]) }
            either.append { $0.append("state", "dead") }
        }
        return filter
    }()

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
    func names(_ id: String) -> Bool {
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
