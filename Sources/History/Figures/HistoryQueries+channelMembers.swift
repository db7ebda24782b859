import Analytics
import Limits
import MongoDB

extension HistoryQueries {
    /// Those that channels have now, by channel.
    func members(of channels: [Int32], _ pairs: ChannelPairs) throws(MongoError) -> [Int32: [Int32]]? {
        let (end, memory, versions) = (end, store.channels, try reachingVersions())
        let known = memory.members(versions, pairs)
        let unknown = channels.filter { known[$0] == nil }
        guard !unknown.isEmpty else { return known }
        guard try count(.members) <= Limits.Figures().channelMembersKept else { return nil }
        let names = pairs.names.all
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

    /// By channel, the listing that its latest message is about, by number; negative where it is none.
    func listings(of channels: [Int32], _ pairs: ChannelPairs) throws(MongoError) -> [Int32: Int32] {
        let (end, memory, versions) = (end, store.channels, try reachingVersions())
        let known = memory.listings(versions, pairs)
        let unknown = channels.filter { known[$0] == nil }
        guard !unknown.isEmpty else { return known }
        let (names, field) = (pairs.names.all, ConversationRecord.field)
        var listings = Dictionary(uniqueKeysWithValues: unknown.map { ($0, Int32(-1)) })
        for start in stride(from: 0, to: unknown.count, by: Self.channelsAtOnce) {
            var filter = BSONDocument()
            filter.append(
                "_id",
                in: unknown[start..<min(start + Self.channelsAtOnce, unknown.count)].map { names[Int($0)] }
            )
            try until(end).forEach(.channels, filter, .only("_id", "\(field).listing_id")) { document in
                guard let cid = document.string("_id"), let channel = pairs.names.known(cid),
                    let listing = document.document(field)?.string("listing_id")
                else { return }
                listings[channel] = pairs.names.number(of: listing)
            }
        }
        memory.keep(listings: listings, versions, pairs)
        return known.merging(listings) { $1 }
    }

    /// Another question may have got newer numbers in between; what it has read is not to be forgotten for that.
    private func reachingVersions() throws(MongoError) -> MemberVersions {
        let versions = try memberVersions()
        return store.channels.reaches(versions) ? versions : try memberVersions()
    }

    /// How many documents there are, or were when MongoDB was last stopped hard: from what it notes, without looking.
    func count(_ collection: Collection) throws(MongoError) -> Int64 {
        try store.pool.withConnection { connection throws(MongoError) in
            let reply = try connection.command(.command("count", collection.rawValue), on: store.database)
            return reply.int64("n") ?? 0
        }
    }
}
