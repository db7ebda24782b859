import Analytics
import Limits
import MongoDB

/// Members of a channel, and how many of them wrote in it.
struct ChannelShare {
    let cid: String
    /// `nil` also where the question does not need it.
    let listing: String?
    let wrote, members: Int
}

extension HistoryQueries {
    /// Of every channel in which somebody wrote and that has members; days and channels of which nothing has changed since are
    /// not read again.
    ///
    /// - Returns: `nil` where that is not remembered, or would be too much.
    func rememberedShares(_ question: DatedQuestion) throws(MongoError) -> [ChannelShare]? {
        guard store.settings.keepsFigures, question.isRemembered, !question.range.quarters.isEmpty else { return nil }
        let (end, pairs) = (end, store.channels.pairs(store.names.names()))
        guard let writers = try writers(question, pairs) else { return nil }
        let written = WrittenPairs(writers, pairs)
        guard written.channels.count <= limits.memberChannelsMost,
            let members = try until(end).members(of: written.channels, pairs)
        else { return nil }
        let listings = question.isOfListings ? try until(end).listings(of: written.channels, pairs) : [:]
        let names = pairs.names.all
        return written.channels.compactMap { channel in
            guard let members = members[channel], !members.isEmpty else { return nil }
            let wrote = members.count { written.contains($0) }
            let listing = listings[channel].flatMap { $0 < 0 ? nil : names[Int($0)] }
            return ChannelShare(cid: names[Int(channel)], listing: listing, wrote: wrote, members: members.count)
        }
    }
}

extension DatedQuestion {
    /// About one channel there is little to look at.
    fileprivate var isRemembered: Bool { [nil, .channelType, .listing].contains(place?.filter) }

    fileprivate var isOfListings: Bool { grouping == .listing || place?.filter == .listing }
}
