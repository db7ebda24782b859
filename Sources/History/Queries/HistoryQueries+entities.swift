package import Chat
import Limits
package import MongoDB

package struct UserDetails: Sendable {
    package let document: BSONDocument
    /// In single channels, as `members` holds them; the ban that holds everywhere is in ``document``.
    package let channelBans: [BSONDocument]
    /// Whom and what the user muted, as `mutes` holds it.
    package let mutes: [BSONDocument]
}

package struct ChannelDetails: Sendable {
    /// With its stamps.
    package let document: BSONDocument
    /// From custom data, completed by what the configured patterns read in the channel's id.
    package let context: BusinessContext
}

package struct SellerDetails: Sendable {
    /// `nil` for a seller of whom no event told as a user.
    package let user: BSONDocument?
    package let reads: Int64
    /// From a buyer's message to the seller's first read of it, on average; `nil` before the first.
    package let averageReadMilliseconds: Int64?
}

extension HistoryQueries {
    package func user(_ id: String, now: Timestamp) throws(MongoError) -> UserDetails? {
        guard let document = try document(.users, id) else { return nil }
        var bans = BSONDocument.equal("user_id", id)
        bans.append("banned", true)
        var mutes = BSONDocument.equal("user_id", id)
        mutes.append("muted", true)
        return UserDetails(
            document: document,
            channelBans: try standing(.members, bans, until: "ban_expires", now),
            mutes: try standing(.mutes, mutes, until: "expires", now)
        )
    }

    package func channel(_ cid: String) throws(MongoError) -> ChannelDetails? {
        guard let document = try documents(.channels, .id(cid), limit: 1).first, let record = ChannelRecord(document)
        else { return nil }
        return ChannelDetails(document: document, context: record.effectiveContext(store.settings.patterns))
    }

    package func listing(_ id: String) throws(MongoError) -> BSONDocument? { try document(.listings, id) }

    package func seller(_ id: String) throws(MongoError) -> SellerDetails? {
        let (user, metrics) = (try document(.users, id), try document(.sellerMetrics, id))
        guard user != nil || metrics != nil else { return nil }
        let reads = metrics?.int64("read_count") ?? 0
        let milliseconds = metrics?.int64("read_latency_ms_total") ?? 0
        return SellerDetails(
            user: user,
            reads: reads,
            averageReadMilliseconds: reads > 0 ? (milliseconds + reads / 2) / reads : nil
        )
    }

    /// Those that have not run out.
    private func standing(
        _ collection: Collection,
        _ filter: BSONDocument,
        until field: String,
        _ now: Timestamp
    ) throws(MongoError) -> [BSONDocument] {
        try documents(
            collection,
            filter,
            sort: .keys(("_id", 1)),
            projection: .withoutStamps,
            limit: limits.detailRows
        ).filter { document in document.time(field).map { $0 > now } ?? true }
    }
}
