import Analytics
import Limits
import MongoDB

/// Members of a channel, and how many of them wrote in it.
struct ChannelShare {
    let cid: String
    let wrote, members: Int
}

extension HistoryQueries {
    /// Of every channel in which somebody wrote and that has members; days and channels of which nothing has changed since are
    /// not read again.
    ///
    /// - Returns: `nil` where that is not remembered, or would be too much.
    func rememberedShares(_ question: DatedQuestion) throws(MongoError) -> [ChannelShare]? {
        guard store.settings.keepsFigures, question.isOfChannelIDs, !question.range.quarters.isEmpty else { return nil }
        let (end, pairs) = (end, store.channels.pairs())
        guard let writers = try writers(question, pairs) else { return nil }
        let written = WrittenPairs(writers, pairs)
        guard written.channels.count <= limits.memberChannelsMost,
            let members = try until(end).members(of: written.channels, pairs)
        else { return nil }
        let names = pairs.channels.all
        return written.channels.compactMap { channel in
            guard let members = members[channel], !members.isEmpty else { return nil }
            let wrote = members.count { written.contains($0) }
            return ChannelShare(cid: names[Int(channel)], wrote: wrote, members: members.count)
        }
    }

    // MARK: Writers

    /// Who wrote in channels, piece by piece.
    private func writers(_ question: DatedQuestion, _ pairs: ChannelPairs) throws(MongoError) -> [[Int32]]? {
        let (end, quarters) = (end, question.range.quarters)
        let versions = try versions(of: quarters)
        var (writers, unknown) = ([[Int32]](), [FigurePiece]())
        for piece in quarters.pieces(today: Quarter(question.now).day) {
            let version = versions.ofWriters(piece.quarters)
            if let known = store.channels.writers(piece.quarters, version: version, pairs) {
                writers.append(known)
            } else {
                unknown.append(piece)
            }
        }
        guard try messages(in: unknown) <= limits.writerMessagesMost else { return nil }
        for run in unknown.runs {
            guard let some = try until(end).writers(in: run, versions, pairs) else { return nil }
            writers += some
        }
        return writers
    }

    /// How many were sent, as far as counts are kept.
    private func messages(in pieces: [FigurePiece]) throws(MongoError) -> Int64 {
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
    ) throws(MongoError) -> [[Int32]]? {
        var (writers, found, seen) = ([[Int32]](), [Int32](), 0)
        func finish(_ piece: FigurePiece) {
            let (pairsOfPiece, version) = (found.sortedOnce, versions.ofWriters(piece.quarters))
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
            found.append(pairs.number(channel: pairs.channels.number(of: cid), user: sender))
            seen += 1
            return seen <= limits.writerMessagesMost
        }
        guard seen <= limits.writerMessagesMost else { return nil }
        for piece in rest { finish(piece) }
        return writers
    }

    /// - Parameter body: whether to go on.
    private func forEachWriting(
        in run: ArraySlice<FigurePiece>,
        _ body: (Quarter, _ cid: String, _ sender: String) -> Bool
    ) throws(MongoError) {
        guard let start = run.first?.quarters.lowerBound, let end = run.last?.quarters.upperBound else { return }
        var fields = BSONDocument.only("createdAt", "cid", "sender_id")
        fields.append("_id", Int32(0))
        let options = MongoFindOptions(
            sort: .keys(("createdAt", 1)),
            projection: fields,
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

    // MARK: Members

    /// Those that channels have now, by channel.
    private func members(of channels: [Int32], _ pairs: ChannelPairs) throws(MongoError) -> [Int32: [Int32]]? {
        let (end, memory) = (end, store.channels)
        var versions = try memberVersions()
        // Another question may have got newer numbers in between; what it has read is not to be forgotten for that.
        if !memory.reaches(versions) { versions = try memberVersions() }
        let known = memory.members(versions, pairs)
        let unknown = channels.filter { known[$0] == nil }
        guard !unknown.isEmpty else { return known }
        guard try count(.members) <= Limits.Figures().channelMembersKept else { return nil }
        let names = pairs.channels.all
        var members: [Int32: [Int32]] = [:]
        for start in stride(from: 0, to: unknown.count, by: Self.channelsAtOnce) {
            let some = unknown[start..<min(start + Self.channelsAtOnce, unknown.count)]
            let found = try until(end).members(of: some.map { names[Int($0)] })
            for channel in some {
                let users = found[names[Int(channel)]] ?? []
                members[channel] = users.map { pairs.number(channel: channel, user: $0) }
            }
        }
        memory.keep(members: members, versions, pairs)
        return known.merging(members) { $1 }
    }

    /// How many documents there are, or were when MongoDB was last stopped hard: from what it notes, without looking.
    private func count(_ collection: Collection) throws(MongoError) -> Int64 {
        try store.pool.withConnection { connection throws(MongoError) in
            let reply = try connection.command(.command("count", collection.rawValue), on: store.database)
            return reply.int64("n") ?? 0
        }
    }
}

extension DatedQuestion {
    /// A channel's id tells whether it is asked for, and its group.
    fileprivate var isOfChannelIDs: Bool {
        grouping != .listing && (place == nil || place?.filter == .channelType)
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

extension [Int32] {
    /// Each number once.
    fileprivate var sortedOnce: [Int32] {
        var (numbers, last) = ([Int32](), Int32?.none)
        for number in sorted() where number != last {
            numbers.append(number)
            last = number
        }
        return numbers
    }
}
