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
}

extension DatedQuestion {
    /// A channel's id tells whether it is asked for, and its group.
    fileprivate var isOfChannelIDs: Bool {
        grouping != .listing && (place == nil || place?.filter == .channelType)
    }
}
