import Analytics
import Limits
import MongoDB

extension HistoryQueries {
    /// Who wrote in channels, piece by piece.
    ///
    /// - Returns: `nil` where too much is not remembered; it is then read for whoever asks again, unless it is too much for that, too.
    func writers(_ question: DatedQuestion, _ pairs: ChannelPairs) throws(MongoError) -> [PairSet]? {
        let (end, quarters) = (end, question.range.quarters)
        let versions = try versions(of: quarters)
        var (writers, unknown) = ([PairSet](), [FigurePiece]())
        for month in quarters.pieces(byDay: false) {
            let (known, missing) = knownWriters(month.quarters, versions, pairs, today: Quarter(question.now).day)
            writers += known
            unknown += missing
        }
        let messages = try messages(in: unknown)
        guard messages <= limits.writerMessagesAtOnce else {
            if messages <= limits.writerMessagesMost {
                store.reader.read(.writers) { [patient] () throws(MongoError) in
                    _ = try patient.rememberedShares(question)
                }
            }
            return nil
        }
        for run in unknown.runs {
            guard let some = try until(end).writers(in: run, versions, pairs) else { return nil }
            writers += some
        }
        return writers
    }

    /// Those of pieces of one month; of all of it together, once they are known of each.
    private func knownWriters(
        _ month: Range<Quarter>,
        _ versions: FigureVersions,
        _ pairs: ChannelPairs,
        today: Int64
    ) -> (known: [PairSet], unknown: [FigurePiece]) {
        let (memory, version) = (store.channels, versions.ofWriters(month))
        let pieces = month.pieces(today: today)
        if pieces.count > 1, let known = memory.writers(month, version: version, pairs) { return ([known], []) }
        var (known, unknown) = ([PairSet](), [FigurePiece]())
        for piece in pieces {
            let version = versions.ofWriters(piece.quarters)
            if let writers = memory.writers(piece.quarters, version: version, pairs) {
                known.append(writers)
            } else {
                unknown.append(piece)
            }
        }
        let isOver = !(month.lowerBound.day...Quarter(month.upperBound.number - 1).day).contains(today)
        guard unknown.isEmpty, pieces.count > 1, isOver else { return (known, unknown) }
        let all = PairSet(known)
        memory.keep(writers: all, month, version: version, pairs)
        return ([all], [])
    }

    /// How many were sent, as far as counts are kept.
    func messages(in pieces: [FigurePiece]) throws(MongoError) -> Int64 {
        guard let start = pieces.first?.quarters.lowerBound, let end = pieces.last?.quarters.upperBound else {
            return 0
        }
        var sum: Int64 = 0
        try forEachCount(RollupSelection(.messages, of: .all, in: start..<end)) { document in
            for (quarter, count) in document.counts where pieces.index(of: quarter) != nil { sum += count }
        }
        return sum
    }

    /// Goes through messages in the order of time: a piece is kept as soon as it is over, also if there is no time for all.
    private func writers(
        in run: ArraySlice<FigurePiece>,
        _ versions: FigureVersions,
        _ pairs: ChannelPairs
    ) throws(MongoError) -> [PairSet]? {
        var (writers, found, seen) = ([PairSet](), [Int32](), 0)
        func finish(_ piece: FigurePiece) {
            let (pairsOfPiece, version) = (PairSet(found), versions.ofWriters(piece.quarters))
            writers.append(pairsOfPiece)
            store.channels.keep(writers: pairsOfPiece, piece.quarters, version: version, pairs)
            found.removeAll(keepingCapacity: true)
        }
        var rest = run
        try forEachWriting(in: run) { (quarter, cid, sender) in
            while let piece = rest.first, piece.quarters.upperBound <= quarter {
                finish(piece)
                rest.removeFirst()
            }
            found.append(pairs.number(channel: pairs.names.number(of: cid), user: sender))
            seen += 1
            return seen <= limits.writerMessagesAtOnce && pairs.count < Limits.Figures().channelPairsKept
        }
        guard seen <= limits.writerMessagesAtOnce, pairs.count < Limits.Figures().channelPairsKept else { return nil }
        for piece in rest { finish(piece) }
        return writers
    }

    /// - Parameter body: whether to go on.
    private func forEachWriting(
        in run: ArraySlice<FigurePiece>,
        _ body: (Quarter, _ cid: String, _ sender: String) -> Bool
    ) throws(MongoError) {
        guard let start = run.first?.quarters.lowerBound, let end = run.last?.quarters.upperBound else { return }
        let options = MongoFindOptions(
            sort: .keys(("createdAt", 1)),
            projection: .withoutID("createdAt", "cid", "sender_id"),
            batchSize: Self.rollupBatch,
            maxTimeMS: limits.milliseconds
        )
        try store.pool.withConnection { connection throws(MongoError) in
            try connection.find(
                Collection.messages.rawValue,
                (start..<end).filterOfWriting,
                in: store.database,
                options: options
            ) { (document: BSONDocument) throws(MongoError) in
                guard let time = document.time("createdAt"), let cid = document.string("cid"),
                    let sender = document.string("sender_id")
                else { return true }
                return body(Quarter(time), cid, sender)
            }
        }
    }
}

extension Range<Quarter> {
    /// Messages that somebody wrote in a channel.
    fileprivate var filterOfWriting: BSONDocument {
        var filter = filter("createdAt")
        filter.append("sender_id") { $0.append("$exists", true) }
        filter.append("type") { $0.append("$ne", Rollups.systemType) }
        return filter
    }
}
