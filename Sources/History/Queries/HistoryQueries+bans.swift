package import Chat
import Limits
package import MongoDB

/// A user kept from writing.
package struct ListedBan: Sendable, Equatable {
    package let user: String
    /// `nil` is everywhere.
    package let cid: String?
    package let state: BanState
    /// When it was said last.
    package let since: Timestamp
}

/// A user who no longer sees another's messages, or a channel's.
package struct ListedMute: Sendable, Equatable {
    /// Who no longer sees them.
    package let user: String
    package let target: MuteRecord.Target
    package let expires: Timestamp?
    /// When it was said last.
    package let since: Timestamp
}

/// A place in a list of bans or mutes: latest first, then by document.
package struct StandingPosition: Sendable, Equatable {
    /// To the nanosecond.
    package var since: Timestamp
    /// The document's, behind a letter that tells its collection.
    package var id: String
    package init(since: Timestamp, id: String) { (self.since, self.id) = (since, id) }
}

package struct StandingPage<Row: Sendable>: Sendable {
    package let rows: [Row]
    package let next: StandingPosition?
}

/// What bans and mutes are listed by; everything is optional.
package struct StandingFilter: Sendable, Equatable {
    package var user: String?
    /// Of bans: in this channel alone; of mutes: of this channel.
    package var channel: String?
    /// Of bans: who said so.
    package var by: String?
    package var shadow: Bool?
    /// Of mutes: of this user.
    package var target: String?
    /// Said by that time; `nil` is at any time.
    package var at: Timestamp?
    /// Also those that had ended by then.
    package var isWithExpired = false
    package init() {}
}

extension HistoryQueries {
    /// Latest first: bans that hold everywhere, and those of single channels.
    package func bans(
        _ filter: StandingFilter,
        after position: StandingPosition?,
        limit: Int
    ) throws(MongoError) -> StandingPage<ListedBan> {
        var everywhere = BSONDocument.isTrue("banned")
        everywhere.append("_id", ifPresent: filter.user)
        var here = BSONDocument.isTrue("banned")
        here.append("user_id", ifPresent: filter.user)
        here.append("cid", ifPresent: filter.channel)
        let places = [(Collection.users, everywhere), (.members, here)].dropFirst(filter.channel == nil ? 0 : 1)
        return try page(Array(places), stamp: "ban", ends: "ban_expires", filter, after: position, limit) { document in
            guard let user = document.string("user_id") ?? document.string("_id") else { return nil }
            let since = document.document("v")?.stamp("ban")?.time
            return since.map {
                ListedBan(user: user, cid: document.string("cid"), state: BanState(document), since: $0)
            }
        }
    }

    /// Latest first.
    package func mutes(
        _ filter: StandingFilter,
        after position: StandingPosition?,
        limit: Int
    ) throws(MongoError) -> StandingPage<ListedMute> {
        var mutes = BSONDocument.isTrue("muted")
        mutes.append("user_id", ifPresent: filter.user)
        mutes.append("target_user_id", ifPresent: filter.target)
        mutes.append("target_cid", ifPresent: filter.channel)
        return try page([(.mutes, mutes)], stamp: "state", ends: "expires", filter, after: position, limit) {
            document in
            guard let record = MuteRecord(document), let state = record.state else { return nil }
            return ListedMute(
                user: record.key.userID,
                target: record.key.target,
                expires: state.value.expires,
                since: state.stamp.time
            )
        }
    }

    // MARK: Parts

    /// One list of what several collections hold, each of them by its own index.
    private func page<Row>(
        _ places: [(collection: Collection, filter: BSONDocument)],
        stamp: String,
        ends: String,
        _ filter: StandingFilter,
        after position: StandingPosition?,
        _ limit: Int,
        _ row: (BSONDocument) -> Row?
    ) throws(MongoError) -> StandingPage<Row> {
        var found: [(position: StandingPosition, row: Row)] = []
        for place in places {
            let letter = Self.letter(of: place.collection)
            var query = place.filter
            query.append("banned_by", ifPresent: filter.by)
            if let shadow = filter.shadow {
                query.append("ban_shadow") { $0.append(shadow ? "$eq" : "$ne", true) }
            }
            query.append("$and") { (all: inout BSONArray) in
                all.append(Self.begun("v.\(stamp).0", filter.at, before: position, letter))
                if let at = filter.at, !filter.isWithExpired { all.append(Self.notEnded(ends, at)) }
            }
            let sort = BSONDocument.keys(("v.\(stamp).0", -1), ("_id", -1))
            for document in try documents(place.collection, query, sort: sort, limit: limit + 1) {
                guard let time = document.document("v")?.stamp(stamp)?.time, let id = document.string("_id"),
                    let row = row(document)
                else { continue }
                found.append((StandingPosition(since: time, id: letter + id), row))
            }
        }
        found.sort { ($0.position.since, $0.position.id) > ($1.position.since, $1.position.id) }
        let next = found.count > limit ? found[limit - 1].position : nil
        return StandingPage(rows: found.prefix(limit).map(\.row), next: next)
    }

    private static func letter(of collection: Collection) -> String { String(collection.rawValue.prefix(1)) }

    /// Said by a time, and after `position` in the list.
    private static func begun(
        _ field: String,
        _ at: Timestamp?,
        before position: StandingPosition?,
        _ letter: String
    ) -> BSONDocument {
        var query = BSONDocument()
        let latest = [at, position?.since].compactMap(\.self).min()
        if let latest { query.append(field) { $0.append("$lte", latest.nanoseconds) } }
        guard let position else { return query }
        query.append("$or") { (either: inout BSONArray) in
            either.append { $0.append(field) { $0.append("$lt", position.since.nanoseconds) } }
            let other = String(position.id.prefix(1))
            if letter < other { either.append { $0.append(field, position.since.nanoseconds) } }
            if letter == other {
                either.append { $0.append("_id") { $0.append("$lt", String(position.id.dropFirst())) } }
            }
        }
        return query
    }

    static func notEnded(_ field: String, _ at: Timestamp) -> BSONDocument {
        var query = BSONDocument()
        query.append("$or") { (either: inout BSONArray) in
            either.append { $0.append(field) { $0.append("$exists", false) } }
            either.append { $0.append(field) { $0.append("$gt", date: at.milliseconds) } }
        }
        return query
    }
}

extension BSONDocument {
    fileprivate static func isTrue(_ field: String) -> BSONDocument {
        var document = BSONDocument()
        document.append(field, true)
        return document
    }
}
